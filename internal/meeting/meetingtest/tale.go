// Package meetingtest puts the account of meetings to the test: stories of which
// events get lost and come late, and what has to be true of the rows all the same.
package meetingtest

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// Tale is a story and what becomes of its events on the way. ReceiveTimes are by
// our clock, all other times of events by the provider's, which differs.
type Tale struct {
	videotest.Story
	Rooms []string      // names
	All   []video.Event // each event once, in the order in which it happened
	Heard []video.Event // what comes, doubles included, as it comes
	Lossy bool          // something of All may never come
	Bare  bool          // events may lack times that they usually state
	lost  int
	skew  map[string]time.Duration // by room: how far the provider's clock is ahead of ours
}

// Tales draws a story of these rooms, and for each of its events whether it is
// lost, which less than a third are, how often it comes, under which id, and when:
// at once or long after others, so that any order comes about.
func Tales(rooms ...string) *rapid.Generator[Tale] {
	return rapid.Custom(func(t *rapid.T) Tale {
		tale := Tale{
			Story: videotest.Stories(rooms...).Draw(t, "story"), Rooms: rooms,
			Lossy: rapid.Bool().Draw(t, "lossy"), Bare: rapid.Bool().Draw(t, "bare"),
			skew: map[string]time.Duration{},
		}
		for _, room := range rooms {
			tale.skew[room] = time.Duration(rapid.IntRange(-5000, 5000).Draw(t, "skew in ms")) * time.Millisecond
		}
		for _, told := range tale.Told {
			tale.send(t, told)
		}
		slices.SortStableFunc(tale.Heard, func(a, b video.Event) int { return a.ReceiveTime.Compare(b.ReceiveTime) })
		return tale
	})
}

// send draws the fate of one event.
func (tale *Tale) send(t *rapid.T, told videotest.Told) {
	e, complete := tale.stated(told), true
	if tale.Bare {
		complete = !strip(t, &e)
	}
	e.ReceiveTime = told.At.Add(delay(t))
	tale.All = append(tale.All, e)
	if tale.Lossy && tale.lost < len(tale.Told)*3/10 && rapid.IntRange(0, 2).Draw(t, "fate") == 0 {
		tale.lost++
		return
	}
	tale.Heard = append(tale.Heard, e)
	for n := range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "doubles") {
		double := e
		if n > 0 {
			double.ID += "_again"
		}
		if complete { // else it would state something else
			double.ReceiveTime = e.ReceiveTime.Add(delay(t))
		}
		tale.Heard = append(tale.Heard, double)
	}
}

func delay(t *rapid.T) time.Duration {
	most := rapid.SampledFrom([]int{100, 10_000, 1_000_000}).Draw(t, "most")
	return time.Duration(rapid.IntRange(1, most).Draw(t, "delay in ms")) * time.Millisecond
}

// strip leaves out some of the times that an event states.
func strip(t *rapid.T, e *video.Event) (stripped bool) {
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

// stated is an event with the times of the provider's clock.
func (tale *Tale) stated(told videotest.Told) video.Event {
	e, by := told.Event, tale.skew[told.Event.Room.Name]
	e.Time = told.At.Add(by).Truncate(time.Second)
	e.Room.StartTime = ahead(e.Room.StartTime, by)
	if e.Participant != nil {
		p := *e.Participant
		p.JoinTime = ahead(p.JoinTime, by)
		e.Participant = &p
	}
	return e
}

func ahead(t time.Time, by time.Duration) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(by)
}

// At is what the provider holds at an instant, as it tells it by its clock.
func (tale *Tale) At(t time.Time) video.Look {
	truth := tale.Story.At(t)
	for n := range truth.Rooms {
		r := &truth.Rooms[n]
		by := tale.skew[r.Room.Name]
		r.Room.StartTime = ahead(r.Room.StartTime, by)
		for k := range r.Participants {
			r.Participants[k].JoinTime = ahead(r.Participants[k].JoinTime, by)
		}
	}
	return truth
}

// Latest is when everything has happened, and has come.
func (tale *Tale) Latest() time.Time {
	latest := tale.End
	if n := len(tale.Heard); n > 0 && tale.Heard[n-1].ReceiveTime.After(latest) {
		latest = tale.Heard[n-1].ReceiveTime
	}
	return latest
}

// IsAnybodyIn tells whether a person is truly in a room when everything has happened.
func (tale *Tale) IsAnybodyIn(room string) bool {
	for _, m := range tale.Meetings {
		for _, s := range m.Stays {
			if m.Room.Name == room && isThere(s) && (s.Kind == video.Web || s.Kind == video.Phone) {
				return true
			}
		}
	}
	return false
}

// isThere tells whether a connection stands when everything has happened.
func isThere(s *videotest.Stay) bool { return !s.Active.IsZero() && s.End.IsZero() }
