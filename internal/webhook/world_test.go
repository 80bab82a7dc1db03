package webhook

import (
	"context"
	"fmt"
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
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// world is a story that is told to an account kept in memory, by the rules and
// the rounds that the program itself keeps it by.
type world struct {
	*Inbox
	t     *rapid.T
	story videotest.Story
	skew  map[string]time.Duration // by room: how far LiveKit's clock is ahead of ours
	rooms map[string]*ent.Room
	told  []heard // every event, once, in order
	heard []heard // what came, doubles included, as it came
	mends []video.Event
	lossy bool
	fake  *videotest.Fake
	now   *clockwork.FakeClock
}

// heard is an event that comes at its ReceiveTime.
type heard struct {
	video.Event
	bare bool // it states less than LiveKit usually does
}

var worldRooms = []string{"0193d2a0-0000-7000-8000-00000000000a", "0193d2a0-0000-7000-8000-00000000000b"}

// drawWorld draws a story and what becomes of its events on the way.
func drawWorld(t *rapid.T) *world {
	w := &world{
		t: t, story: videotest.Stories(worldRooms...).Draw(t, "story"),
		skew: map[string]time.Duration{}, rooms: map[string]*ent.Room{},
	}
	for _, name := range worldRooms {
		w.rooms[name] = &ent.Room{ID: uuid.MustParse(name)}
		w.skew[name] = time.Duration(rapid.IntRange(-5000, 5000).Draw(t, "skew in ms")) * time.Millisecond
	}
	w.now = clockwork.NewFakeClockAt(w.story.Told[0].At)
	w.fake = videotest.NewFake(video.LiveKit, w.now)
	w.Inbox = &Inbox{
		clock: w.now, log: slog.New(slog.DiscardHandler), believe: w.belief, ended: w.over,
		providers: video.Providers{video.LiveKit: flowing{w.fake, w}},
	}
	w.intake.store = w.mend
	w.deliver()
	return w
}

// deliver draws when each event comes, and whether at all. Whatever the order, it
// comes about by delays.
func (w *world) deliver() {
	w.lossy = rapid.Bool().Draw(w.t, "lossy")
	bare, lost := rapid.Bool().Draw(w.t, "bare"), 0
	for _, told := range w.story.Told {
		h := heard{Event: skewed(told, w.skew[told.Event.Room.Name])}
		if bare {
			h.bare = strip(w.t, &h.Event)
		}
		h.ReceiveTime = told.At.Add(w.delay())
		w.told = append(w.told, h)
		if w.lossy && lost < len(w.story.Told)*3/10 && rapid.IntRange(0, 2).Draw(w.t, "fate") == 0 {
			lost++
			continue
		}
		w.heard = append(w.heard, h)
		for n := range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(w.t, "doubles") {
			double := h
			if n > 0 {
				double.ID += "_again"
			}
			if !h.bare { // else it would be another statement
				double.ReceiveTime = h.ReceiveTime.Add(w.delay())
			}
			w.heard = append(w.heard, double)
		}
	}
	slices.SortStableFunc(w.heard, func(a, b heard) int { return a.ReceiveTime.Compare(b.ReceiveTime) })
}

func (w *world) delay() time.Duration {
	most := rapid.SampledFrom([]int{100, 10_000, 1_000_000}).Draw(w.t, "most")
	return time.Duration(rapid.IntRange(1, most).Draw(w.t, "delay in ms")) * time.Millisecond
}

// skewed is an event as told by a clock that is ahead.
func skewed(told videotest.Told, by time.Duration) video.Event {
	e := told.Event
	e.Time = told.At.Add(by).Truncate(time.Second)
	e.Room = skewedRoom(e.Room, by)
	if e.Participant != nil {
		p := skewedParticipant(*e.Participant, by)
		e.Participant = &p
	}
	return e
}

func skewedRoom(r video.EventRoom, by time.Duration) video.EventRoom {
	r.StartTime = ahead(r.StartTime, by)
	return r
}

func skewedParticipant(p video.Participant, by time.Duration) video.Participant {
	p.JoinTime = ahead(p.JoinTime, by)
	return p
}

func ahead(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

// strip leaves out some of the times that an event states.
func strip(t *rapid.T, e *video.Event) (any bool) {
	which := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 2, 4, 7}).Draw(t, "without")
	if which&1 != 0 {
		e.Time = time.Time{}
	}
	if which&2 != 0 {
		e.Room.StartTime = time.Time{}
	}
	if which&4 != 0 && e.Participant != nil {
		e.Participant.JoinTime = time.Time{}
	}
	return which != 0
}

// latest is when everything has come.
func (w *world) latest() time.Time {
	latest := w.story.End
	if n := len(w.heard); n > 0 && w.heard[n-1].ReceiveTime.After(latest) {
		latest = w.heard[n-1].ReceiveTime
	}
	return latest
}

// reconcile runs a round at an instant, or now when that has passed.
func (w *world) reconcile(at time.Time) Mends {
	w.now.Advance(max(0, at.Sub(w.now.Now())))
	mends, err := w.Reconcile(context.Background())
	require.NoError(w.t, err)
	return mends
}

// account is what the events until now make of it.
func (w *world) account() ([]*ent.Meeting, []*ent.Participation) {
	events := slices.Clone(w.mends)
	for _, h := range w.heard {
		if !h.ReceiveTime.After(w.now.Now()) {
			events = append(events, h.Event)
		}
	}
	return meeting.Fold(w.rooms, events)
}

func (w *world) belief(context.Context, video.Name) (belief, error) {
	meetings, people := w.account()
	return beliefOf(
		slices.DeleteFunc(meetings, func(m *ent.Meeting) bool { return m.EndTime != nil }),
		slices.DeleteFunc(people, func(p *ent.Participation) bool { return p.LeaveTime != nil }),
	), nil
}

func (w *world) over(context.Context, video.Name, []string, []string) (map[string]bool, error) {
	ended := map[string]bool{}
	meetings, people := w.account()
	for _, m := range meetings {
		ended[m.ProviderSid] = m.EndRank != nil && *m.EndRank == entmeeting.EndRankStated
	}
	for _, p := range people {
		ended[p.ProviderSid] = p.LeaveRank != nil && *p.LeaveRank == participation.LeaveRankStated
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

// flowing lets time pass between looks, and people come and go meanwhile.
type flowing struct {
	*videotest.Fake
	w *world
}

func (f flowing) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	f.w.hold()
	look, err := f.Fake.Look(ctx, known, ours)
	f.w.now.Advance(secondLook)
	f.w.hold()
	return look, err
}

// hold makes the provider hold what is true now, told by its clock.
func (w *world) hold() {
	truth := w.story.At(w.now.Now())
	for n := range truth.Rooms {
		r := &truth.Rooms[n]
		by := w.skew[r.Room.Name]
		r.Room = skewedRoom(r.Room, by)
		for k := range r.Participants {
			r.Participants[k].Participant = skewedParticipant(r.Participants[k].Participant, by)
		}
	}
	w.fake.Hold(truth)
}

// lines are rows in words, without what only rounds write.
func lines(meetings []*ent.Meeting, people []*ent.Participation) []string {
	var all []string
	of := map[uuid.UUID]string{}
	for _, m := range meetings {
		of[m.ID] = m.ProviderSid
		all = append(all, fmt.Sprint(m.ProviderSid, m.RoomID, orZero(m.StartTime), orZero(m.EndTime), orZero(m.EndRank)))
	}
	for _, p := range people {
		all = append(all, fmt.Sprint(p.ProviderSid, of[p.MeetingID], p.RoomID, p.Identity, p.DisplayName, orZero(p.Kind),
			orZero(p.JoinTime), orZero(p.LeaveTime), orZero(p.LeaveRank), p.LeaveReason, p.PhoneNumber, p.PassID))
	}
	slices.Sort(all)
	return all
}
