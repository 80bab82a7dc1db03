package livekit_test

import (
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"
	"github.com/livekit/protocol/auth"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

const roomName = "0192f0c1-2d3e-7000-8000-000000000001"

func member() video.PassRequest {
	return video.PassRequest{
		PassID: "pass-1", RoomName: roomName, Identity: "user-1", DisplayName: "Ada", Role: "member",
		CanPublish: true, Attributes: map[string]string{"team": "engines"}, Expires: time.Now().Add(2 * time.Hour),
		MaxParticipants: 12, EmptyTimeout: 10 * time.Minute, DepartureTimeout: 1500 * time.Millisecond,
	}
}

// claims are what LiveKit reads in a pass, and the token as plain JSON.
func claims(t *testing.T, r video.PassRequest) (*jwt.RegisteredClaims, *auth.ClaimGrants, jwt.MapClaims) {
	t.Helper()
	pass, err := local(t, nil).Pass(t.Context(), r)
	require.NoError(t, err)
	verifier, err := auth.ParseAPIToken(pass.Token)
	require.NoError(t, err)
	require.Equal(t, livekittest.APIKey, verifier.APIKey())
	registered, grants, err := verifier.Verify(livekittest.APISecret)
	require.NoError(t, err)
	raw := jwt.MapClaims{}
	_, _, err = jwt.NewParser().ParseUnverified(pass.Token, raw)
	require.NoError(t, err)
	return registered, grants, raw
}

func TestPassOfAMember(t *testing.T) {
	r := member()
	registered, grants, raw := claims(t, r)
	require.Equal(t, "user-1", grants.Identity)
	require.Equal(t, "Ada", grants.Name)
	require.WithinDuration(t, r.Expires, registered.ExpiresAt.Time, 2*time.Second)
	require.Equal(t, map[string]string{"team": "engines", "anteroom.pass": "pass-1", "anteroom.role": "member"}, grants.Attributes)
	require.Equal(t, map[string]any{
		"room": roomName, "roomJoin": true,
		"canPublish": true, "canSubscribe": true, "canPublishData": true,
		"canUpdateOwnMetadata": false, "canSubscribeMetrics": false, "canManageAgentSession": false,
	}, raw["video"], "each grant is said, and there are no others")
	require.Equal(t, map[string]any{
		"maxParticipants": 12.0, "emptyTimeout": 600.0, "departureTimeout": 2.0,
	}, raw["roomConfig"])
	require.NotContains(t, raw, "sip")
	require.NotContains(t, raw, "kind")
}

func TestPassOfAViewer(t *testing.T) {
	r := member()
	r.CanPublish = false
	r.PublishSources = []string{video.Camera}
	_, grants, raw := claims(t, r)
	require.False(t, grants.Video.GetCanPublish())
	require.False(t, grants.Video.GetCanPublishData())
	require.True(t, grants.Video.GetCanSubscribe())
	require.NotContains(t, raw["video"], "canPublishSources")
}

func TestPassLimitsWhatIsPublished(t *testing.T) {
	r := member()
	r.PublishSources = []string{video.Microphone, video.ScreenShare}
	_, grants, _ := claims(t, r)
	require.True(t, grants.Video.GetCanPublish())
	require.Equal(t, []string{"microphone", "screen_share"}, grants.Video.CanPublishSources)
}

func TestPassFollowsTheClock(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Now().Add(-24 * time.Hour))
	provider := local(t, func(c *livekit.Config) { c.Clock = clock })
	r := member()
	r.Expires = clock.Now().Add(time.Hour)
	_, err := provider.Pass(t.Context(), r)
	require.NoError(t, err)
	clock.Advance(time.Hour)
	_, err = provider.Pass(t.Context(), r)
	require.ErrorIs(t, err, video.ErrPassLifetime)
}

func TestURLs(t *testing.T) {
	for public, expected := range map[string]string{
		"http://media.example:7880": "ws://media.example:7880",
		"https://media.example":     "wss://media.example",
		"ws://media.example":        "ws://media.example",
		"wss://media.example/rtc":   "wss://media.example/rtc",
		"":                          "ws://127.0.0.1:1",
	} {
		pass, err := local(t, func(c *livekit.Config) { c.PublicURL = public }).Pass(t.Context(), member())
		require.NoError(t, err)
		require.Equal(t, expected, pass.ServerURL)
	}
	for _, c := range []livekit.Config{
		{InternalURL: "ftp://media.example", APIKey: "k", APISecret: "s"},
		{InternalURL: "media.example:7880", APIKey: "k", APISecret: "s"},
		{InternalURL: "http://", APIKey: "k", APISecret: "s"},
		{InternalURL: "http://media.example", PublicURL: "x", APIKey: "k", APISecret: "s"},
		{InternalURL: "http://media.example", APIKey: "k"},
	} {
		_, err := livekit.New(c)
		require.Error(t, err)
	}
}
