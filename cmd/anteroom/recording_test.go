package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	entcapture "github.com/anteroom-dev/anteroom/ent/capture"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestRecordings runs the program with a real LiveKit, and a stand-in for its
// recorder.
func TestRecordings(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		s := recordedBy(t, p)
		t.Run("from start to file", s.fromStartToFile)
		t.Run("once at a time", s.onceAtATime)
		t.Run("ends that nobody asked for", s.unaskedEnds)
		t.Run("ends unheard", s.endsUnheard)
		t.Run("by itself", s.byItself)
		t.Run("stopped while it starts", s.stoppedBeforeItBegins)
		t.Run("dies in the middle", s.diesInTheMiddle)
		t.Run("real tracks", s.realTracks)
		t.Run("real callers", s.realCallers)
		t.Run("consent", s.consent)
		t.Run("always", s.alwaysForReal)
	}, ownClock)
}

// TestRecordingsOfAFake runs the program with a provider in memory.
func TestRecordingsOfAFake(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("from start to file", s.fromStartToFile)
		t.Run("once at a time", s.onceAtATime)
		t.Run("ends that nobody asked for", s.unaskedEnds)
		t.Run("ends unheard", s.endsUnheard)
		t.Run("stopped while it starts", s.stoppedWhileItStarts)
		t.Run("a recorder that dies", s.dies)
		t.Run("a provider that forgets", s.forgets)
		t.Run("an answer that is lost", s.lostAnswer)
		t.Run("nobody asked", s.nobodyAsked)
		t.Run("one person", s.onePerson)
		t.Run("tracks", s.tracks)
		t.Run("by itself", s.byItself)
		t.Run("always", s.always)
		t.Run("callers", s.callers)
		t.Run("as long as it may be", s.asLongAsItMayBe)
		t.Run("who may", s.whoMay)
		t.Run("accesses", s.accesses)
		t.Run("media", s.media)
		t.Run("kept and deleted", s.keptAndDeleted)
		t.Run("consent", s.consent)
		t.Run("processing", s.processing)
		t.Run("watched", s.watched)
		t.Run("no recorder", s.noRecorder)
	})
}

func (s *studio) fromStartToFile(t *testing.T) {
	s = s.in(t)
	owner := s.as("start-to-file")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{DepartureTimeout: durationpb.New(time.Second)}))
	rec := s.record(owner, room, anteroomv1.RecordingMode_RECORDING_MODE_UNSPECIFIED)
	require.Equal(t, screen, rec.GetMode(), "the room's")
	require.Equal(t, owner.id(t), rec.GetStartedBy())
	require.Contains(t, rec.GetTitle(), "Weekly")
	require.NotEmpty(t, rec.GetMeeting())
	running := s.until(owner, rec.GetId(), active)
	require.NotNil(t, running.GetStartTime())
	require.Nil(t, running.GetAvailableTime())
	require.Empty(t, running.GetFiles())
	shown, err := owner.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	require.Equal(t, rec.GetId(), shown.GetRoom().GetLive().GetRecording().GetId())
	pass := s.join(s.as("somebody"), room.GetId())
	require.Equal(t, rec.GetId(), pass.GetRecording().GetId(), "who comes is told")
	_, err = owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId()})
	requireReason(t, "recording_not_available", connect.CodeFailedPrecondition, err)

	s.clock().Advance(time.Second)
	require.Equal(t, stopping, s.stop(owner, rec.GetId()).GetStatus())
	s.until(owner, rec.GetId(), completed)
	done := s.available(owner, rec.GetId())
	require.Empty(t, done.GetError())
	require.NotNil(t, done.GetEndTime())
	require.Positive(t, done.GetDuration().AsDuration())
	require.Equal(t, anteroomv1.RecordingRole_RECORDING_ROLE_OWNER, done.GetMyRole())
	require.Equal(t, []string{"start-to-file"}, done.GetOwners())
	require.Equal(t, uint32(1), done.GetOwnerCount())
	require.Len(t, done.GetFiles(), 1)
	file := done.GetFiles()[0]
	require.True(t, strings.HasPrefix(file.GetKey(), room.GetId()+"/"+rec.GetId()), file.GetKey())
	require.Equal(t, "video/mp4", file.GetContentType())
	onDisk, err := os.ReadFile(filepath.Join(s.files, file.GetKey()))
	require.NoError(t, err)
	require.Equal(t, uint64(len(onDisk)), file.GetSize())

	require.Equal(t, completed, s.stop(owner, rec.GetId()).GetStatus(), "to stop it once more changes nothing")
	again := s.record(owner, room, screen)
	require.NotEqual(t, rec.GetId(), again.GetId(), "the next one works at once")
	s.until(owner, again.GetId(), active)
	leave()
	s.until(owner, again.GetId(), completed)
}

func (s *studio) onceAtATime(t *testing.T) {
	s = s.in(t)
	owner := s.as("once")
	room, leave := s.occupied(owner)
	defer leave()
	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio, RequestId: uuid.NewString()}
	first, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	again, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, first.GetRecording().GetId(), again.GetRecording().GetId(), "the same request gives the same recording")
	_, err = owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	require.Equal(t, first.GetRecording().GetId(), detailsOf(err)["recording"], "it says which one")
	other := s.record(owner, room, screen)
	got, err := owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Room{Room: room.GetSlug()}})
	require.NoError(t, err)
	require.Len(t, got.GetRecordings(), 2, "all that run in the room")
	s.until(owner, first.GetRecording().GetId(), completed)
	s.until(owner, other.GetId(), completed)
	again, err = owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, first.GetRecording().GetId(), again.GetRecording().GetId(), "also when it has ended")
}

func (s *studio) unaskedEnds(t *testing.T) {
	s = s.in(t)
	for scenario, want := range map[videotest.Scenario]struct {
		status anteroomv1.RecordingStatus
		reason string
	}{
		videotest.Fails:        {notStarted, "nobody_to_record"},
		videotest.Aborts:       {notStarted, "nobody_to_record"},
		videotest.ReachesLimit: {limited, ""},
	} {
		owner := s.as("unasked")
		room, leave := s.occupied(owner)
		s.play(scenario)
		rec := s.record(owner, room, audio)
		got := s.until(owner, rec.GetId(), want.status)
		require.Equal(t, want.reason, got.GetError())
		s.play(videotest.Completes)
		next := s.record(owner, room, audio)
		s.until(owner, next.GetId(), active)
		s.stop(owner, next.GetId())
		s.until(owner, next.GetId(), completed)
		if want.status == limited {
			require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 1, "it has a file like any other")
		}
		leave()
	}
}

func (s *studio) stoppedWhileItStarts(t *testing.T) {
	s = s.in(t)
	s.play(videotest.StaysStarting)
	owner := s.as("stopped-early")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	require.Equal(t, starting, rec.GetStatus())
	before := s.fake.Calls("StopCapture")
	require.Equal(t, stopping, s.stop(owner, rec.GetId()).GetStatus(), "the wish is remembered")
	await(t, recordingLimit, "the stop is tried", func() bool { return s.fake.Calls("StopCapture") > before })
	s.fake.MoveCapture(s.last().ID, video.Active, "")
	s.until(owner, rec.GetId(), completed)
}

func (s *studio) dies(t *testing.T) {
	s = s.in(t)
	s.play(videotest.Dies)
	owner := s.as("dies")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.settle(time.Minute)
	require.Equal(t, stopping, s.until(owner, rec.GetId(), stopping).GetStatus(), "not yet")
	s.settle(5 * time.Minute)
	require.Equal(t, "recorder_lost", s.until(owner, rec.GetId(), broken).GetError())
	s.play(videotest.Completes)
	next := s.record(owner, room, audio)
	s.until(owner, next.GetId(), active)
	s.fake.MoveCapture(s.capture(rec.GetId()).ID, video.Complete, "") // it lived after all
	require.Empty(t, s.until(owner, rec.GetId(), completed).GetError())
	require.NotNil(t, s.available(owner, rec.GetId()).GetAvailableTime())
	s.stop(owner, next.GetId())
	s.until(owner, next.GetId(), completed)
}

func (s *studio) forgets(t *testing.T) {
	s = s.in(t)
	owner := s.as("forgets")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.fake.Forget()
	s.settle(30 * time.Second)
	require.Equal(t, active, s.until(owner, rec.GetId(), active).GetStatus(), "one empty list says nothing")
	s.settle(time.Minute)
	require.Equal(t, "recorder_lost", s.until(owner, rec.GetId(), broken).GetError())
}

// lostAnswer: the recorder has begun, and who asked does not know.
func (s *studio) lostAnswer(t *testing.T) {
	s = s.in(t)
	owner := s.as("lost-answer")
	room, leave := s.occupied(owner)
	defer leave()
	s.fake.FailAfter("StartCapture", 1)
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active) // by the event alone
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)

	s.fake.Fail("StartCapture", 1, video.ErrUnavailable) // nobody knows, and nothing began
	rec = s.record(owner, room, audio)
	require.Equal(t, starting, rec.GetStatus())
	_, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	s.settle(2 * time.Minute)
	require.Equal(t, "recorder_no_answer", s.until(owner, rec.GetId(), notStarted).GetError())

	s.fake.Fail("StartCapture", 1, video.ErrRefused) // certain
	_, err = owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
	requireReason(t, "provider_refused", connect.CodeFailedPrecondition, err)
	next := s.record(owner, room, audio)
	s.until(owner, next.GetId(), active)
}

// nobodyAsked: the process that made the rows is gone before it asked the
// recorder.
func (s *studio) nobodyAsked(t *testing.T) {
	s = s.in(t)
	owner := s.as("nobody-asked")
	room, leave := s.occupied(owner)
	defer leave()
	s.fake.Fail("StartCapture", 1, video.ErrUnavailable)
	rec := s.record(owner, room, audio)
	s.app.db.Capture.Update().Where(entcapture.RecordingID(uuid.MustParse(rec.GetId()))).ClearAskTime().ExecX(t.Context())
	s.settle(time.Minute)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}

// noRecorder comes last: nothing is recorded for a minute.
func (s *studio) noRecorder(t *testing.T) {
	s = s.in(t)
	s.play(videotest.NeverAnswers)
	owner := s.as("no-recorder")
	room, leave := s.occupied(owner)
	defer leave()
	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	asked := s.fake.Calls("StartCapture")
	_, err = owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	require.Equal(t, asked, s.fake.Calls("StartCapture"), "nobody is asked for a while")
	listed, err := owner.recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{Room: room.GetId()})
	require.NoError(t, err)
	require.Len(t, listed.GetRecordings(), 1)
	require.Equal(t, notStarted, listed.GetRecordings()[0].GetStatus())
	require.Equal(t, "no_recorder", listed.GetRecordings()[0].GetError())
	s.play(videotest.Completes)
	s.clock().Advance(time.Minute)
	s.until(owner, s.record(owner, room, audio).GetId(), active)
}

func (s *studio) endsUnheard(t *testing.T) {
	s = s.in(t)
	s.play(videotest.EndsUnheard)
	owner := s.as("unheard")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	await(t, recordingLimit, "settled", func() bool {
		s.settle(time.Minute)
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		return got.GetRecording().GetStatus() == completed
	})
	require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 1)
}

func (s *studio) asLongAsItMayBe(t *testing.T) {
	s = s.in(t)
	owner := s.as("as-long")
	room, leave := s.occupied(owner)
	defer leave()
	config, err := owner.GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
	require.NoError(t, err)
	require.Equal(t, uint64(time.Hour/time.Millisecond), config.GetClientConfig().GetMaxRecordingMs())
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.due("recording.limit")
	got := s.until(owner, rec.GetId(), limited)
	require.Empty(t, got.GetError())
	s.available(owner, rec.GetId())
}
