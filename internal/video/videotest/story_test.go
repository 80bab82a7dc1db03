package videotest_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestStoriesTellTheTruth: who believes every event knows at any instant who is
// where, which rooms are there and which egresses are at work.
func TestStoriesTellTheTruth(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		story := videotest.Stories("a", "b", "c").Draw(r, "story")
		rooms, people, egresses := map[string]bool{}, map[string]bool{}, map[string]video.Egress{}
		ids := map[string]bool{}
		for i, told := range story.Told {
			e := told.Event
			require.False(r, ids[e.ID], e.ID)
			ids[e.ID] = true
			require.Equal(r, told.At.Truncate(time.Second), e.Time)
			switch e.Kind {
			case video.RoomStarted:
				rooms[e.Room.SID] = true
			case video.RoomFinished:
				delete(rooms, e.Room.SID)
			case video.ParticipantJoined:
				people[e.Participant.SID] = true
			case video.ParticipantLeft:
				delete(people, e.Participant.SID)
			case video.EgressStarted, video.EgressUpdated:
				egresses[e.Egress.ID] = *e.Egress
			case video.EgressEnded:
				delete(egresses, e.Egress.ID)
			}
			if i+1 < len(story.Told) && story.Told[i+1].At.Equal(told.At) {
				continue // in another room
			}
			requireHeld(r, story.At(told.At), rooms, people, egresses)
		}
		requireHeld(r, story.At(story.End), rooms, people, egresses)
	})
}

func requireHeld(t require.TestingT, look video.Look, rooms, people map[string]bool, egresses map[string]video.Egress) {
	seenRooms, seenPeople := map[string]bool{}, map[string]bool{}
	for _, r := range look.Rooms {
		seenRooms[r.Room.SID] = true
		for _, p := range r.Participants {
			if p.Active {
				seenPeople[p.SID] = true
			}
		}
	}
	require.Equal(t, rooms, seenRooms)
	require.Equal(t, people, seenPeople)
	require.ElementsMatch(t, slices.Collect(maps.Values(egresses)), look.Egresses)
}

// TestAStoryIsTheSameForOneSeed, as a test that failed wants to be repeated.
func TestAStoryIsTheSameForOneSeed(t *testing.T) {
	stories := videotest.Stories("a", "b")
	require.Equal(t, stories.Example(7), stories.Example(7))
	require.NotEqual(t, stories.Example(7), stories.Example(8))
}

// TestAFakeHoldsAStory at any instant.
func TestAFakeHoldsAStory(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		story := videotest.Stories("a", "b").Draw(r, "story")
		at := rapid.SampledFrom(story.Told).Draw(r, "when").At
		fake := videotest.NewFake(video.LiveKit, nil)
		fake.Hold(story.At(at))
		look, err := fake.Look(t.Context(), nil, nil)
		require.NoError(r, err)
		for i := range look.Rooms {
			look.Rooms[i].AskTime, look.Rooms[i].AnswerTime = at, at
		}
		look.Calls = 0
		require.Equal(r, story.At(at), look)
	})
}

// TestStoriesHoldWhatIsHard: a property that is never put to the test holds.
func TestStoriesHoldWhatIsHard(t *testing.T) {
	seen := map[string]int{}
	for seed := range 300 {
		story := videotest.Stories("a", "b").Example(seed)
		for _, told := range story.Told {
			seen[told.Event.Type]++
		}
		meetings := map[string]int{}
		for _, m := range story.Meetings {
			if meetings[m.Room.Name]++; meetings[m.Room.Name] > 1 {
				seen["a second meeting"]++
			}
			if m.End.IsZero() {
				seen["a meeting goes on"]++
			}
			if len(m.Stays) == 0 {
				seen["nobody came"]++
			}
			identities := map[string]bool{}
			for _, s := range m.Stays {
				seen["kind "+string(s.Kind)]++
				seen["reason "+s.LeaveReason]++
				if identities[s.Identity] {
					seen["came again"]++
				}
				identities[s.Identity] = true
			}
		}
	}
	for _, what := range []string{
		"room_started", "room_finished", "participant_joined", "participant_left", "participant_connection_aborted",
		"track_published", "track_unpublished", "egress_started", "egress_updated", "egress_ended",
		"a second meeting", "a meeting goes on", "nobody came", "came again",
		"kind web", "kind phone", "kind agent", "kind recorder", "kind ingress",
		"reason CLIENT_INITIATED", "reason DUPLICATE_IDENTITY", "reason ROOM_DELETED", "reason JOIN_FAILURE",
	} {
		require.Greater(t, seen[what], 20, what)
	}
}
