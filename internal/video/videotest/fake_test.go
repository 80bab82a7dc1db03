package videotest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

func TestFakePassesTheSuite(t *testing.T) {
	fake := videotest.NewFake(video.LiveKit, nil)
	deliveries := make(chan videotest.Delivery, 100)
	fake.Deliver(func(d videotest.Delivery) { deliveries <- d })
	videotest.Run(t, videotest.Harness{
		Provider:    fake,
		Unreachable: unreachable(),
		Sign:        fake.Sign,
		Forge:       func([]byte) http.Header { return fake.Sign([]byte("another body")) },
		Known: []byte(`{"ID":"EV_1","Type":"room_started","Time":"2026-01-02T03:04:05Z",
			"Room":{"Name":"a","SID":"RM_a","StartTime":"2026-01-02T03:04:05Z"}}`),
		Unknown: []byte(`{"ID":"EV_1","Type":"room_painted"}`),
		NoID:    []byte(`{"Type":"room_started"}`),
		AddForeignRule: func(_ *testing.T, pin string) string {
			return fake.AddRule(video.Rule{RoomName: "theirs", PIN: pin})
		},
		AddEgress: func(_ *testing.T, e video.Egress) { fake.Hold(video.Look{Egresses: []video.Egress{e}}) },
		Join: func(t *testing.T, pass video.Pass) func() {
			leave, err := fake.Join(pass)
			require.NoError(t, err)
			return leave
		},
		Speak: func(t *testing.T, pass video.Pass) (string, func()) {
			_, err := fake.Join(pass)
			require.NoError(t, err)
			look, err := fake.Look(t.Context(), nil, nil)
			require.NoError(t, err)
			room := look.Rooms[slices.IndexFunc(look.Rooms, func(r video.RoomLook) bool { return strings.Contains(pass.Token, r.Room.Name) })]
			fake.Publish(room.Room.Name, room.Participants[0].Identity, video.Track{SID: "TR_voice", Source: video.Microphone})
			return "TR_voice", func() { fake.Unpublish(room.Room.Name, room.Participants[0].Identity, "TR_voice") }
		},
		Deliveries:   deliveries,
		Play:         fake.Play,
		ReadCaptured: func(_ *testing.T, path string) []byte { return fake.Captured(path) },
		Metadata:     func(_ *testing.T, roomName string) string { return fake.RoomMetadata(roomName) },
	})
}

// unreachable fails a few times at everything.
func unreachable() *videotest.Fake {
	fake := videotest.NewFake(video.LiveKit, nil)
	for _, method := range []string{"EndMeeting", "CreateRule", "DeleteRule", "ListRules", "Look", "Alive",
		"StartCapture", "StopCapture", "ListCaptures", "SetRoomMetadata", "ReadRoomMetadata",
	} {
		fake.Fail(method, 10, video.ErrUnavailable)
	}
	return fake
}

func TestInjectedFailures(t *testing.T) {
	fake := videotest.NewFake(video.LiveKit, nil)
	rule := video.Rule{RoomName: "a", RoomID: "a", PIN: "1111"}

	fake.Fail("CreateRule", 1, video.ErrRefused)
	_, err := fake.CreateRule(t.Context(), rule)
	require.ErrorIs(t, err, video.ErrRefused)
	require.Empty(t, fake.Rules())

	fake.FailAfter("CreateRule", 1)
	id, err := fake.CreateRule(t.Context(), rule)
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.Empty(t, id)
	require.Len(t, fake.Rules(), 1)

	_, err = fake.CreateRule(t.Context(), rule)
	require.ErrorIs(t, err, video.ErrRuleExists)
	require.Equal(t, 3, fake.Calls("CreateRule"))
	require.Zero(t, fake.Calls("ListRules"))
}

func TestTwoRulesOfOnePINStopAllCreation(t *testing.T) {
	fake := videotest.NewFake(video.LiveKit, nil)
	twin := fake.AddRule(video.Rule{RoomName: "a", PIN: "1111"})
	fake.AddRule(video.Rule{RoomName: "b", PIN: "1111"})
	other := video.Rule{RoomName: "c", PIN: "2222"}
	_, err := fake.CreateRule(t.Context(), other)
	require.ErrorIs(t, err, video.ErrRuleExists)
	require.NoError(t, fake.DeleteRule(t.Context(), twin))
	_, err = fake.CreateRule(t.Context(), other)
	require.NoError(t, err)
}

func TestAnExpiredPassDoesNotLetIn(t *testing.T) {
	clock := clockwork.NewFakeClock()
	fake := videotest.NewFake(video.LiveKit, clock)
	pass, err := fake.Pass(t.Context(), video.PassRequest{
		PassID: "p", RoomName: "r", Identity: "i", Expires: clock.Now().Add(video.MaxPassLifetime),
	})
	require.NoError(t, err)
	clock.Advance(video.MaxPassLifetime + 1)
	_, err = fake.Join(pass)
	require.Error(t, err)
}

// TestWhatAFakeHolds: people of its truth are seen, as ghosts after a crash, and
// not at all once they are forgotten, though they meet on.
func TestWhatAFakeHolds(t *testing.T) {
	clock := clockwork.NewFakeClock()
	fake := videotest.NewFake(video.LiveKit, clock)
	now := clock.Now().UTC()
	ada := video.Presence{Participant: video.Participant{SID: "PA_1", Identity: "ada", Kind: video.Web, JoinTime: now}, Active: true}
	truth := video.Look{
		Rooms: []video.RoomLook{
			{Room: video.EventRoom{Name: "a", SID: "RM_a", StartTime: now}, Participants: []video.Presence{ada}, AskTime: now, AnswerTime: now},
			{Room: video.EventRoom{Name: "b"}, Participants: []video.Presence{}, AskTime: now, AnswerTime: now},
		},
		Egresses: []video.Egress{{ID: "EG_1", RoomName: "a", RoomSID: "RM_a", Status: video.Active}},
		Calls:    4,
	}
	fake.Hold(truth)
	require.Equal(t, truth, look(t, fake))
	require.True(t, alive(t, fake))

	fake.Fail("LookInto", 1, video.ErrUnavailable)
	broken := look(t, fake)
	require.ErrorIs(t, broken.Rooms[0].Err, video.ErrUnavailable)
	require.Nil(t, broken.Rooms[0].Participants)
	require.NoError(t, broken.Rooms[1].Err)

	fake.Crash()
	require.Equal(t, truth, look(t, fake))
	require.False(t, alive(t, fake))

	fake.Hold(truth)
	fake.Forget()
	empty := look(t, fake)
	require.Empty(t, empty.Egresses)
	require.Equal(t, video.EventRoom{Name: "a"}, empty.Rooms[0].Room)
	require.Empty(t, empty.Rooms[0].Participants)
	require.True(t, alive(t, fake))
}

func look(t *testing.T, fake *videotest.Fake) video.Look {
	t.Helper()
	seen, err := fake.Look(t.Context(), []string{"a", "b"}, nil)
	require.NoError(t, err)
	return seen
}

func alive(t *testing.T, fake *videotest.Fake) bool {
	t.Helper()
	is, err := fake.Alive(t.Context(), "a", "ada")
	require.NoError(t, err)
	return is
}
