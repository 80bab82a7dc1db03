package videotest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// fakeMeeting is a room with people in it.
type fakeMeeting struct {
	room      video.EventRoom
	metadata  string
	forgotten bool
	people    map[string]*fakePerson // by SID
}

// fakePerson is a participant, or what a crash left of one.
type fakePerson struct {
	video.Presence
	forgotten bool
	ghost     bool
}

// fakeToken is a fake pass's token, as JSON.
type fakeToken struct {
	Room, Identity, Name, Pass string
	Expires                    time.Time
}

// errTokenExpired: a fake pass came too late.
var errTokenExpired = errors.New("the pass has expired")

// Deliver says who gets the webhooks of those who Join, while the fake is locked:
// it may not call the fake.
func (f *Fake) Deliver(to func(Delivery)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deliver = to
}

// Pass is a token that Join takes.
func (f *Fake) Pass(ctx context.Context, r video.PassRequest) (pass video.Pass, err error) {
	if err := r.Check(f.clock.Now()); err != nil {
		return video.Pass{}, err
	}
	err = f.call(ctx, "Pass", func() error {
		token, err := json.Marshal(fakeToken{
			Room: r.RoomName, Identity: r.Identity, Name: r.DisplayName, Pass: r.PassID, Expires: r.Expires,
		})
		pass = video.Pass{ServerURL: "wss://" + string(f.name) + ".example", Token: string(token)}
		return err
	})
	if err != nil {
		return video.Pass{}, err
	}
	return pass, nil
}

// Join comes in with a pass; leave goes out again. The webhooks are LiveKit's:
// room_started before the first, room_finished after the last. Of a ghost with
// the same identity nothing is left.
func (f *Fake) Join(pass video.Pass) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var token fakeToken
	if err := json.Unmarshal([]byte(pass.Token), &token); err != nil {
		return nil, err
	}
	now := f.clock.Now().UTC()
	if now.After(token.Expires) {
		return nil, errTokenExpired
	}
	meeting := f.meeting(token.Room, now)
	sid := f.id("PA")
	person := &fakePerson{Presence: video.Presence{Active: true, Participant: video.Participant{
		SID: sid, Identity: token.Identity, Name: token.Name, Kind: video.Web, JoinTime: now, PassID: token.Pass,
	}}}
	maps.DeleteFunc(meeting.people, func(_ string, old *fakePerson) bool {
		return old.ghost && old.Identity == person.Identity
	})
	meeting.people[sid] = person
	meeting.forgotten = false
	f.tell("participant_joined", meeting, &person.Participant)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.remove(meeting, sid, "CLIENT_INITIATED")
	}, nil
}

// EndMeeting sends everybody out.
func (f *Fake) EndMeeting(ctx context.Context, roomName string) error {
	return f.call(ctx, "EndMeeting", func() error {
		meeting, ok := f.meetings[roomName]
		if !ok {
			return nil
		}
		for sid := range meeting.people {
			f.remove(meeting, sid, "ROOM_DELETED")
		}
		return nil
	})
}

func (f *Fake) meeting(name string, now time.Time) *fakeMeeting {
	meeting, ok := f.meetings[name]
	if !ok {
		meeting = &fakeMeeting{
			room:   video.EventRoom{Name: name, SID: f.id("RM"), StartTime: now},
			people: map[string]*fakePerson{},
		}
		f.meetings[name] = meeting
		f.tell("room_started", meeting, nil)
	}
	return meeting
}

func (f *Fake) remove(meeting *fakeMeeting, sid, reason string) {
	person, ok := meeting.people[sid]
	if !ok || person.ghost {
		return
	}
	delete(meeting.people, sid)
	person.LeaveReason = reason
	f.tell("participant_left", meeting, &person.Participant)
	if !meeting.alive() {
		delete(f.meetings, meeting.room.Name)
		f.tell("room_finished", meeting, nil)
	}
}

// alive tells whether anybody is in who is no ghost.
func (m *fakeMeeting) alive() bool {
	for _, person := range m.people {
		if !person.ghost {
			return true
		}
	}
	return false
}

func (f *Fake) tell(kind string, meeting *fakeMeeting, participant *video.Participant) {
	if f.deliver == nil {
		return
	}
	f.deliver(f.Webhook(video.Event{
		ID: f.id("EV"), Type: kind, Time: f.clock.Now().UTC(), Room: meeting.room, Participant: participant,
	}))
}
