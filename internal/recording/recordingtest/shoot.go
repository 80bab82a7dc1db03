package recordingtest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// ErrRunning is what a Stage answers to a start when something is in the way.
var ErrRunning = errors.New("another recording is live")

// Stage is a program, or a part of it, with rooms in which somebody is.
type Stage interface {
	Start(room string) error // ErrRunning, or what the recorder answered; the rows tell more
	Stop(recording uuid.UUID)
	Hear(videotest.Delivery)
	Work()   // has all done that is due
	Rest()   // has all done that is left
	Settle() // asks once for what was not heard
	Rows(room string) []*ent.Recording
}

// Set is what a Stage is in front of.
type Set struct {
	Fake  *videotest.Fake
	Clock *clockwork.FakeClock
	Store storage.Store
}

// settleEvery is how often a Stage is settled while things happen.
const settleEvery = 45 * time.Second

// shoot is reels being played, all at the same time.
type shoot struct {
	Set
	t      require.TestingT
	stage  Stage
	begin  time.Time
	due    schedule
	told   atomic.Int64 // events, by the provider so far
	scenes []*scene
	of     map[string]*scene // by egress
	filed  map[string]bool
}

// schedule is what is to happen. Events are added by whoever has the provider tell
// them.
type schedule struct {
	mu      sync.Mutex
	actions []action // by time
}

// action is something that happens at a time.
type action struct {
	at time.Duration
	do func()
}

// add has something happen after what happens at the same time.
func (s *schedule) add(a action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after := slices.IndexFunc(s.actions, func(o action) bool { return o.at > a.at })
	if after < 0 {
		after = len(s.actions)
	}
	s.actions = slices.Insert(s.actions, after, a)
}

// next takes out what happens first.
func (s *schedule) next() (a action, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.actions) == 0 {
		return a, false
	}
	a, s.actions = s.actions[0], s.actions[1:]
	return a, true
}

// scene is a take as it is played.
type scene struct {
	Take
	room   string
	egress string    // "" when none began
	row    uuid.UUID // zero when there is none
	told   int
	lost   bool                        // the provider does not know it any more
	heard  map[video.EgressStatus]bool // by what came, or was listed
	before *ent.Recording
}

// Play plays reels, one in each room, to the end of all that happens and of all that
// is told of it, and then holds the rows against the truth.
func Play(t require.TestingT, stage Stage, set Set, rooms []string, reels []Reel) {
	s := &shoot{Set: set, t: t, stage: stage, begin: set.Clock.Now(), of: map[string]*scene{}, filed: map[string]bool{}}
	last := time.Duration(0)
	for n, reel := range reels {
		for _, take := range reel {
			sc := &scene{Take: take, room: rooms[n], heard: map[video.EgressStatus]bool{}}
			s.scenes = append(s.scenes, sc)
			s.at(take.Start, func() { s.start(sc) })
			last = max(last, take.Start+take.lasts())
		}
	}
	for at := settleEvery; at < last; at += settleEvery {
		s.at(at, s.settle)
	}
	set.Fake.Deliver(s.tell)
	defer set.Fake.Deliver(nil)
	s.run()
	s.requireTrue()
}

func (s *shoot) now() time.Duration { return s.Clock.Now().Sub(s.begin) }

// at has something done at a time.
func (s *shoot) at(at time.Duration, do func()) { s.due.add(action{at, do}) }

// run has everything happen, and looks after each step whether the rows may have
// become so.
func (s *shoot) run() {
	for a, ok := s.due.next(); ok; a, ok = s.due.next() {
		s.Clock.Advance(max(0, a.at-s.now()))
		a.do()
		s.watch()
	}
}

// start asks for a recording. What is in the way is one for which something is thought
// to be captured.
func (s *shoot) start(sc *scene) {
	switch sc.Answer {
	case Unheard:
		s.Fake.FailAfter("StartCapture", 1)
	case Silent:
		s.Fake.Fail("StartCapture", 1, video.ErrUnavailable)
	case Refused:
		s.Fake.Fail("StartCapture", 1, video.ErrRefused)
	}
	s.Fake.Play(videotest.StaysStarting)
	there := s.stage.Rows(sc.room)
	err := s.stage.Start(sc.room)
	if errors.Is(err, ErrRunning) {
		require.True(s.t, slices.ContainsFunc(there, capturing), "refused, and nothing is in the way")
		s.forgive(sc)
		return
	}
	require.False(s.t, slices.ContainsFunc(there, capturing), "two at the same time")
	require.Equal(s.t, sc.Answer == Refused, err != nil, "%s: %v", sc.Answer, err)
	rows := s.stage.Rows(sc.room)
	require.Len(s.t, rows, len(there)+1)
	sc.row = newest(rows).ID
	for _, e := range s.Fake.Captures() {
		if strings.Contains(e.Path, sc.row.String()) {
			require.Empty(s.t, sc.egress, "asked for twice")
			sc.egress, s.of[e.ID] = e.ID, sc
		}
	}
	s.goOn(sc)
}

// forgive takes back what a start was to be answered that did not come to the
// recorder.
func (s *shoot) forgive(sc *scene) {
	if sc.Answer != Taken {
		_, _ = s.Fake.StartCapture(context.Background(), video.CaptureRequest{
			RoomName: "nowhere", Mode: video.Audio, Path: "nothing.ogg",
		})
	}
}

func newest(rows []*ent.Recording) *ent.Recording {
	return slices.MaxFunc(rows, func(a, b *ent.Recording) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
}

// goOn has the rest of a take happen.
func (s *shoot) goOn(sc *scene) {
	if sc.egress != "" {
		for _, m := range sc.Moves {
			s.at(sc.Start+m.At, func() { s.move(sc, m.Status) })
		}
		if sc.Forgotten > 0 {
			s.at(sc.Start+sc.Forgotten, func() {
				sc.lost = true
				s.Fake.ForgetCapture(sc.egress)
			})
		}
	}
	if sc.Stop > 0 {
		s.at(sc.Start+sc.Stop, func() {
			s.stage.Stop(sc.row)
			s.work()
		})
	}
}

// move is the recorder's, unless it was stopped before.
func (s *shoot) move(sc *scene, status video.EgressStatus) {
	if e := s.truth(sc); e != nil && !e.Status.Ended() && e.Status != status {
		s.Fake.MoveCapture(sc.egress, status, why(status))
	}
	s.work()
}

func why(status video.EgressStatus) string {
	switch status {
	case video.CaptureFailed:
		return "could not create element: faac"
	case video.CaptureAborted:
		return "Start signal not received"
	case video.LimitReached:
		return "Session limit reached"
	}
	return ""
}

// truth is the capture as the provider knows it, nil when it does not.
func (s *shoot) truth(sc *scene) *video.Egress {
	for _, e := range s.Fake.Captures() {
		if e.ID == sc.egress {
			return &e
		}
	}
	return nil
}

// tell is told by the provider, which holds its lock meanwhile. The event comes as
// its fate is.
func (s *shoot) tell(d videotest.Delivery) {
	e, err := s.Fake.ParseEvent(d.Body)
	if err != nil || e.Egress == nil {
		return
	}
	s.told.Add(1)
	s.at(s.now(), func() { s.send(e, d) })
}

func (s *shoot) send(e video.Event, d videotest.Delivery) {
	sc := s.of[e.Egress.ID]
	f := sc.Fates[sc.told%len(sc.Fates)]
	sc.told++
	hear := func() {
		sc.heard[e.Egress.Status] = true
		s.file()
		s.stage.Hear(d)
		s.work()
	}
	if f.Double > 0 {
		s.at(s.now()+f.Double, hear)
	}
	if !f.Lost {
		s.at(s.now()+f.Delay, hear)
	}
}

func (s *shoot) work() {
	s.file()
	s.stage.Work()
	s.file() // of what was stopped, before the provider may lose it
}

// file has the files of captures that ended well in the store, before anybody hears
// of that.
func (s *shoot) file() {
	for _, e := range s.Fake.Captures() {
		if content := s.Fake.Captured(e.Path); content != nil && !s.filed[e.Path] {
			s.filed[e.Path] = true
			require.NoError(s.t, s.Store.Write(context.Background(), e.Path, bytes.NewReader(content)))
		}
	}
}

// settle has what was not heard found out.
func (s *shoot) settle() {
	s.file()
	for _, sc := range s.scenes {
		if e := s.truth(sc); e != nil {
			sc.heard[e.Status] = true // perhaps; only more is asked of what was surely heard
		}
	}
	s.stage.Settle()
	s.work()
}
