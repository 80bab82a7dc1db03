package videotest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// eventTime is how long the suite waits for an event.
const eventTime = 20 * time.Second

func (h Harness) meeting(t *testing.T) {
	t.Run("comes and goes", h.comesAndGoes)
	t.Run("is sent out", h.sentOut)
}

func (h Harness) comesAndGoes(t *testing.T) {
	r := request()
	leave := h.join(t, r)
	events := h.await(t, r.RoomName, video.RoomStarted, video.ParticipantJoined)
	started, joined := events[video.RoomStarted], events[video.ParticipantJoined]
	requireRoom(t, joined, started.Room)
	requirePerson(t, joined, r)
	require.WithinDuration(t, time.Now(), joined.Participant.JoinTime, time.Minute)
	require.Empty(t, joined.Participant.LeaveReason)

	leave()
	events = h.await(t, r.RoomName, video.ParticipantLeft, video.RoomFinished)
	left, finished := events[video.ParticipantLeft], events[video.RoomFinished]
	requireRoom(t, left, started.Room)
	requireRoom(t, finished, started.Room)
	requirePerson(t, left, r)
	require.Equal(t, joined.Participant.SID, left.Participant.SID)
	require.NotEmpty(t, left.Participant.LeaveReason)
}

func (h Harness) sentOut(t *testing.T) {
	r := request()
	h.join(t, r)
	joined := h.await(t, r.RoomName, video.ParticipantJoined)[video.ParticipantJoined]
	require.NoError(t, h.Provider.EndMeeting(t.Context(), r.RoomName))
	left := h.await(t, r.RoomName, video.ParticipantLeft)[video.ParticipantLeft]
	require.Equal(t, joined.Participant.SID, left.Participant.SID)
}

func (h Harness) join(t *testing.T, r video.PassRequest) (leave func()) {
	t.Helper()
	pass, err := h.Provider.Pass(t.Context(), r)
	require.NoError(t, err)
	return h.Join(t, pass)
}

func requireRoom(t *testing.T, event video.Event, room video.EventRoom) {
	t.Helper()
	require.NotEmpty(t, room.SID)
	require.Equal(t, room, event.Room, event.Type)
}

func requirePerson(t *testing.T, event video.Event, r video.PassRequest) {
	t.Helper()
	require.NotNil(t, event.Participant)
	require.NotEmpty(t, event.Participant.SID)
	require.Equal(t, r.Identity, event.Participant.Identity)
	require.Equal(t, r.DisplayName, event.Participant.Name)
	require.Equal(t, video.Web, event.Participant.Kind)
	require.Equal(t, r.PassID, event.Participant.PassID)
	require.Empty(t, event.Participant.PhoneNumber)
}

// await waits until the room's events of these kinds have come, in any order.
func (h Harness) await(t *testing.T, room string, kinds ...video.EventKind) map[video.EventKind]video.Event {
	t.Helper()
	missing := map[video.EventKind]bool{}
	for _, kind := range kinds {
		missing[kind] = true
	}
	seen := map[video.EventKind]video.Event{}
	deadline := time.After(eventTime)
	for len(missing) > 0 {
		select {
		case delivery := <-h.Deliveries:
			if event := h.parse(t, delivery); event.Room.Name == room {
				seen[event.Kind] = event
				delete(missing, event.Kind)
			}
		case <-deadline:
			require.Failf(t, "events are missing", "%v of %v; came %v", missing, kinds, seen)
		}
	}
	return seen
}
