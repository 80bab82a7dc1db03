package video_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// mute is a provider that is no dialer.
type mute struct{ video.Provider }

func TestProviders(t *testing.T) {
	fake := videotest.NewFake(video.LiveKit, nil)
	providers := video.Providers{video.LiveKit: fake, video.Whereby: mute{fake}}

	provider, err := providers.Get(video.LiveKit)
	require.NoError(t, err)
	require.Same(t, fake, provider)
	dialer, err := providers.Dialer(video.LiveKit)
	require.NoError(t, err)
	require.Same(t, fake, dialer)

	_, err = providers.Dialer(video.Whereby)
	require.ErrorIs(t, err, video.ErrNoDialer)
	_, err = providers.Dialer(video.Daily)
	require.ErrorIs(t, err, video.ErrNoProvider)
	require.Equal(t, fault.Unimplemented, fault.KindOf(err))
}

func TestOnlyPeopleAreHuman(t *testing.T) {
	for kind, human := range map[video.PersonKind]bool{
		video.Web: true, video.Phone: true,
		video.Agent: false, video.Recorder: false, video.Ingress: false, video.Unknown: false,
	} {
		require.Equal(t, human, kind.Human(), kind)
	}
}
