package livekit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

func TestProbes(t *testing.T) {
	server := livekittest.Start(t)
	p := livekittest.Provider(t, server)
	require.NoError(t, p.Ping(t.Context()))

	skew, err := p.Skew(t.Context())
	require.NoError(t, err)
	require.LessOrEqual(t, skew.Abs(), 10*time.Second)

	trunks, err := p.Trunks(t.Context())
	require.NoError(t, err)
	require.Zero(t, trunks)

	sid, err := p.OpenRoom(t.Context(), "probe")
	require.NoError(t, err)
	visitor, err := p.Visit(t.Context(), "probe")
	require.NoError(t, err)
	defer visitor.Leave()
	require.Equal(t, sid, visitor.RoomSID)
	require.NotEmpty(t, visitor.Version)
	may, err := p.MayUnmute(t.Context(), visitor)
	require.NoError(t, err)
	require.True(t, may)
	require.NoError(t, p.EndMeeting(t.Context(), "probe"))
}

func TestProbesOfABareServer(t *testing.T) {
	server := livekittest.StartBare(t)
	p := livekittest.Provider(t, server)
	_, err := p.Trunks(t.Context())
	require.ErrorIs(t, err, livekit.ErrNoRedis)

	_, err = p.OpenRoom(t.Context(), "probe")
	require.NoError(t, err)
	visitor, err := p.Visit(t.Context(), "probe")
	require.NoError(t, err)
	defer visitor.Leave()
	may, err := p.MayUnmute(t.Context(), visitor)
	require.NoError(t, err)
	require.False(t, may)
}

func TestProbesWithAWrongSecret(t *testing.T) {
	server := livekittest.Start(t)
	p, err := livekit.New(livekit.Config{
		InternalURL: server.URL(), PublicURL: server.WSURL(), APIKey: livekittest.APIKey, APISecret: "another-secret-of-32-characters-or-more",
	})
	require.NoError(t, err)
	require.ErrorIs(t, p.Ping(t.Context()), livekit.ErrKey)
	_, err = p.Visit(t.Context(), "probe")
	require.ErrorIs(t, err, livekit.ErrKey)
}

func TestRecorderAnswers(t *testing.T) {
	server := livekittest.Start(t)
	p := livekittest.Provider(t, server)
	require.ErrorIs(t, p.RecorderAnswers(t.Context()), video.ErrNoRecorder)
	livekittest.StartEgressStandIn(t, server.RedisAddr())
	require.NoError(t, p.RecorderAnswers(t.Context()))
	captures, err := p.ListCaptures(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, captures, "nothing was started")
}
