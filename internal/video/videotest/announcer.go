package videotest

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

type announcerSuite struct {
	Harness
	announcer video.Announcer
}

func (s announcerSuite) run(t *testing.T) {
	require.NoError(t, s.announcer.SetRoomMetadata(t.Context(), uuid.NewString(), "nobody reads this"))
	require.ErrorIs(t, s.Unreachable.(video.Announcer).SetRoomMetadata(t.Context(), "room", ""), video.ErrUnavailable)
	metadata, err := s.announcer.ReadRoomMetadata(t.Context(), uuid.NewString())
	require.NoError(t, err)
	require.Empty(t, metadata)
	_, err = s.Unreachable.(video.Announcer).ReadRoomMetadata(t.Context(), "room")
	require.ErrorIs(t, err, video.ErrUnavailable)
	if s.Join == nil {
		return
	}
	r := request()
	s.join(t, r)
	s.await(t, r.RoomName, video.ParticipantJoined)
	for _, metadata := range []string{`{"recording":"active"}`, ""} {
		require.NoError(t, s.announcer.SetRoomMetadata(t.Context(), r.RoomName, metadata))
		require.Equal(t, metadata, s.Metadata(t, r.RoomName))
		read, err := s.announcer.ReadRoomMetadata(t.Context(), r.RoomName)
		require.NoError(t, err)
		require.Equal(t, metadata, read)
	}
}
