package videotest

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// narrator lets things happen in one room. Nothing in it happens at the same
// instant.
type narrator struct {
	t       *rapid.T
	story   *Story
	room    string
	now     time.Time
	serial  int
	meeting *Meeting // nil while there is none
}

// step lets time pass and one thing happen, with what follows from it.
func (n *narrator) step() {
	n.wait(90_000)
	if n.meeting == nil {
		n.open()
		return
	}
	possible := []string{"come", "come", "abort"}
	if len(n.here()) > 0 {
		possible = append(possible, "leave", "leave", "replace", "publish", "unpublish", "delete")
	} else {
		possible = append(possible, "close")
	}
	if n.capture() == nil {
		possible = append(possible, "record")
	} else {
		possible = append(possible, "capture", "capture")
	}
	switch rapid.SampledFrom(possible).Draw(n.t, "next in "+n.room) {
	case "come":
		n.come(n.anybody())
	case "abort":
		n.abort(n.anybody())
	case "leave":
		n.leave(n.somebody(), "CLIENT_INITIATED")
	case "replace":
		n.replace(n.somebody())
	case "publish":
		n.track(video.TrackPublished)
	case "unpublish":
		n.track(video.TrackUnpublished)
	case "delete":
		n.delete()
	case "close":
		n.close()
	case "record":
		n.record()
	case "capture":
		n.goOn(n.capture())
	}
}

// wait lets up to so many milliseconds pass, and at least one.
func (n *narrator) wait(most int) {
	n.now = n.now.Add(time.Duration(rapid.IntRange(1, most).Draw(n.t, "ms")) * time.Millisecond)
}

// id is new in this room, and not in any other.
func (n *narrator) id(prefix string) string {
	n.serial++
	return fmt.Sprintf("%s_%s_%d", prefix, n.room, n.serial)
}

func (n *narrator) open() {
	n.meeting = &Meeting{Room: video.EventRoom{Name: n.room, SID: n.id("RM"), StartTime: n.now}}
	n.story.Meetings = append(n.story.Meetings, n.meeting)
	n.tell(video.RoomStarted, video.Event{})
}

// anybody is who may connect. There are few, so that they come again.
func (n *narrator) anybody() video.Participant {
	return rapid.SampledFrom([]video.Participant{
		{Identity: "ada", Name: "Ada", Kind: video.Web, PassID: "pass-ada"},
		{Identity: "bob", Name: "Bob", Kind: video.Web},
		{Identity: "sip_+15557777", Name: "Phone +15557777", Kind: video.Phone, PhoneNumber: "+15557777"},
		{Identity: "sip_+15558888", Name: "Phone +15558888", Kind: video.Phone, PhoneNumber: "+15558888"},
		{Identity: "agent", Kind: video.Agent},
		{Identity: "camera", Name: "Camera", Kind: video.Ingress},
	}).Draw(n.t, "who")
}

// come connects. Who is there already under this identity is put out by that.
func (n *narrator) come(p video.Participant) {
	for _, other := range n.here() {
		if other.Identity == p.Identity {
			n.depart(other, "DUPLICATE_IDENTITY")
		}
	}
	s := n.connect(p)
	n.wait(500)
	s.Active = n.now
	n.tell(video.ParticipantJoined, video.Event{Participant: &s.Participant})
}

func (n *narrator) connect(p video.Participant) *Stay {
	p.SID, p.JoinTime = n.id("PA"), n.now
	s := &Stay{Participant: p}
	n.meeting.Stays = append(n.meeting.Stays, s)
	return s
}

// abort begins to connect, and fails.
func (n *narrator) abort(p video.Participant) {
	p.Identity += "-aborted" // who is there stays
	s := n.connect(p)
	n.wait(20_000)
	s.End, s.LeaveReason = n.now, "JOIN_FAILURE"
	n.tell(video.ParticipantAborted, video.Event{Participant: &s.Participant})
}

// replace comes a second time.
func (n *narrator) replace(s *Stay) {
	p := s.Participant
	p.LeaveReason = ""
	n.come(p)
}

// here are those whose connection stands.
func (n *narrator) here() []*Stay {
	var here []*Stay
	for _, s := range n.meeting.Stays {
		if during(n.now, s.Active, s.End) {
			here = append(here, s)
		}
	}
	return here
}

func (n *narrator) somebody() *Stay { return rapid.SampledFrom(n.here()).Draw(n.t, "whose") }

// leave may be the meeting's end.
func (n *narrator) leave(s *Stay, reason string) {
	n.depart(s, reason)
	if len(n.here()) == 0 && rapid.Bool().Draw(n.t, "nobody comes back") {
		n.wait(20_000)
		n.close()
	}
}

func (n *narrator) depart(s *Stay, reason string) {
	s.End, s.LeaveReason = n.now, reason
	n.tell(video.ParticipantLeft, video.Event{Participant: &s.Participant})
}

// delete sends everybody out.
func (n *narrator) delete() {
	for _, s := range n.here() {
		n.depart(s, "ROOM_DELETED")
		n.wait(5)
	}
	n.close()
}

// close ends the meeting, and after it the egress that saw it.
func (n *narrator) close() {
	n.meeting.End = n.now
	n.tell(video.RoomFinished, video.Event{})
	if c := n.capture(); c != nil {
		n.wait(2000)
		n.change(c, rapid.SampledFrom(endings).Draw(n.t, "ending"))
	}
	n.meeting = nil
}

// track tells of one as LiveKit does: with little of the room and less of the
// participant.
func (n *narrator) track(kind video.EventKind) {
	s := n.somebody()
	n.tell(kind, video.Event{
		Room:        video.EventRoom{Name: n.room, SID: n.meeting.Room.SID},
		Participant: &video.Participant{SID: s.SID, Identity: s.Identity},
		Track:       &video.Track{SID: "TR_" + s.SID, Source: video.Microphone},
	})
}

// capture is the egress at work, of which there is one at a time.
func (n *narrator) capture() *Capture {
	for _, c := range n.meeting.Captures {
		if !c.status().Ended() {
			return c
		}
	}
	return nil
}

// record starts an egress, whose recorder comes into the room as a participant.
func (n *narrator) record() {
	c := &Capture{ID: n.id("EG")}
	n.meeting.Captures = append(n.meeting.Captures, c)
	n.change(c, video.Starting)
	n.wait(3000)
	n.come(video.Participant{Identity: c.ID, Kind: video.RecorderKind})
}

// goOn takes an egress to its next status. Some end without having said so.
func (n *narrator) goOn(c *Capture) {
	next := map[video.EgressStatus][]video.EgressStatus{
		video.Starting: {video.Active, video.Active, video.CaptureFailed, video.CaptureAborted},
		video.Active:   {video.Ending, video.Ending, video.LimitReached, video.CaptureFailed},
		video.Ending:   {video.Complete},
	}[c.status()]
	status := rapid.SampledFrom(next).Draw(n.t, "status")
	n.change(c, status)
	if !status.Ended() {
		return
	}
	for _, s := range n.here() {
		if s.Identity == c.ID {
			n.wait(100)
			n.leave(s, "CLIENT_INITIATED")
		}
	}
}

func (n *narrator) change(c *Capture, status video.EgressStatus) {
	kind := video.EgressUpdated
	switch {
	case len(c.Changes) == 0:
		kind = video.EgressStarted
	case status.Ended():
		kind = video.EgressEnded
	}
	c.Changes = append(c.Changes, Change{n.now, status})
	egress := n.meeting.egress(c.ID, c.Changes)
	n.tell(kind, video.Event{Room: video.EventRoom{Name: n.room, SID: n.meeting.Room.SID}, Egress: &egress})
}

// tell adds an event that happens now. It is about the meeting's room unless it
// says otherwise, and about a participant as they are now.
func (n *narrator) tell(kind video.EventKind, e video.Event) {
	e.Provider, e.ID, e.Kind, e.Type = video.LiveKit, n.id("EV"), kind, words[kind]
	e.Time = n.now.Truncate(time.Second)
	if e.Room == (video.EventRoom{}) {
		e.Room = n.meeting.Room
	}
	if e.Participant != nil {
		p := *e.Participant
		e.Participant = &p
	}
	n.story.Told = append(n.story.Told, Told{n.now, e})
	n.wait(2)
}

// words are LiveKit's for the kinds of events.
var words = func() map[video.EventKind]string {
	words := map[video.EventKind]string{}
	for word, kind := range fakeKinds {
		words[kind] = word
	}
	return words
}()
