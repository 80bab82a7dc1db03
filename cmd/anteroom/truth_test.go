package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/meeting/meetingtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// How many tales are told on each database, how many of them to one program and
// by how many senders.
const (
	tales    = 200
	together = 50
	senders  = 16
)

// TestTheAccountIsTrue tells tales to the real program as LiveKit posts them, some
// events late and some never, asks once in between and once in the end what is
// true, and holds rows and dispatch rules against that.
func TestTheAccountIsTrue(t *testing.T) {
	seed := rand.IntN(1 << 30)
	t.Logf("seed %d", seed)
	t.Run("sqlite", func(t *testing.T) { tellAll(t, dbtest.SQLiteURL, seed) })
	t.Run("postgres", func(t *testing.T) { tellAll(t, dbtest.PostgresURL, seed) })
}

func tellAll(t *testing.T, url func(testing.TB) string, seed int) {
	t.Helper()
	var known meetingtest.Ends
	begin := time.Now()
	for told := 0; told < tales; told += together {
		n := startNarrated(t, url(t), seed+told)
		n.tellUntil(n.middle())
		n.tellUntil(n.latest())
		known.Add(n.requireTrue())
		t.Logf("%d of %d tales, %v", told+together, tales, time.Since(begin).Round(time.Second))
	}
	t.Log(known)
}

// narrated is a program in front of tales.
type narrated struct {
	*program
	tales []meetingtest.Tale
	rooms map[string]*ent.Room
	seed  int
	fake  *videotest.Fake
	clock *clockwork.FakeClock
	heard []video.Event // not yet posted, of all tales
}

// startNarrated wires the real program to a provider that reads LiveKit's webhooks
// and holds the tales' truth.
func startNarrated(t *testing.T, url string, seed int) *narrated {
	t.Helper()
	p, listener := newProgram(t)
	n := &narrated{program: p, rooms: map[string]*ent.Room{}, seed: seed, clock: clockwork.NewFakeClockAt(time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC))}
	n.fake = videotest.NewFake(video.LiveKit, n.clock)
	c := configFor(served{DatabaseURL: url, LiveKitURL: "http://127.0.0.1:1", PublicURL: "ws://127.0.0.1:1", Files: p.files}, p.log)
	c.Clock = skipping{n.clock}
	parser, err := livekit.New(c.LiveKit)
	require.NoError(t, err)
	d, err := db.Open(t.Context(), url)
	require.NoError(t, err)
	p.app = &app{config: c, db: d, store: openStore(t, c)}
	require.NoError(t, p.app.wire(video.Providers{video.LiveKit: listening{n.fake, parser}}))
	p.run(listener)
	host := p.as("host")
	for k := range together {
		first, second := p.room(host, public).GetId(), p.room(host, public).GetId()
		tale := meetingtest.Tales(first, second).Example(seed + k)
		for _, name := range tale.Rooms {
			n.rooms[name] = &ent.Room{ID: uuid.MustParse(name)}
		}
		n.tales, n.heard = append(n.tales, tale), append(n.heard, tale.Heard...)
	}
	slices.SortStableFunc(n.heard, func(a, b video.Event) int { return a.ReceiveTime.Compare(b.ReceiveTime) })
	return n
}

// listening has LiveKit's way of telling and a fake's way of being asked.
type listening struct {
	*videotest.Fake
	livekit *livekit.Provider
}

func (l listening) ParseWebhook(header http.Header, body []byte) (video.Event, error) {
	return l.livekit.ParseWebhook(header, body)
}

func (l listening) ParseEvent(body []byte) (video.Event, error) { return l.livekit.ParseEvent(body) }

// skipping makes the time pass for which somebody would wait.
type skipping struct{ *clockwork.FakeClock }

func (c skipping) After(d time.Duration) <-chan time.Time {
	after := c.FakeClock.After(d)
	c.Advance(d)
	return after
}

// middle is when half of all that comes has come.
func (n *narrated) middle() time.Time { return n.heard[len(n.heard)/2].ReceiveTime }

// latest is when everything has.
func (n *narrated) latest() (latest time.Time) {
	for k := range n.tales {
		if l := n.tales[k].Latest(); l.After(latest) {
			latest = l
		}
	}
	return latest
}

// tellUntil posts what comes until an instant, and then has a round run.
func (n *narrated) tellUntil(instant time.Time) {
	n.t.Helper()
	n.let(instant.Sub(n.clock.Now()))
	var posts errgroup.Group
	posts.SetLimit(senders)
	for ; len(n.heard) > 0 && !n.heard[0].ReceiveTime.After(instant); n.heard = n.heard[1:] {
		body := livekittest.Body(n.heard[0])
		posts.Go(func() error {
			if status, answer := n.postSigned(body); status != http.StatusOK {
				return fmt.Errorf("webhook answered %d %s", status, answer)
			}
			return nil
		})
	}
	require.NoError(n.t, posts.Wait())
	n.idle()
	n.let(10 * time.Second)
	_, err := n.app.inbox.Reconcile(n.t.Context())
	require.NoError(n.t, err)
	n.idle()
}

// let makes time pass, and the provider hold what is true then.
func (n *narrated) let(pass time.Duration) {
	n.clock.Advance(pass)
	truth := video.Look{}
	for k := range n.tales {
		look := n.tales[k].At(n.clock.Now())
		truth.Rooms = append(truth.Rooms, look.Rooms...)
	}
	n.fake.Hold(truth)
}

// requireTrue holds all rows and the rules at the provider against the truth.
func (n *narrated) requireTrue() (known meetingtest.Ends) {
	n.t.Helper()
	ruled := map[string]bool{}
	for _, r := range n.fake.Rules() {
		require.False(n.t, ruled[r.RoomID], "two rules for %s", r.RoomID)
		ruled[r.RoomID] = true
	}
	for k := range n.tales {
		tale := &n.tales[k]
		rows := n.rows(tale)
		t := named{n.t, fmt.Sprintf("tale %d%#v", n.seed+k, tale.Story)}
		known.Add(tale.RequireTrue(t, rows, n.clock.Now()))
		for _, name := range tale.Rooms {
			require.Equal(t, tale.IsAnybodyIn(name), ruled[name], "rule of %s", name)
		}
		if !tale.Lossy && !tale.Bare {
			meetings, people := meeting.Fold(n.rooms, tale.All)
			require.Equal(t, meetingtest.Rows{Meetings: meetings, People: people}.Lines(), rows.Lines())
		}
	}
	return known
}

func (n *narrated) rows(tale *meetingtest.Tale) (rows meetingtest.Rows) {
	for _, name := range tale.Rooms {
		id := n.rooms[name].ID
		rows.Meetings = append(rows.Meetings, n.app.db.Meeting.Query().Where(entmeeting.RoomID(id)).AllX(n.t.Context())...)
		rows.People = append(rows.People, n.app.db.Participation.Query().Where(participation.RoomID(id)).AllX(n.t.Context())...)
	}
	return rows
}

// named is a test whose failures say which tale it was.
type named struct {
	*testing.T
	tale string
}

func (t named) Errorf(format string, args ...any) {
	t.T.Errorf(format+"\n%s", append(args, t.tale)...)
}
