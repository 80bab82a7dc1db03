package video_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// mute is a provider that can only what all can.
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

	recorder, err := providers.Recorder(video.LiveKit)
	require.NoError(t, err)
	require.Same(t, fake, recorder)
	announcer, err := providers.Announcer(video.LiveKit)
	require.NoError(t, err)
	require.Same(t, fake, announcer)

	_, err = providers.Recorder(video.Whereby)
	require.ErrorIs(t, err, video.ErrNotRecording)
	_, err = providers.Announcer(video.Whereby)
	require.ErrorIs(t, err, video.ErrNotAnnouncing)
	_, err = providers.Dialer(video.Whereby)
	require.ErrorIs(t, err, video.ErrNoDialer)
	_, err = providers.Dialer(video.Daily)
	require.ErrorIs(t, err, video.ErrNoProvider)
	require.Equal(t, fault.Unimplemented, fault.KindOf(err))
}

func TestOnlyPeopleAreHuman(t *testing.T) {
	for kind, human := range map[video.PersonKind]bool{
		video.Web: true, video.Phone: true,
		video.Agent: false, video.RecorderKind: false, video.Ingress: false, video.Unknown: false,
	} {
		require.Equal(t, human, kind.Human(), kind)
	}
}

func TestOnlyEndsAreEnds(t *testing.T) {
	for status, ended := range map[video.EgressStatus]bool{
		video.Complete: true, video.LimitReached: true, video.CaptureFailed: true, video.CaptureAborted: true,
		video.StatusUnknown: false, video.Starting: false, video.Active: false, video.Ending: false,
	} {
		require.Equal(t, ended, status.Ended(), status)
	}
}

// TestEachModeHasItsUsualFileType, which is the one it gets when none is named.
func TestEachModeHasItsUsualFileType(t *testing.T) {
	for mode, fileType := range map[video.CaptureMode]video.FileType{
		video.Screen: video.MP4, video.Audio: video.OGG, video.OnePerson: video.OGG, video.SingleTrack: video.OGG, "smell": "",
	} {
		require.Equal(t, fileType, video.CaptureRequest{Mode: mode}.Type(), mode)
	}
	require.Equal(t, video.MP4, video.CaptureRequest{Mode: video.Audio, FileType: video.MP4}.Type())
}
