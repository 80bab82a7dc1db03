package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/participation"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestRecordersThatAreKilled: LiveKit never hears of the end of what they did, and lists
// it for ever. That they left the room tells.
func TestRecordersThatAreKilled(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		s := recordedBy(t, p)
		t.Run("one does not come back", s.recorderIsKilled) // first: LiveKit's clock goes slower
		t.Run("one does", s.recorderComesBack)
	}, ownClock)
}

// entersAsRecorder has the recorder of a recording come into its room.
func (s *studio) entersAsRecorder(rec *anteroomv1.Recording) (leave func()) {
	s.t.Helper()
	id := *s.captures(rec)[0].EgressID
	there := func() int {
		n, err := s.app.db.Participation.Query().Where(participation.Identity(id), participation.JoinTimeNotNil(), participation.LeaveTimeIsNil()).Count(s.t.Context())
		require.NoError(s.t, err)
		return n
	}
	disconnect := livekittest.Join(s.t, livekittest.RecorderPass(s.t, s.server.WSURL(), rec.GetRoom(), id))
	await(s.t, recordingLimit, "the recorder is in", func() bool { return there() == 1 })
	return func() {
		disconnect()
		await(s.t, recordingLimit, "the recorder has left", func() bool { return there() == 0 })
	}
}

func (s *studio) recorderComesBack(t *testing.T) {
	s = s.in(t)
	owner := s.as("comes-back")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.entersAsRecorder(rec)()
	away := s.entersAsRecorder(rec)
	s.settle(10 * time.Minute)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	away()
}

// recorderIsKilled: what has to be recorded is begun anew though nobody stopped what the
// dead recorder did.
func (s *studio) recorderIsKilled(t *testing.T) {
	s = s.in(t)
	s.play(videotest.Dies)
	owner := s.as("is-killed")
	room, leave := s.occupied(owner)
	defer leave()
	s.update(owner, room, &anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}, "recording_policy", "recording_mode")
	first := s.running(owner, room)
	s.until(owner, first.GetId(), active)
	s.entersAsRecorder(first)()
	s.settle(0)
	s.settle(time.Minute)
	s.until(owner, first.GetId(), active)
	s.play(videotest.Completes)
	s.settle(5 * time.Minute)
	require.Equal(t, "recorder_lost", s.until(owner, first.GetId(), broken).GetError())
	s.clock().Advance(time.Minute)
	s.due("recording.comply")
	s.until(owner, s.second(owner, room, first.GetId()), active)
}

// TestDeadRecordersCostLittle: what a dead recorder left is stopped more and more rarely,
// however often it is found.
func TestDeadRecordersCostLittle(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		s.play(videotest.Dies)
		owner := s.as("costs-little")
		room, leave := s.occupied(owner)
		defer leave()
		rec := s.record(owner, room, audio)
		s.until(owner, rec.GetId(), active)
		s.stop(owner, rec.GetId())
		s.settle(6 * time.Minute)
		s.until(owner, rec.GetId(), broken)
		stops := func() (n int) {
			require.NoError(t, s.app.db.SQL.QueryRowContext(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'recording.stop'`).Scan(&n))
			return n
		}
		before := stops()
		for range 20 {
			s.clock().Advance(30 * time.Second)
			look, err := s.fake.Look(t.Context(), nil, nil)
			require.NoError(t, err)
			require.NotEmpty(t, look.Egresses)
			require.NoError(t, s.app.record.Review(t.Context(), video.LiveKit, look))
		}
		require.Positive(t, stops()-before)
		require.Less(t, stops()-before, 9, "of twenty rounds")
	})
}

// TestDeadOrphans: what a dead recorder left of a recording that was deleted fails no round
// of reconciling, is stopped rarely, and keeps nothing else from being stopped.
func TestDeadOrphans(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("dead-orphans")
		room, leave := s.occupied(owner)
		defer leave()
		var left []string
		for _, scenario := range []videotest.Scenario{videotest.Dies, videotest.Completes, videotest.Dies} {
			s.play(scenario)
			rec := s.record(owner, room, audio)
			s.until(owner, rec.GetId(), active)
			left = append(left, s.capture(rec.GetId()).ID)
			s.fake.MoveCaptureUnheard(left[len(left)-1], video.CaptureFailed, "it broke")
			s.settle(time.Minute)
			s.until(owner, rec.GetId(), broken)
			_, err := owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
			require.NoError(t, err)
			s.erased(rec)
		}
		for _, id := range left {
			s.fake.MoveCaptureUnheard(id, video.Active, "") // it is listed after all
		}
		before := s.fake.Calls("StopCapture")
		for range 20 {
			s.reconcile(30 * time.Second)
		}
		for n, want := range []video.EgressStatus{video.Active, video.Complete, video.Active} {
			for _, e := range s.fake.Captures() {
				if e.ID == left[n] {
					require.Equal(t, want, e.Status)
				}
			}
		}
		require.Less(t, s.fake.Calls("StopCapture")-before, 20, "of forty times that dead ones were found")
	})
}
