package main

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestUploadsHoldNobodyUp: while the file of a recording is being written, which may
// take long, the next one begins.
func TestUploadsHoldNobodyUp(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("the next meeting", s.nextWhileWritten)
		t.Run("the next meeting is there before", s.nextHasToWait)
		t.Run("the same meeting", s.sameWhileWritten)
		t.Run("by hand", s.againWhileWritten)
	})
}

// alwaysRecorded is a room that is always recorded, with somebody in it, and its recording,
// which ends as the test says.
func (s *studio) alwaysRecorded(owner client) (room *anteroomv1.Room, first string, leave func()) {
	s.t.Helper()
	s.play(videotest.Dies) // it does not listen to a stop
	room, leave = s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}))
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	s.play(videotest.Completes)
	return room, rec.GetId(), leave
}

// second waits for another recording that runs.
func (s *studio) second(owner client, room *anteroomv1.Room, first string) (id string) {
	s.t.Helper()
	await(s.t, recordingLimit, "the next recording", func() bool {
		for _, rec := range s.listed(owner, room) {
			if rec.GetId() != first && rec.GetStatus() == active {
				id = rec.GetId()
			}
		}
		return id != ""
	})
	return id
}

func (s *studio) nextWhileWritten(t *testing.T) {
	s = s.in(t)
	owner := s.as("next-written")
	room, first, leave := s.alwaysRecorded(owner)
	s.fake.MoveCapture(s.capture(first).ID, video.Ending, "")
	s.until(owner, first, stopping)
	leave()
	defer s.enter(owner, room)()
	second := s.second(owner, room, first)
	s.until(owner, first, stopping)
	require.Equal(t, second, s.live(owner, room).GetId(), "the one that goes on")
	_, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	require.Equal(t, second, detailsOf(err)["recording"], "it says which one")
	s.fake.MoveCapture(s.capture(first).ID, video.Complete, "")
	s.available(owner, first)
	s.until(owner, second, active)
	require.Len(t, s.listed(owner, room), 2)
}

// nextHasToWait: what the former meeting's recording captures still ends first, and the
// next one begins with no pause.
func (s *studio) nextHasToWait(t *testing.T) {
	s = s.in(t)
	owner := s.as("next-waits")
	room, first, leave := s.alwaysRecorded(owner)
	leave()
	s.until(owner, first, stopping)
	defer s.enter(owner, room)()
	require.Len(t, s.listed(owner, room), 1)
	s.fake.MoveCapture(s.capture(first).ID, video.Ending, "")
	s.second(owner, room, first)
	s.until(owner, first, stopping)
	s.fake.MoveCapture(s.capture(first).ID, video.CaptureFailed, "S3 upload failed: NoSuchBucket")
	s.until(owner, first, broken)
	require.Contains(t, s.log.String(), `recording_id=`+first+` egress_id=`+s.capture(first).ID+` reason=upload_failed error="S3 upload failed: NoSuchBucket"`)
}

// sameWhileWritten: what reached its greatest length is followed at once.
func (s *studio) sameWhileWritten(t *testing.T) {
	s = s.in(t)
	owner := s.as("same-written")
	room, first, leave := s.alwaysRecorded(owner)
	defer leave()
	s.clock().Advance(11 * time.Minute)
	s.fake.MoveCapture(s.capture(first).ID, video.Ending, "Session limit reached")
	s.until(owner, first, stopping)
	s.due("recording.comply")
	s.second(owner, room, first)
	s.until(owner, first, stopping)
	s.fake.MoveCapture(s.capture(first).ID, video.LimitReached, "Session limit reached")
	s.until(owner, first, limited)
}

func (s *studio) againWhileWritten(t *testing.T) {
	s = s.in(t)
	owner := s.as("again-written")
	room, leave := s.occupied(owner)
	defer leave()
	s.play(videotest.Dies)
	first := s.record(owner, room, allTracks).GetId()
	s.track(owner, owner, room, "track_published", "TR_written")
	s.captured("TR_written", video.Active)
	s.stop(owner, first)
	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: allTracks}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	require.Equal(t, first, detailsOf(err)["recording"])
	s.play(videotest.Completes)
	s.fake.MoveCapture(s.ofTrack("TR_written")[0].ID, video.Ending, "")
	await(t, recordingLimit, "nothing more is captured", func() bool {
		_, err = owner.recordings.StartRecording(t.Context(), req)
		return err == nil
	})
	s.captured("TR_written", video.Ending, video.Active)
	got, err := owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Room{Room: room.GetId()}})
	require.NoError(t, err)
	require.Len(t, got.GetRecordings(), 2, "both that are being made")
	s.fake.MoveCapture(s.ofTrack("TR_written")[0].ID, video.Complete, "")
	s.until(owner, first, completed)
}
