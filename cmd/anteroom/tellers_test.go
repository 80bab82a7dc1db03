package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// connections is over how many LiveKit tells.
const connections = 16

// stagger is how many events of a room are told before the next room's begin:
// meetings begin and end all the time.
const stagger = 4

// lives are meetings to be told of: for each room its events, in their order.
type lives [][]video.Event

// drawLives draws at least so many events of meetings that all end.
func drawLives(seed, events int) (all lives) {
	for total, n := 0, 0; total < events; n++ {
		story := videotest.Stories(fmt.Sprintf("life-%d", n)).Example(seed + n)
		told := append(story.Events(), endings(story)...)
		all, total = append(all, told), total+len(told)
	}
	return all
}

// endings are the events that a story is without when it goes on.
func endings(s videotest.Story) (more []video.Event) {
	for _, m := range s.Meetings {
		if !m.End.IsZero() {
			continue
		}
		tell := func(kind string, of *video.Participant) {
			more = append(more, video.Event{
				Provider: video.LiveKit, ID: fmt.Sprintf("EV_%s_end_%d", m.Room.SID, len(more)), Type: kind,
				Time: s.End.Truncate(time.Second), Room: m.Room, Participant: of,
			})
		}
		for _, stay := range m.Stays {
			if stay.End.IsZero() && !stay.Active.IsZero() {
				stay.LeaveReason = "CLIENT_INITIATED"
				tell("participant_left", &stay.Participant)
			}
		}
		tell("room_finished", nil)
	}
	return more
}

// makeRooms makes a room for each life and gives their ids.
func (p *program) makeRooms(all lives) []string {
	p.t.Helper()
	host, ids := p.as("host"), make([]string, len(all))
	for n := range all {
		made, err := host.CreateRoom(p.t.Context(), &anteroomv1.CreateRoomRequest{Name: fmt.Sprintf("Life %d", n)})
		require.NoError(p.t, err)
		ids[n] = made.GetRoom().GetId()
	}
	return ids
}

// tellers tell lives as LiveKit does: in the order of each room, and again
// until the answer is 200.
type tellers struct {
	urls    []string // by turns
	told    atomic.Int64
	repeats atomic.Int64
	all     sync.WaitGroup
}

// tell begins, and begins to wait for the end.
func (all lives) tell(ctx context.Context, rooms []string, urls ...string) *tellers {
	t := &tellers{urls: urls}
	for c := range connections {
		t.all.Go(func() {
			h := &http.Client{Transport: &http.Transport{}}
			defer h.CloseIdleConnections()
			for _, body := range all.bodies(rooms, c) {
				t.deliver(ctx, h, body)
			}
		})
	}
	return t
}

// bodies are what one connection tells: of its rooms in turn, since between two
// events of a room there is time.
func (all lives) bodies(rooms []string, connection int) (bodies [][]byte) {
	for step, more := 0, true; more; step++ {
		more = false
		for n := connection; n < len(all); n += connections {
			at := step - stagger*(n/connections)
			more = more || at < len(all[n])
			if at < 0 || at >= len(all[n]) {
				continue
			}
			e := all[n][at]
			e.Room.Name = rooms[n]
			if e.Egress != nil {
				egress := *e.Egress
				egress.RoomName = rooms[n]
				e.Egress = &egress
			}
			bodies = append(bodies, livekittest.Body(e))
		}
	}
	return bodies
}

func (t *tellers) deliver(ctx context.Context, h *http.Client, body []byte) {
	for n := 0; ctx.Err() == nil; n++ {
		if t.post(ctx, h, t.urls[(len(body)+n)%len(t.urls)], body) {
			t.told.Add(1)
			return
		}
		t.repeats.Add(1)
		time.Sleep(5 * time.Millisecond) // nobody tells when it is back
	}
}

func (t *tellers) post(ctx context.Context, h *http.Client, url string, body []byte) (ok bool) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header = livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
	resp, err := h.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK
}

func (all lives) count() (n int) {
	for _, events := range all {
		n += len(events)
	}
	return n
}

// awaitIdle waits until no job is left that is due, whoever runs them.
func awaitIdle(t *testing.T, d *db.DB) time.Duration {
	t.Helper()
	q := job.New(d, slog.New(slog.DiscardHandler))
	return await(t, 5*time.Minute, "no job is left", func() bool { return q.Idle(t.Context()) == nil })
}

// account is all that was told and what follows from it, a line each, in words that are
// the same whatever ids the rooms have. When somebody was looked for is not in
// it: these lives are told to a LiveKit that knows nothing of them.
func account(t *testing.T, d *db.DB) (lines []string) {
	t.Helper()
	ctx, slugs, sids := t.Context(), map[string]string{}, map[string]string{}
	for _, r := range d.Room.Query().Where(room.SlugHasPrefix("life-")).AllX(ctx) {
		slugs[r.ID.String()] = r.Slug
	}
	for _, m := range d.Meeting.Query().Where(meeting.HasRoomWith(room.SlugHasPrefix("life-"))).AllX(ctx) {
		sids[m.ID.String()] = m.ProviderSid
		lines = append(lines, words("meeting", m.ProviderSid, slugs[m.RoomID.String()], m.StartTime, m.EndTime, m.EndRank))
	}
	for _, p := range d.Participation.Query().Where(participation.HasRoomWith(room.SlugHasPrefix("life-"))).AllX(ctx) {
		lines = append(lines, words("participation", p.ProviderSid, slugs[p.RoomID.String()], sids[p.MeetingID.String()], p.Identity,
			p.DisplayName, p.Kind, p.JoinTime, p.LeaveTime, p.LeaveRank, p.LeaveReason, p.PhoneNumber, p.PassID))
	}
	for _, e := range d.WebhookEvent.Query().Where(webhookevent.OriginEQ(webhookevent.OriginWebhook)).AllX(ctx) {
		if slugs[e.RoomName] == "" && e.Outcome == webhookevent.OutcomeApplied {
			continue // of a room that these lives are not in
		}
		lines = append(lines, words("event", e.EventID, slugs[e.RoomName], e.Type, e.RoomSid, e.ParticipantSid, e.EgressID, e.StatedTime,
			e.Outcome, e.Attempts, e.Error, strings.ReplaceAll(string(e.Body), e.RoomName, slugs[e.RoomName])))
	}
	slices.Sort(lines)
	return lines
}

// words are values, with what pointers point to.
func words(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		switch v := v.(type) {
		case *time.Time:
			if v != nil {
				b.WriteString(v.UTC().Format(time.RFC3339Nano))
			}
		default:
			fmt.Fprintf(&b, "%v", v)
		}
		b.WriteByte(' ')
	}
	return b.String()
}
