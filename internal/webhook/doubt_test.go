package webhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func participant(sid, identity string) video.Participant {
	return video.Participant{SID: sid, Identity: identity, Kind: video.Web, JoinTime: noon.Add(-time.Hour)}
}

// believing is a meeting in a room, heard of a while before noon, with people.
func believing(name, sid string, ago time.Duration, people ...video.Participant) *believed {
	m := &believed{
		room:  video.EventRoom{Name: name, SID: sid, StartTime: noon.Add(-time.Hour)},
		since: noon.Add(-ago), people: map[string]believedPerson{},
	}
	for _, p := range people {
		m.people[p.SID] = believedPerson{p, noon.Add(-ago)}
	}
	return m
}

// seeing is what a look at noon shows of a room; without a SID it is not there.
func seeing(name, sid string, people ...video.Presence) video.RoomLook {
	l := video.RoomLook{Room: video.EventRoom{Name: name, SID: sid}, Participants: people, AskTime: noon}
	if sid != "" {
		l.Room.StartTime = noon.Add(-time.Hour)
	}
	return l
}

func active(p video.Participant) video.Presence { return video.Presence{Participant: p, Active: true} }

func TestDoubts(t *testing.T) {
	ada, bob := participant("PA_1", "ada"), participant("PA_2", "bob")
	adaAgain, half := participant("PA_3", "ada"), video.Participant{SID: "PA_1", Identity: "ada"}
	broken := seeing("a", "RM_1")
	broken.Err = video.ErrChanging
	unstarted := believing("a", "RM_1", time.Minute)
	unstarted.room.StartTime = time.Time{}
	type said struct {
		kind      video.EventKind
		room, who string
		sure      bool
	}
	for _, c := range []struct {
		name     string
		belief   []*believed
		look     video.RoomLook
		expected []said
	}{
		{"all is as believed", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", "RM_1", active(ada)), nil},
		{"nothing anywhere", nil, seeing("a", ""), nil},
		{"a meeting and a person unheard", nil, seeing("a", "RM_1", active(ada)),
			[]said{{video.ParticipantSeen, "RM_1", "PA_1", false}}},
		{"a person unheard", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", "RM_1", active(ada), active(bob)),
			[]said{{video.ParticipantSeen, "RM_1", "PA_2", false}}},
		{"who is still coming is not there", nil, seeing("a", "RM_1", video.Presence{Participant: ada}), nil},
		{"an empty room is no meeting", nil, seeing("a", "RM_1"), nil},
		{"listed in a room that is not there", nil, seeing("a", "", active(ada)), nil},
		{"a leave unheard", []*believed{believing("a", "RM_1", time.Minute, ada, bob)}, seeing("a", "RM_1", active(bob)),
			[]said{{video.ParticipantMissed, "RM_1", "PA_1", false}}},
		{"who is young is not doubted", []*believed{believing("a", "RM_1", time.Second, ada)}, seeing("a", "RM_1"), nil},
		{"who is going is still there", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", "RM_1", video.Presence{Participant: ada}), nil},
		{"back under another SID", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", "RM_1", active(adaAgain)),
			[]said{{video.ParticipantMissed, "RM_1", "PA_1", true}, {video.ParticipantSeen, "RM_1", "PA_3", false}}},
		{"a finish unheard", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", ""),
			[]said{{video.RoomMissed, "RM_1", "", false}}},
		{"a young meeting is not doubted", []*believed{believing("a", "RM_1", time.Second, ada)}, seeing("a", ""), nil},
		{"the room's next meeting", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("a", "RM_2", active(bob)),
			[]said{{video.RoomMissed, "RM_1", "", true}, {video.ParticipantSeen, "RM_2", "PA_2", false}}},
		{"nothing is known of a room that changes", []*believed{believing("a", "RM_1", time.Minute, ada)}, broken, nil},
		{"another room says nothing", []*believed{believing("a", "RM_1", time.Minute, ada)}, seeing("b", ""), nil},
		{"known by a track alone and there", []*believed{believing("a", "RM_1", time.Minute, half)}, seeing("a", "RM_1", active(ada)),
			[]said{{video.ParticipantSeen, "RM_1", "PA_1", false}}},
		{"known by a track alone and gone", []*believed{believing("a", "RM_1", time.Minute, half)}, seeing("a", "RM_1"),
			[]said{{video.ParticipantMissed, "RM_1", "PA_1", false}}},
		{"nobody knows when it began", []*believed{unstarted}, seeing("a", "RM_1"),
			[]said{{video.RoomSeen, "RM_1", "", true}}},
	} {
		b := belief{}
		for _, m := range c.belief {
			b[m.room.SID] = m
		}
		var found []said
		for _, d := range doubts(b, video.Look{Rooms: []video.RoomLook{c.look}}) {
			require.Equal(t, noon, d.asked, c.name)
			require.Equal(t, "a", d.room.Name, c.name)
			found = append(found, said{d.kind, d.room.SID, d.key().who, d.sure})
		}
		require.Equal(t, c.expected, found, c.name)
	}
}

// TestBoth: a doubt has to be raised twice, and it is told as of when it is sure.
func TestBoth(t *testing.T) {
	ada := participant("PA_1", "ada")
	room := video.EventRoom{Name: "a", SID: "RM_1"}
	d := func(kind video.EventKind, who *video.Participant, at time.Time) doubt {
		return doubt{kind: kind, room: room, who: who, asked: at}
	}
	later := noon.Add(3 * time.Second)
	seen, missed, over := d(video.ParticipantSeen, &ada, noon), d(video.ParticipantMissed, &ada, noon), d(video.RoomMissed, nil, noon)
	require.Empty(t, both([]doubt{seen, missed, over}, nil))
	require.Empty(t, both([]doubt{seen}, []doubt{d(video.ParticipantMissed, &ada, later)}))
	require.Empty(t, both(nil, []doubt{seen}))
	require.Equal(t, []doubt{d(video.ParticipantSeen, &ada, later), missed, over},
		both([]doubt{seen, missed, over}, []doubt{
			d(video.RoomMissed, nil, later), d(video.ParticipantMissed, &ada, later), d(video.ParticipantSeen, &ada, later),
		}))
}
