package webhook

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/meeting/meetingtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// world is where a tale is told to an account in memory, by the rules and the
// rounds by which the program keeps its own.
type world struct {
	*Inbox
	meetingtest.Tale
	t     *rapid.T
	rooms map[string]*ent.Room
	mends []video.Event
	fake  *videotest.Fake
	now   *clockwork.FakeClock
}

// The names of the rooms, which are UUIDs.
var worldRooms = []string{"0193d2a0-0000-7000-8000-00000000000a", "0193d2a0-0000-7000-8000-00000000000b"}

func newWorld(t *rapid.T, tale meetingtest.Tale) *world {
	w := &world{Tale: tale, t: t, rooms: map[string]*ent.Room{}, now: clockwork.NewFakeClockAt(tale.Told[0].At)}
	for _, name := range tale.Rooms {
		w.rooms[name] = &ent.Room{ID: uuid.MustParse(name)}
	}
	w.fake = videotest.NewFake(video.LiveKit, w.now)
	w.Inbox = &Inbox{
		clock: w.now, log: slog.New(slog.DiscardHandler), believe: w.belief, ended: w.over,
		providers: video.Providers{video.LiveKit: flowing{w.fake, w}},
	}
	w.intake.store = w.mend
	return w
}

// round reconciles at an instant, or now when that has passed.
func (w *world) round(at time.Time) Mends {
	w.now.Advance(max(0, at.Sub(w.now.Now())))
	mends, err := w.Reconcile(context.Background())
	require.NoError(w.t, err)
	return mends
}

// fold is the account that events make.
func (w *world) fold(events []video.Event) meetingtest.Rows {
	meetings, people := meeting.Fold(w.rooms, events)
	return meetingtest.Rows{Meetings: meetings, People: people}
}

// account is what came until now makes of it.
func (w *world) account() meetingtest.Rows {
	events := slices.Clone(w.mends)
	for _, e := range w.Heard {
		if !e.ReceiveTime.After(w.now.Now()) {
			events = append(events, e)
		}
	}
	return w.fold(events)
}

func (w *world) belief(context.Context, video.Name) (belief, error) {
	rows := w.account()
	return beliefOf(
		slices.DeleteFunc(rows.Meetings, func(m *ent.Meeting) bool { return m.EndTime != nil }),
		slices.DeleteFunc(rows.People, func(p *ent.Participation) bool { return p.LeaveTime != nil }),
	), nil
}

func (w *world) over(context.Context, video.Name, []string, []string) (map[string]bool, error) {
	ended, rows := map[string]bool{}, w.account()
	for _, m := range rows.Meetings {
		ended[m.ProviderSid] = orZero(m.EndRank) == entmeeting.EndRankStated
	}
	for _, p := range rows.People {
		ended[p.ProviderSid] = orZero(p.LeaveRank) == participation.LeaveRankStated
	}
	return ended, nil
}

// mend takes in what a round found out.
func (w *world) mend(batch []*arrival) {
	for _, a := range batch {
		w.mends = append(w.mends, a.Event)
		a.end(applied, nil)
	}
}

// flowing lets time pass after each look, in which people come and go.
type flowing struct {
	*videotest.Fake
	w *world
}

func (f flowing) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	f.Hold(f.w.At(f.w.now.Now()))
	look, err := f.Fake.Look(ctx, known, ours)
	f.w.now.Advance(secondLook)
	f.Hold(f.w.At(f.w.now.Now()))
	return look, err
}
