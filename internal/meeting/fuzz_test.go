package meeting

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// eventSize is how many bytes make an event.
const eventSize = 6

// eventOf reads an event, of whatever kind, about one of a few connections to two
// meetings; a byte 0 where a time would be is none.
func eventOf(b []byte) video.Event {
	second := func(b byte) time.Time {
		if b == 0 {
			return time.Time{}
		}
		return at(int(b))
	}
	kinds := []video.PersonKind{video.Unknown, video.Web, video.Phone, video.RecorderKind}
	words := []string{"", "a", "b", "ba"}
	sid := []string{"RM_1", "RM_2"}[b[1]&1]
	e := video.Event{
		Provider: video.LiveKit, Kind: video.EventKind(b[0] % byte(video.ParticipantMissed+1)), Time: second(b[2]),
		ReceiveTime: at(int(b[3])), Room: video.EventRoom{SID: sid, StartTime: second(b[4])},
	}
	switch e.Kind {
	case video.Other, video.RoomStarted, video.RoomFinished, video.RoomSeen, video.RoomMissed:
	case video.EgressStarted, video.EgressUpdated, video.EgressEnded:
		e.Egress = &video.Egress{ID: "EG_1", RoomSID: sid}
	default:
		e.Participant = &video.Participant{
			SID: "PA_" + words[b[1]>>1&3] + sid, Identity: "ada", JoinTime: second(b[5]),
			Kind: kinds[b[1]>>3&3], Name: words[b[1]>>5&3], LeaveReason: words[b[5]&3],
		}
	}
	return e
}

// FuzzMerge: whatever is told, in any order, as often as one likes and in parts,
// comes to the same account.
func FuzzMerge(f *testing.F) {
	f.Add([]byte("\x01\x00\x05\x05\x05\x05\x03\x0a\x06\x06\x05\x06\x04\x0a\x20\x20\x05\x06\x02\x00\x30\x30\x05\x00"), uint64(1))
	f.Add([]byte("\x0e\x0a\x05\x05\x05\x05\x03\x0a\x06\x06\x05\x06\x0d\x0a\x20\x20\x05\x06\x0c\x00\x30\x30\x05\x00"), uint64(2))
	f.Add([]byte("\x05\x0a\x00\x05\x00\x00\x04\x0a\x00\x06\x00\x00\x08\x00\x20\x20\x05\x06\x06\x03\x30\x30\x05\x00"), uint64(3))
	f.Fuzz(func(t *testing.T, told []byte, seed uint64) {
		var events []video.Event
		for b := range slices.Chunk(told[:min(len(told), 64*eventSize)], eventSize) {
			if len(b) == eventSize {
				events = append(events, eventOf(b))
			}
		}
		shuffled := slices.Concat(events, events)
		r := rand.New(rand.NewPCG(seed, seed))
		r.Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		inOrder, atRandom := accountOf(events), accountOf(shuffled)
		if len(inOrder.meetings) != len(atRandom.meetings) || len(inOrder.participations) != len(atRandom.participations) {
			t.Fatalf("%v\n%v", inOrder, atRandom)
		}
		for k, m := range inOrder.meetings {
			if other := atRandom.meetings[k]; !m.is.equal(other.is) {
				t.Fatalf("%s: %+v\n%+v", k.sid, m.is, other.is)
			}
		}
		for k, c := range inOrder.participations {
			if other := atRandom.participations[k]; !c.is.equal(other.is) {
				t.Fatalf("%s: %+v\n%+v", k.sid, c.is, other.is)
			}
		}
	})
}

// accountOf merges events as Apply does, as if each were written and read again.
func accountOf(events []video.Event) *account {
	room := &ent.Room{ID: uuid.UUID{1}}
	a := &account{map[key]*meeting{}, map[key]*connection{}}
	for _, e := range events {
		a.merge(room, e)
		for k, m := range a.meetings {
			row := m.entity(k)
			m.is = spanOf(row.StartTime, row.EndTime, (*rank)(row.EndRank), row.MissedTime, row.SeenTime)
		}
		for k, c := range a.participations {
			c.is = factsOf(c.entity(k))
		}
	}
	return a
}
