package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/recording/recordingtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// reelsAtOnce are how many rooms are recorded in at the same time.
const reelsAtOnce = 12

// TestTheAccountOfRecordingsIsTrue plays recordings to the real program, whose
// events are posted: lost, double and late. After one settling the rows are as the
// provider says, and nothing is stuck that it does not know.
func TestTheAccountOfRecordingsIsTrue(t *testing.T) {
	seed := drawSeed(t)
	onFake(t, func(t *testing.T, s *studio) {
		host := s.as("host")
		var rooms []string
		var reels []recordingtest.Reel
		for n := range reelsAtOnce {
			room, _ := s.occupied(host)
			rooms, reels = append(rooms, room.GetId()), append(reels, recordingtest.Reels().Example(seed+n))
			t.Logf("in %s%#v", room.GetId(), reels[n])
		}
		s.idle()
		recordingtest.Play(t, &set{s, host}, recordingtest.Set{Fake: s.fake, Clock: s.clock(), Store: s.app.store}, rooms, reels)
	})
}

// set is the whole program as a recordingtest.Stage.
type set struct {
	*studio
	host client
}

func (s *set) Start(room string) error {
	_, err := s.host.recordings.StartRecording(s.t.Context(), &anteroomv1.StartRecordingRequest{Room: room, Mode: audio})
	if err != nil && reason(err) == "recording_running" {
		return recordingtest.ErrRunning
	}
	return err
}

func (s *set) Stop(id uuid.UUID) { s.stop(s.host, id.String()) }

func (s *set) Hear(d videotest.Delivery) { s.send(d) }

// Work waits for the jobs that are due, and for stops that came too early once they
// are so no more: they come again a second later.
func (s *set) Work() {
	now := "now()"
	if !s.app.db.IsPostgres() {
		now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
	}
	await(s.t, time.Minute, "no job is due", func() bool {
		var due int
		require.NoError(s.t, s.app.db.SQL.QueryRowContext(s.t.Context(),
			"SELECT count(*) FROM river_job WHERE state IN ('running', 'retryable') OR state = 'available' AND scheduled_at <= "+now).Scan(&due))
		return due == 0 && !s.stopsSoon()
	})
}

// stopsSoon says whether a stop waits that can be done by now.
func (s *set) stopsSoon() bool {
	rows, err := s.app.db.SQL.QueryContext(s.t.Context(),
		"SELECT args FROM river_job WHERE kind = 'recording.stop' AND state IN ('available', 'scheduled')")
	require.NoError(s.t, err)
	defer func() { require.NoError(s.t, rows.Close()) }()
	var waiting []uuid.UUID
	for rows.Next() {
		var text []byte
		var args struct {
			RecordingID uuid.UUID `json:"recording_id"`
		}
		require.NoError(s.t, rows.Scan(&text))
		require.NoError(s.t, json.Unmarshal(text, &args))
		waiting = append(waiting, args.RecordingID)
	}
	require.NoError(s.t, rows.Err())
	if len(waiting) == 0 {
		return false
	}
	var active []string
	for _, e := range s.fake.Captures() {
		if e.Status == video.Active {
			active = append(active, e.ID)
		}
	}
	return s.app.db.Capture.Query().Where(
		capture.HasRecordingWith(entrecording.IDIn(waiting...)), capture.EgressIDIn(active...)).ExistX(s.t.Context())
}

func (s *set) Rest() { s.idle() }

func (s *set) Settle() { require.NoError(s.t, s.app.record.Settle(s.t.Context())) }

func (s *set) Rows(room string) []*ent.Recording {
	return s.app.db.Recording.Query().Where(entrecording.RoomID(uuid.MustParse(room))).WithCaptures().WithFiles().AllX(s.t.Context())
}

// TestCapturedInAllOrders posts webhooks of a real recorder to the program, in every
// order: each gives what they give in theirs.
func TestCapturedInAllOrders(t *testing.T) {
	begun := []string{"s3_egress_started", "s3_egress_updated_active", "s3_egress_updated_ending"}
	kinds := map[string]captured{
		"complete":      {append(slices.Clone(begun), "s3_egress_ended_complete"), entrecording.StatusCompleted, ""},
		"failed upload": {append(slices.Clone(begun), "s3_egress_ended_failed_upload"), entrecording.StatusFailed, "upload_failed"},
		"limit":         {append(slices.Clone(begun[:2]), "egress_ended_limit_reached"), entrecording.StatusLimitReached, ""},
		"aborted":       {append(slices.Clone(begun[:1]), "egress_ended_aborted"), entrecording.StatusFailedToStart, "nobody_to_record"},
		"nobody":        {append(slices.Clone(begun[:1]), "egress_ended_failed_participant_not_found"), entrecording.StatusFailedToStart, "participant_gone"},
		"encoder":       {append(slices.Clone(begun[:1]), "egress_ended_failed_encoder"), entrecording.StatusFailedToStart, "recorder_failed"},
		"track": {[]string{"track_egress_started", "track_egress_updated_active", "track_egress_updated_ending", "track_egress_ended_complete"},
			entrecording.StatusCompleted, ""},
		"source closed":   {[]string{"egress_ended_complete_source_closed"}, entrecording.StatusCompleted, ""},
		"participant":     {[]string{"participant_egress_ended_complete"}, entrecording.StatusCompleted, ""},
		"room, sound":     {[]string{"roomaudio_egress_ended_complete"}, entrecording.StatusCompleted, ""},
		"room, picture":   {[]string{"roomvideo_egress_ended_complete"}, entrecording.StatusCompleted, ""},
		"room, AAC":       {[]string{"roomvideo_aac_egress_ended_complete"}, entrecording.StatusCompleted, ""},
		"track composite": {[]string{"trackcomposite_egress_ended_complete"}, entrecording.StatusCompleted, ""},
	}
	for name, url := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			s := startAround(t, url, hearsBoth)
			host := s.as("host")
			room, _ := s.occupied(host)
			s.idle()
			s.play(videotest.StaysStarting)
			s.fake.Deliver(nil)
			for _, kind := range slices.Sorted(maps.Keys(kinds)) {
				var first string
				for n, order := range orders(kinds[kind].files) {
					got := s.afterPosting(host, room, order)
					require.True(t, strings.HasPrefix(got, fmt.Sprintf("%s %q ", kinds[kind].status, kinds[kind].reason)), "%s: %s", kind, got)
					if n == 0 {
						first = got
					}
					require.Equal(t, first, got, "%s in the order %v", kind, order)
				}
			}
		})
	}
}

// hearsBoth is a fake that reads LiveKit's webhooks besides its own.
func hearsBoth(fake *videotest.Fake, c Config) video.Provider {
	c.LiveKit.InternalURL, c.LiveKit.PublicURL = "http://127.0.0.1:1", "ws://127.0.0.1:1" // nobody is called
	parser, err := livekit.New(c.LiveKit)
	if err != nil {
		panic(err)
	}
	return hearing{fake, parser}
}

type hearing struct {
	*videotest.Fake
	livekit *livekit.Provider
}

func (h hearing) ParseWebhook(header http.Header, body []byte) (video.Event, error) {
	if header.Get("Authorization") != "" {
		return h.livekit.ParseWebhook(header, body)
	}
	return h.Fake.ParseWebhook(header, body)
}

// afterPosting starts a recording, posts captured webhooks as if they were of it, and
// says in words what became of it.
func (s *studio) afterPosting(host client, room *anteroomv1.Room, files []string) string {
	s.t.Helper()
	ctx, id := s.t.Context(), s.record(host, room, audio).GetId()
	key := s.capture(id).Path
	require.NoError(s.t, s.app.store.Write(ctx, key, strings.NewReader("a file")))
	for _, file := range files {
		body, err := os.ReadFile("../../internal/video/livekit/testdata/" + file + ".json")
		require.NoError(s.t, err)
		status, answer := s.postSigned(s.asOf(body, s.capture(id)))
		require.Equal(s.t, http.StatusOK, status, answer)
	}
	rec := func() *ent.Recording {
		return s.app.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(id))).WithFiles().OnlyX(ctx)
	}
	if rec().Status == entrecording.StatusCompleted || rec().Status == entrecording.StatusLimitReached {
		await(s.t, recordingLimit, "its file is found", func() bool { return rec().AvailableTime != nil })
	}
	done := rec()
	text := fmt.Sprintf("%s %q ", done.Status, done.Reason) + words(done.StartTime, done.EndTime, done.DurationMs)
	for _, f := range done.Edges.Files {
		require.Equal(s.t, key, f.Key)
		text += words(f.Size, f.DurationMs, f.StartTime)
	}
	return text
}

// asOf is a captured webhook with the ids and the file of a capture.
func (s *studio) asOf(body []byte, e video.Egress) []byte {
	s.t.Helper()
	var all map[string]any
	require.NoError(s.t, json.Unmarshal(body, &all))
	all["id"] = "EV_" + uuid.NewString()
	path := filepath.Join(s.files, e.Path)
	var change func(v any)
	change = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				change(one)
			}
		case map[string]any:
			for name, to := range map[string]string{"egressId": e.ID, "roomId": e.RoomSID, "roomName": e.RoomName, "filename": path, "filepath": path, "size": "6"} {
				if _, ok := v[name]; ok {
					v[name] = to
				}
			}
			for _, one := range v {
				change(one)
			}
		}
	}
	change(all["egressInfo"])
	changed, err := json.Marshal(all)
	require.NoError(s.t, err)
	return changed
}

// captured are files of webhooks, and what they come to.
type captured struct {
	files  []string
	status entrecording.Status
	reason string
}

// orders are all of some names, their own first.
func orders(names []string) (all [][]string) {
	if len(names) < 2 {
		return [][]string{names}
	}
	for n := range names {
		for _, rest := range orders(slices.Concat(names[:n], names[n+1:])) {
			all = append(all, append([]string{names[n]}, rest...))
		}
	}
	return all
}
