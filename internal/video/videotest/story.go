package videotest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Story is what happened in some rooms of a LiveKit: what it told of it, and what
// was true.
type Story struct {
	Told     []Told     // in the order in which it happened
	Meetings []*Meeting // by start
	End      time.Time  // everything happened before it
}

// Told is an event as LiveKit tells it, and when it really happened, to the
// millisecond; Event.Time is that in whole seconds.
type Told struct {
	At    time.Time
	Event video.Event
}

// Meeting is one occupancy of a room as it truly was.
type Meeting struct {
	Room     video.EventRoom
	End      time.Time // zero while it goes on
	Stays    []*Stay
	Captures []*Capture
}

// Stay is one connection as it truly was. It begins with JoinTime.
type Stay struct {
	video.Participant
	Active time.Time // when the connection stood, which is told as joined; zero when it never did
	End    time.Time // zero while it goes on
}

// Capture is the work of one egress.
type Capture struct {
	ID      string
	Changes []Change // the first is its start
}

// Change is from when on an egress had a status.
type Change struct {
	At     time.Time
	Status video.EgressStatus
}

// Events are all that is told, by a LiveKit that loses and doubles nothing.
func (s Story) Events() []video.Event {
	events := make([]video.Event, len(s.Told))
	for i, told := range s.Told {
		events[i] = told.Event
	}
	return events
}

// GoString is the story to be read, when a property fails.
func (s Story) GoString() string {
	var text strings.Builder
	for _, told := range s.Told {
		fmt.Fprintf(&text, "\n%s %-13s %s", told.At.Format("15:04:05.000"), told.Event.ID, told.Event.Type)
		if p := told.Event.Participant; p != nil {
			fmt.Fprintf(&text, " %s %s %s %s", p.SID, p.Identity, p.Kind, p.LeaveReason)
		}
		if e := told.Event.Egress; e != nil {
			fmt.Fprintf(&text, " %s %s", e.ID, e.Status)
		}
	}
	return text.String()
}

// At is what LiveKit holds at an instant, for Fake.Hold or to compare with: what
// happened at that very instant has happened.
func (s Story) At(t time.Time) video.Look {
	look := video.Look{Egresses: []video.Egress{}}
	for _, m := range s.Meetings {
		for _, c := range m.Captures {
			if changes := c.until(t); len(changes) > 0 && !changes[len(changes)-1].Status.Ended() {
				look.Egresses = append(look.Egresses, m.egress(c.ID, changes))
			}
		}
		if during(t, m.Room.StartTime, m.End) {
			look.Rooms = append(look.Rooms, video.RoomLook{Room: m.Room, Participants: m.listed(t), AskTime: t, AnswerTime: t})
		}
	}
	slices.SortFunc(look.Rooms, func(a, b video.RoomLook) int { return cmp.Compare(a.Room.Name, b.Room.Name) })
	return look
}

// listed are the participants at an instant, by SID.
func (m *Meeting) listed(t time.Time) []video.Presence {
	listed := []video.Presence{}
	for _, s := range m.Stays {
		if during(t, s.JoinTime, s.End) {
			p := video.Presence{Participant: s.Participant, Active: during(t, s.Active, s.End)}
			p.LeaveReason = ""
			listed = append(listed, p)
		}
	}
	slices.SortFunc(listed, func(a, b video.Presence) int { return cmp.Compare(a.SID, b.SID) })
	return listed
}

// during tells whether something that began at start, unless that is zero, was not
// over yet.
func during(t, start, end time.Time) bool {
	return !start.IsZero() && !t.Before(start) && (end.IsZero() || t.Before(end))
}

// until is what had changed at an instant, nothing before the start.
func (c *Capture) until(t time.Time) []Change {
	later := slices.IndexFunc(c.Changes, func(change Change) bool { return t.Before(change.At) })
	if later < 0 {
		return c.Changes
	}
	return c.Changes[:later]
}

func (c *Capture) status() video.EgressStatus { return c.Changes[len(c.Changes)-1].Status }

var endings = []video.EgressStatus{video.Complete, video.CaptureFailed, video.CaptureAborted, video.LimitReached}

// egress is as it is after these changes.
func (m *Meeting) egress(id string, changes []Change) video.Egress {
	last := changes[len(changes)-1]
	e := video.Egress{
		ID: id, RoomName: m.Room.Name, RoomSID: m.Room.SID, Status: last.Status,
		StartTime: changes[0].At, UpdateTime: last.At,
	}
	if last.Status.Ended() {
		e.EndTime = last.At
	}
	return e
}

// storyStart is when all stories begin.
var storyStart = time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)

// Stories draws what may happen in these rooms, all at the same time: meetings
// after each other in one room, people who leave and come again, or come a second
// time and so put their first connection out, callers, agents, ingresses and
// recorders, joins that are aborted, and tracks, which are told without the kind of
// their participant. Names of the rooms are part of all ids, so stories of different
// rooms can be told to one database.
func Stories(rooms ...string) *rapid.Generator[Story] {
	return rapid.Custom(func(t *rapid.T) Story {
		s := Story{End: storyStart}
		for _, room := range rooms {
			n := narrator{t: t, story: &s, room: room, now: storyStart}
			for range rapid.IntRange(1, 25).Draw(t, "steps in "+room) {
				n.step()
			}
			if n.now.After(s.End) {
				s.End = n.now
			}
		}
		s.End = s.End.Add(time.Second)
		slices.SortStableFunc(s.Told, func(a, b Told) int { return a.At.Compare(b.At) })
		slices.SortStableFunc(s.Meetings, func(a, b *Meeting) int { return a.Room.StartTime.Compare(b.Room.StartTime) })
		return s
	})
}
