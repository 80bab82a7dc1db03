package videotest

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

type recorderSuite struct {
	Harness
	recorder video.Recorder
}

func (s recorderSuite) run(t *testing.T) {
	t.Run("refused", s.refused)
	t.Run("unreachable", s.unreachable)
	t.Run("unknown", s.unknown)
	if s.Play == nil {
		return
	}
	for mode, fileType := range map[video.CaptureMode]video.FileType{
		video.Screen: video.MP4, video.Audio: video.OGG, video.OnePerson: video.MP4, video.SingleTrack: video.OGG,
	} {
		t.Run(string(mode)+" completes", func(t *testing.T) { s.completes(t, mode, fileType) })
	}
	t.Run("too early", s.tooEarly)
	t.Run("ends by itself", s.endsByItself)
	t.Run("answers late", s.answersLate)
	t.Run("dies", s.dies)
	t.Run("ends unheard", s.endsUnheard)
	t.Run("never answers", s.neverAnswers)
}

// capture is a request for a room, with all that any mode needs.
func capture(room string, mode video.CaptureMode, fileType video.FileType) video.CaptureRequest {
	return video.CaptureRequest{
		RoomName: room, Mode: mode, Identity: "ada", TrackSID: "TR_ada", Layout: "grid",
		Path: "rooms/" + uuid.NewString() + "." + string(fileType), FileType: fileType,
	}
}

// refused: what cannot be captured is not started.
func (s recorderSuite) refused(t *testing.T) {
	for name, change := range map[string]func(*video.CaptureRequest){
		"no meeting":        func(*video.CaptureRequest) {},
		"no room":           func(r *video.CaptureRequest) { r.RoomName = "" },
		"no mode":           func(r *video.CaptureRequest) { r.Mode = "smell" },
		"no person":         func(r *video.CaptureRequest) { r.Mode, r.Identity = video.OnePerson, "" },
		"no track":          func(r *video.CaptureRequest) { r.Mode, r.TrackSID = video.SingleTrack, "" },
		"another type":      func(r *video.CaptureRequest) { r.Mode = video.Screen },
		"another extension": func(r *video.CaptureRequest) { r.Path = "a.mp4" },
		"no preset":         func(r *video.CaptureRequest) { r.Preset = "8K" },
		"no path":           func(r *video.CaptureRequest) { r.Path = "" },
		"outside":           func(r *video.CaptureRequest) { r.Path = "../a.ogg" },
		"absolute":          func(r *video.CaptureRequest) { r.Path = "/a.ogg" },
		"a template":        func(r *video.CaptureRequest) { r.Path = "{room_name}.ogg" },
	} {
		t.Run(name, func(t *testing.T) {
			r := capture(uuid.NewString(), video.Audio, video.OGG)
			change(&r)
			_, err := s.recorder.StartCapture(t.Context(), r)
			require.ErrorIs(t, err, video.ErrRefused)
		})
	}
}

func (s recorderSuite) unreachable(t *testing.T) {
	recorder := s.Unreachable.(video.Recorder)
	_, err := recorder.StartCapture(t.Context(), capture("room", video.Audio, video.OGG))
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.ErrorIs(t, recorder.StopCapture(t.Context(), "EG_1"), video.ErrUnavailable)
	_, err = recorder.ListCaptures(t.Context(), "")
	require.ErrorIs(t, err, video.ErrUnavailable)
}

func (s recorderSuite) unknown(t *testing.T) {
	require.NoError(t, s.recorder.StopCapture(t.Context(), "EG_unknown"))
	require.Empty(t, s.list(t, uuid.NewString()))
}

// completes: what is asked for is told, listed, and in the file.
func (s recorderSuite) completes(t *testing.T, mode video.CaptureMode, fileType video.FileType) {
	s.Play(Completes)
	r := capture(s.occupied(t), mode, fileType)
	before := time.Now()
	asked := s.start(t, r)
	started := s.awaitStatus(t, asked.ID, video.Starting)
	require.Equal(t, r.Path, started.Path)
	require.Equal(t, asked.RoomSID, started.RoomSID)
	require.NotEmpty(t, started.RoomSID)
	active := s.awaitStatus(t, asked.ID, video.Active)
	require.WithinRange(t, active.StartTime, before, time.Now())
	require.Zero(t, active.EndTime)
	require.Equal(t, []video.Egress{active}, s.list(t, r.RoomName))

	require.NoError(t, s.recorder.StopCapture(t.Context(), asked.ID))
	s.awaitStatus(t, asked.ID, video.Ending)
	ended := s.awaitStatus(t, asked.ID, video.Complete)
	s.requireFile(t, r, ended)
	require.Empty(t, ended.Error)
	require.Equal(t, []video.Egress{ended}, s.list(t, r.RoomName))
	require.Contains(t, s.list(t, ""), ended)
}

// requireFile: times are in order, and the file is as it is said to be.
func (s recorderSuite) requireFile(t *testing.T, r video.CaptureRequest, e video.Egress) {
	t.Helper()
	require.Equal(t, r.Path, e.Path)
	require.Len(t, e.Files, 1)
	file := e.Files[0]
	require.Equal(t, r.Path, file.Path)
	content := s.ReadCaptured(t, r.Path)
	require.NotEmpty(t, content)
	require.Len(t, content, int(file.Size))
	require.WithinRange(t, file.EndTime, file.StartTime, time.Now())
	require.Equal(t, file.EndTime.Sub(file.StartTime), file.Duration)
	require.WithinRange(t, e.EndTime, e.StartTime, e.UpdateTime)
}

func (s recorderSuite) tooEarly(t *testing.T) {
	s.Play(StaysStarting)
	r := capture(s.occupied(t), video.Audio, video.OGG)
	asked := s.start(t, r)
	s.awaitStatus(t, asked.ID, video.Starting)
	require.ErrorIs(t, s.recorder.StopCapture(t.Context(), asked.ID), video.ErrTooEarly)
	require.Equal(t, video.Starting, s.list(t, r.RoomName)[0].Status)
}

func (s recorderSuite) endsByItself(t *testing.T) {
	for scenario, status := range map[Scenario]video.EgressStatus{
		Fails: video.CaptureFailed, Aborts: video.CaptureAborted, ReachesLimit: video.LimitReached,
	} {
		t.Run(string(status), func(t *testing.T) {
			s.Play(scenario)
			r := capture(s.occupied(t), video.Audio, video.OGG)
			ended := s.awaitStatus(t, s.start(t, r).ID, status)
			require.NotEmpty(t, ended.Error)
			require.Equal(t, r.Path, ended.Path)
			if status == video.LimitReached {
				s.requireFile(t, r, ended)
			}
			require.Equal(t, []video.Egress{ended}, s.list(t, r.RoomName))
			if status == video.CaptureAborted {
				require.NoError(t, s.recorder.StopCapture(t.Context(), ended.ID))
			}
		})
	}
}

// answersLate: a capture whose start nobody confirmed is found by its path.
func (s recorderSuite) answersLate(t *testing.T) {
	s.Play(AnswersLate)
	r := capture(s.occupied(t), video.Audio, video.OGG)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := s.recorder.StartCapture(ctx, r)
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.NotErrorIs(t, err, video.ErrNoRecorder)
	require.NotErrorIs(t, err, video.ErrRefused)
	var found []video.Egress
	require.Eventually(t, func() bool {
		found = s.list(t, r.RoomName)
		return len(found) == 1
	}, eventTime, 10*time.Millisecond)
	require.Equal(t, r.Path, found[0].Path)
	s.awaitStatus(t, found[0].ID, video.Active)
	require.NoError(t, s.recorder.StopCapture(t.Context(), found[0].ID))
	s.awaitStatus(t, found[0].ID, video.Complete)
}

// dies: the provider goes on to list what its recorder does no more.
func (s recorderSuite) dies(t *testing.T) {
	s.Play(Dies)
	r := capture(s.occupied(t), video.Audio, video.OGG)
	asked := s.start(t, r)
	active := s.awaitStatus(t, asked.ID, video.Active)
	require.ErrorIs(t, s.recorder.StopCapture(t.Context(), asked.ID), video.ErrUnavailable)
	require.Equal(t, []video.Egress{active}, s.list(t, r.RoomName))
}

// endsUnheard: who asks knows of an end that was not told.
func (s recorderSuite) endsUnheard(t *testing.T) {
	s.Play(EndsUnheard)
	r := capture(s.occupied(t), video.Audio, video.OGG)
	asked := s.start(t, r)
	s.awaitStatus(t, asked.ID, video.Active)
	require.NoError(t, s.recorder.StopCapture(t.Context(), asked.ID))
	require.Eventually(t, func() bool { return s.list(t, r.RoomName)[0].Status == video.Complete }, eventTime, 10*time.Millisecond)
	s.requireFile(t, r, s.list(t, r.RoomName)[0])
}

func (s recorderSuite) neverAnswers(t *testing.T) {
	s.Play(NeverAnswers)
	r := capture(s.occupied(t), video.Audio, video.OGG)
	_, err := s.recorder.StartCapture(t.Context(), r)
	require.ErrorIs(t, err, video.ErrNoRecorder)
	require.Empty(t, s.list(t, r.RoomName))
}

// occupied is a room that somebody is in, without whom there is nothing to capture.
func (s recorderSuite) occupied(t *testing.T) string {
	t.Helper()
	r := request()
	s.join(t, r)
	s.await(t, r.RoomName, video.ParticipantJoined)
	return r.RoomName
}

func (s recorderSuite) start(t *testing.T, r video.CaptureRequest) video.Egress {
	t.Helper()
	e, err := s.recorder.StartCapture(t.Context(), r)
	require.NoError(t, err)
	require.NotEmpty(t, e.ID)
	require.Equal(t, r.RoomName, e.RoomName)
	require.Equal(t, r.Path, e.Path)
	require.Equal(t, video.Starting, e.Status)
	return e
}

func (s recorderSuite) list(t *testing.T, room string) []video.Egress {
	t.Helper()
	egresses, err := s.recorder.ListCaptures(t.Context(), room)
	require.NoError(t, err)
	return egresses
}

// awaitStatus waits until a capture is told to have this status, by the kind of
// event that tells it.
func (s recorderSuite) awaitStatus(t *testing.T, egressID string, status video.EgressStatus) video.Egress {
	t.Helper()
	deadline := time.After(eventTime)
	for {
		select {
		case delivery := <-s.Deliveries:
			event := s.parse(t, delivery)
			if event.Egress == nil || event.Egress.ID != egressID || event.Egress.Status != status {
				continue
			}
			require.Equal(t, kindOf(status), event.Kind)
			require.Equal(t, event.Egress.RoomName, event.Room.Name)
			return *event.Egress
		case <-deadline:
			require.Failf(t, "a status is missing", "%s of %s", status, egressID)
		}
	}
}

func kindOf(status video.EgressStatus) video.EventKind {
	switch {
	case status == video.Starting:
		return video.EgressStarted
	case status.Ended():
		return video.EgressEnded
	}
	return video.EgressUpdated
}
