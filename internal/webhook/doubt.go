package webhook

import (
	"slices"
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// young is how long after its first event something is not doubted: the
// provider's lists lag behind its events, and its clock may differ from ours.
const young = 2 * time.Second

// belief is what we think goes on at a provider, by SID.
type belief map[string]*believed

// believed is a meeting that we think goes on.
type believed struct {
	room  video.EventRoom
	since time.Time // when we heard of it
	// people are all who are connected, recorders and agents included.
	people map[string]believedPerson
}

// believedPerson may be known by a track alone, without kind and join time.
type believedPerson struct {
	video.Participant
	since time.Time
}

func (p believedPerson) known() bool { return p.Kind != video.Unknown && !p.JoinTime.IsZero() }

// doubt is a difference between what is believed and what was seen, as the event
// that would explain it.
type doubt struct {
	kind video.EventKind
	room video.EventRoom
	who  *video.Participant // of those about a participant
	// asked is when the question was sent whose answer raises the doubt.
	asked time.Time
	// sure is when there is nobody to ask after: the provider itself shows that the
	// identity or the room's name has gone on to another SID, or when a room began.
	sure bool
	// ghost is who was listed all the same, and may have left since.
	ghost bool
}

// key tells doubts apart.
func (d doubt) key() doubtKey {
	k := doubtKey{kind: d.kind, room: d.room.SID}
	if d.who != nil {
		k.who = d.who.SID
	}
	return k
}

type doubtKey struct {
	kind      video.EventKind
	room, who string
}

// doubts compares. Nothing is doubted in a room of which the look says nothing.
func doubts(b belief, look video.Look) (found []doubt) {
	byName := map[string][]*believed{}
	for _, m := range b {
		byName[m.room.Name] = append(byName[m.room.Name], m)
	}
	for _, r := range look.Rooms {
		if r.Err != nil {
			continue
		}
		for _, m := range byName[r.Room.Name] {
			if m.room.SID == r.Room.SID {
				found = append(found, slices.Concat(unstarted(m, r), unseen(m, r))...)
			} else if old(m.since, r.AskTime) {
				found = append(found, doubt{kind: video.RoomMissed, room: m.room, asked: r.AskTime, sure: r.Room.SID != ""})
			}
		}
		found = append(found, unheard(b[r.Room.SID], r)...)
	}
	return found
}

// unstarted is a meeting that was only told of by events of tracks, which do not
// say when it began.
func unstarted(m *believed, r video.RoomLook) []doubt {
	if !m.room.StartTime.IsZero() || r.Room.StartTime.IsZero() {
		return nil
	}
	return []doubt{{kind: video.RoomSeen, room: r.Room, asked: r.AskTime, sure: true}}
}

// unseen are those in a meeting who are not listed.
func unseen(m *believed, r video.RoomLook) (found []doubt) {
	for sid, p := range m.people {
		if !old(p.since, r.AskTime) || slices.ContainsFunc(r.Participants, func(l video.Presence) bool { return l.SID == sid }) {
			continue
		}
		moved := slices.ContainsFunc(r.Participants, func(l video.Presence) bool { return l.Identity == p.Identity })
		found = append(found, doubt{kind: video.ParticipantMissed, room: m.room, who: &p.Participant, asked: r.AskTime, sure: moved})
	}
	return found
}

// unheard are those who are listed as there and not believed to be; a meeting of
// which nobody told is doubted with them.
func unheard(m *believed, r video.RoomLook) (found []doubt) {
	if r.Room.SID == "" {
		return nil // nobody is in a room that is not there
	}
	for _, l := range r.Participants {
		if m != nil {
			if m.people[l.SID].known() {
				continue
			}
		}
		if l.Active {
			found = append(found, doubt{kind: video.ParticipantSeen, room: r.Room, who: &l.Participant, asked: r.AskTime})
		}
	}
	return found
}

func old(since, asked time.Time) bool { return since.Before(asked.Add(-young)) }

// both are the doubts of a first look that a second one raises again. What was
// missed was so from the first look on, what was seen is so at the second.
func both(first, second []doubt) (kept []doubt) {
	again := map[doubtKey]doubt{}
	for _, d := range second {
		again[d.key()] = d
	}
	for _, d := range first {
		s, ok := again[d.key()]
		if !ok {
			continue
		}
		if d.kind == video.ParticipantSeen {
			d.asked = s.asked
		}
		kept = append(kept, d)
	}
	return kept
}
