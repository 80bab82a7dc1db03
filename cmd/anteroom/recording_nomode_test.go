package main

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestNoModeIsTheRooms: who does not say what to record gets the room's mode, also where
// nothing of that can be begun.
func TestNoModeIsTheRooms(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("no-mode")
		room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingMode: allTracks}))
		defer leave()
		s.track(owner, owner, room, "track_published", "TR_no_mode")
		s.play(videotest.NeverAnswers)
		req := &anteroomv1.StartRecordingRequest{Room: room.GetId()}
		_, err := owner.recordings.StartRecording(t.Context(), req)
		requireReason(t, "no_recorder", connect.CodeUnavailable, err)
		require.Equal(t, notStarted, s.listed(owner, room)[0].GetStatus())
		s.clock().Advance(time.Minute)
		s.play(videotest.Completes)
		rec := s.record(owner, room, anteroomv1.RecordingMode_RECORDING_MODE_UNSPECIFIED)
		require.Equal(t, allTracks, rec.GetMode())
		s.until(owner, rec.GetId(), active)
	})
}
