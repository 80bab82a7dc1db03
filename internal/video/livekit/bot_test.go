package livekit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

func TestLiveKitGrantsWhatThePassSays(t *testing.T) {
	server := livekittest.Start(t)
	provider := livekittest.Provider(t, server)
	for name, canPublish := range map[string]bool{"member": true, "viewer": false} {
		r := member()
		r.Identity, r.CanPublish = name, canPublish
		pass, err := provider.Pass(t.Context(), r)
		require.NoError(t, err)
		permissions := livekittest.JoinRoom(t, pass, &lksdk.RoomCallback{}).LocalParticipant.Permissions()
		require.Equal(t, canPublish, permissions.CanPublish, name)
		require.Equal(t, canPublish, permissions.CanPublishData, name)
		require.True(t, permissions.CanSubscribe, name)
		require.False(t, permissions.CanUpdateMetadata, name)
		require.False(t, permissions.Hidden, name)
	}
}

func TestACallerIsToldByTheWebhook(t *testing.T) {
	server, deliveries := startWithWebhooks(t)
	provider := livekittest.Provider(t, server)
	livekittest.Join(t, livekittest.CallerPass(t, server.WSURL(), "sip-room", "+15557777"))
	for delivery := range deliveries {
		event, err := provider.ParseWebhook(delivery.Header, delivery.Body)
		require.NoError(t, err)
		if event.Kind == video.ParticipantJoined {
			require.Equal(t, video.Phone, event.Participant.Kind)
			require.Equal(t, "+15557777", event.Participant.PhoneNumber)
			require.Equal(t, "sip_+15557777", event.Participant.Identity)
			return
		}
	}
}

func TestStopDoesNotWaitForPeopleToLeave(t *testing.T) {
	server := livekittest.Start(t)
	provider := livekittest.Provider(t, server)
	pass, err := provider.Pass(t.Context(), member())
	require.NoError(t, err)
	livekittest.JoinRoom(t, pass, &lksdk.RoomCallback{})
	start := time.Now()
	server.Stop()
	require.Less(t, time.Since(start), 3*time.Second)
	select {
	case <-server.Exited():
	default:
		require.Fail(t, "LiveKit is still running")
	}
}
