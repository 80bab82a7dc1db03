package videotest

import (
	"cmp"
	"context"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Hold makes the fake hold what a look says, and nothing else: its rooms, who is
// in them, and its egresses. Nobody is told. AskTime, AnswerTime and Calls are not
// read; a room without SID is one that is not there.
func (f *Fake) Hold(truth video.Look) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.meetings = map[string]*fakeMeeting{}
	f.egresses = slices.Clone(truth.Egresses)
	for _, r := range truth.Rooms {
		if r.Room.SID == "" {
			continue
		}
		meeting := &fakeMeeting{room: r.Room, people: map[string]*fakePerson{}}
		for _, presence := range r.Participants {
			meeting.people[presence.SID] = &fakePerson{Presence: presence}
		}
		f.meetings[r.Room.Name] = meeting
	}
}

// Crash makes ghosts of all who are in: they are listed, and not alive, and stay
// so until they are forgotten.
func (f *Fake) Crash() {
	f.each(func(_ *fakeMeeting, person *fakePerson) { person.ghost = true })
}

// Forget lists nobody and nothing any more of what is there now, as after
// LiveKit's Redis was emptied. People meet on, and their leaving is told.
func (f *Fake) Forget() {
	f.each(func(meeting *fakeMeeting, person *fakePerson) { meeting.forgotten, person.forgotten = true, true })
	f.mu.Lock()
	defer f.mu.Unlock()
	f.egresses = nil
}

func (f *Fake) each(do func(*fakeMeeting, *fakePerson)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, meeting := range f.meetings {
		for _, person := range meeting.people {
			do(meeting, person)
		}
	}
}

// Look lists what is there. A failure of LookInto, one for each room in the order
// of names, or of ListEgress is told in the look.
func (f *Fake) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	look := video.Look{Calls: 1}
	var names []string
	err := f.call(ctx, "Look", func() error {
		names = f.worth(known, ours)
		return nil
	})
	if err != nil {
		return look, err
	}
	for _, name := range names {
		look.Calls++
		look.Rooms = append(look.Rooms, f.into(ctx, name))
	}
	look.Calls++
	look.EgressErr = f.call(ctx, "ListEgress", func() error {
		look.Egresses = slices.DeleteFunc(append([]video.Egress{}, f.egresses...), func(e video.Egress) bool { return e.Status.Ended() })
		return nil
	})
	return look, nil
}

func (f *Fake) worth(known []string, ours func(string) bool) []string {
	names := slices.Clone(known)
	for name, meeting := range f.meetings {
		if !meeting.forgotten && (ours == nil || ours(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (f *Fake) into(ctx context.Context, name string) video.RoomLook {
	now := f.clock.Now().UTC()
	r := video.RoomLook{Room: video.EventRoom{Name: name}, AskTime: now, AnswerTime: now}
	r.Err = f.call(ctx, "LookInto", func() error {
		r.Participants = []video.Presence{}
		meeting, ok := f.meetings[name]
		if !ok {
			return nil
		}
		if !meeting.forgotten {
			r.Room = meeting.room
		}
		for _, person := range meeting.people {
			if !person.forgotten {
				r.Participants = append(r.Participants, person.Presence)
			}
		}
		slices.SortFunc(r.Participants, func(a, b video.Presence) int { return cmp.Compare(a.SID, b.SID) })
		return nil
	})
	return r
}

// Alive knows ghosts from people.
func (f *Fake) Alive(ctx context.Context, roomName, identity string) (alive bool, err error) {
	err = f.call(ctx, "Alive", func() error {
		meeting, ok := f.meetings[roomName]
		if !ok {
			return nil
		}
		for _, person := range meeting.people {
			alive = alive || person.Identity == identity && !person.ghost
		}
		return nil
	})
	return alive, err
}
