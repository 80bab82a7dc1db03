package main

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func (s *studio) onePerson(t *testing.T) {
	s = s.in(t)
	owner := s.as("one-person")
	room, leave := s.occupied(owner)
	defer leave()
	live := owner.only(t, room.GetId())
	var who string
	for _, p := range owner.people(t, live.GetId()) {
		who = p.GetId()
	}
	got, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: participant, Participant: who})
	require.NoError(t, err)
	rec := got.GetRecording()
	s.until(owner, rec.GetId(), active)
	require.Contains(t, s.last().Path, rec.GetId()+"-"+who)
	leave()
	s.until(owner, rec.GetId(), completed)
	require.Equal(t, who, s.available(owner, rec.GetId()).GetFiles()[0].GetParticipant())
}

// tracks: those that are published when it begins, and those that come later,
// each in a file of its own.
func (s *studio) tracks(t *testing.T) {
	s = s.in(t)
	owner := s.as("tracks")
	room, leave := s.occupied(owner)
	defer leave()
	live := owner.only(t, room.GetId())
	var sid, who string
	for _, p := range owner.people(t, live.GetId()) {
		sid, who = p.GetProviderSid(), p.GetId()
	}
	event := func(kind, track, source string) {
		s.send(s.fake.Webhook(video.Event{
			ID: uuid.NewString(), Type: kind, Time: s.clock().Now().UTC(), Room: video.EventRoom{Name: room.GetId(), SID: live.GetProviderSid()},
			Participant: &video.Participant{SID: sid, Identity: owner.id(t)}, Track: &video.Track{SID: track, Source: source},
		}))
	}
	event("track_published", "TR_first", video.Microphone)
	event("track_published", "TR_gone", video.Microphone)
	event("track_unpublished", "TR_gone", video.Microphone)
	event("track_published", "TR_camera", video.Camera)
	rec := s.record(owner, room, anteroomv1.RecordingMode_RECORDING_MODE_TRACKS)
	s.until(owner, rec.GetId(), active)
	event("track_published", "TR_second", video.ScreenShareAudio)
	await(t, recordingLimit, "the second track is captured", func() bool { return strings.Contains(s.last().Path, "TR_second") })
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	var captured []string
	for _, f := range s.available(owner, rec.GetId()).GetFiles() {
		require.Equal(t, who, f.GetParticipant())
		captured = append(captured, f.GetTrackSid())
	}
	require.ElementsMatch(t, []string{"TR_first", "TR_second"}, captured)
}

func (s *studio) byItself(t *testing.T) {
	s = s.in(t)
	owner := s.as("by-itself")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		RecordingPolicy: anteroomv1.RecordingPolicy_RECORDING_POLICY_AUTOMATIC, RecordingMode: audio,
	}))
	rec := s.running(owner, room)
	require.Equal(t, audio, rec.GetMode())
	require.Empty(t, rec.GetStartedBy())
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	s.enter(s.as("one-more"), room)() // what follows from it is begun as it is heard
	s.due("recording.comply")
	await(t, recordingLimit, "the room was looked at again", func() bool {
		var left int
		require.NoError(t, s.app.db.SQL.QueryRowContext(t.Context(), `SELECT count(*) FROM river_job
			WHERE state IN ('available', 'running', 'retryable', 'scheduled') AND kind = 'recording.comply'
			AND CAST(args AS text) LIKE '%`+room.GetId()+`%'`).Scan(&left))
		return left == 0
	})
	require.Len(t, s.listed(owner, room), 1, "a stop holds for the meeting")
	leave()
}

func (s *studio) always(t *testing.T) {
	s = s.in(t)
	owner := s.as("always")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		RecordingPolicy: anteroomv1.RecordingPolicy_RECORDING_POLICY_COMPLIANCE, RecordingMode: audio,
	}))
	defer leave()
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	_, err := owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: rec.GetId()}})
	requireReason(t, "recording_required", connect.CodeFailedPrecondition, err)
	s.fake.MoveCapture(s.capture(rec.GetId()).ID, video.CaptureFailed, "out of memory")
	require.Equal(t, "recorder_failed", s.until(owner, rec.GetId(), broken).GetError())
	s.clock().Advance(5 * time.Second)
	s.due("recording.comply")
	again := s.running(owner, room)
	require.NotEqual(t, rec.GetId(), again.GetId(), "it begins anew")
	s.until(owner, again.GetId(), active)
}

func (s *studio) callers(t *testing.T) {
	s = s.in(t)
	owner := s.as("callers")
	yes := true
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{TrackRecording: &yes}))
	defer leave()
	require.Empty(t, s.listed(owner, room), "only who dials in is recorded")
	event := func(kind string) {
		s.send(s.fake.Webhook(video.Event{
			ID: uuid.NewString(), Type: kind, Time: s.clock().Now().UTC(),
			Room: video.EventRoom{Name: room.GetId(), SID: owner.only(t, room.GetId()).GetProviderSid()},
			Participant: &video.Participant{
				SID: "PA_caller", Identity: "sip_+33612345678", Name: "Phone +33612345678", Kind: video.Phone,
				JoinTime: s.clock().Now().UTC(), PhoneNumber: "+33612345678",
			},
		}))
	}
	event("participant_joined")
	rec := s.running(owner, room)
	require.Equal(t, participant, rec.GetMode())
	s.until(owner, rec.GetId(), active)
	require.NotContains(t, s.capture(rec.GetId()).Path, "612345678", "no telephone number is in a key")
	event("participant_left")
	s.until(owner, rec.GetId(), completed)
}
