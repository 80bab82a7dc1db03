package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	entcapture "github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

const (
	screen      = anteroomv1.RecordingMode_RECORDING_MODE_SCREEN
	audio       = anteroomv1.RecordingMode_RECORDING_MODE_AUDIO
	participant = anteroomv1.RecordingMode_RECORDING_MODE_PARTICIPANT
	starting    = anteroomv1.RecordingStatus_RECORDING_STATUS_STARTING
	active      = anteroomv1.RecordingStatus_RECORDING_STATUS_ACTIVE
	stopping    = anteroomv1.RecordingStatus_RECORDING_STATUS_STOPPING
	completed   = anteroomv1.RecordingStatus_RECORDING_STATUS_COMPLETED
	broken      = anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED
	limited     = anteroomv1.RecordingStatus_RECORDING_STATUS_LIMIT_REACHED
	notStarted  = anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED_TO_START
)

// recordingLimit is how long a test waits for what a recorder does.
const recordingLimit = 20 * time.Second

// ownClock stops the program's clock at the time that it is, so that tests move
// it on.
func ownClock(c *Config) {
	clock := clockwork.NewFakeClockAt(time.Now())
	c.Clock, c.Storage.Clock = clock, clock
}

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

// studio is a program with a recorder.
type studio struct {
	*program
	play func(videotest.Scenario) // how captures go that start from now on
	bot  func(pass *anteroomv1.Pass) (leave func())
	fake *videotest.Fake // nil with a real LiveKit

	recorder *livekittest.EgressStandIn // nil with the fake
}

// in is the studio for a test within.
func (s *studio) in(t *testing.T) *studio {
	p, inner := *s.program, *s
	p.t, inner.program = t, &p
	t.Cleanup(func() { s.play(videotest.Completes) })
	return &inner
}

// onFake runs a test against the program with a fake provider, on each database.
func onFake(t *testing.T, test func(t *testing.T, s *studio), change ...func(*Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, startFake(t, dbtest.SQLiteURL(t), change...)) })
	t.Run("postgres", func(t *testing.T) { test(t, startFake(t, dbtest.PostgresURL(t), change...)) })
}

// startFake is start with a provider in memory, whose files are written when it
// says so.
func startFake(t *testing.T, databaseURL string, change ...func(*Config)) *studio {
	t.Helper()
	return startAround(t, databaseURL, func(f *videotest.Fake, _ Config) video.Provider { return f }, change...)
}

// startAround is startFake with something around the provider.
func startAround(t *testing.T, databaseURL string, around func(*videotest.Fake, Config) video.Provider, change ...func(*Config)) *studio {
	t.Helper()
	p, listener := newProgram(t)
	clock := clockwork.NewFakeClockAt(time.Now())
	fake := videotest.NewFake(video.LiveKit, clock)
	c := configFor(served{DatabaseURL: databaseURL, URL: p.url, Files: p.files}, p.log)
	c.Clock, c.Storage.Clock = clock, clock
	for _, f := range change {
		f(&c)
	}
	d, err := db.Open(t.Context(), c.DatabaseURL)
	require.NoError(t, err)
	p.app = &app{config: c, db: d, store: openStore(t, c)}
	require.NoError(t, p.app.wire(video.Providers{video.LiveKit: around(fake, c)}))
	p.run(listener)
	p.relay(fake)
	s := &studio{program: p, play: fake.Play, fake: fake}
	s.bot = func(pass *anteroomv1.Pass) func() {
		leave, err := fake.Join(video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
		require.NoError(t, err)
		return leave
	}
	return s
}

// relay has the fake's webhooks sent to the program, in their order, and writes
// the files of captures that end well before that is told.
func (p *program) relay(fake *videotest.Fake) {
	deliveries, done := make(chan videotest.Delivery, 1000), make(chan struct{})
	fake.Deliver(func(d videotest.Delivery) { deliveries <- d })
	go func() {
		defer close(done)
		written := map[string]bool{} // once each: what is deleted stays so
		for d := range deliveries {
			for _, e := range fake.Captures() {
				if content := fake.Captured(e.Path); content != nil && !written[e.Path] {
					written[e.Path] = true
					_ = p.app.store.Write(context.Background(), e.Path, bytes.NewReader(content))
				}
			}
			req, err := http.NewRequest(http.MethodPost, p.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(d.Body))
			if err != nil {
				continue
			}
			req.Header = d.Header
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	}()
	p.t.Cleanup(func() { fake.Deliver(nil); close(deliveries); <-done })
}

// occupied makes a room in which its owner is.
func (s *studio) occupied(owner client, change ...func(*anteroomv1.CreateRoomRequest)) (room *anteroomv1.Room, leave func()) {
	s.t.Helper()
	room = s.room(owner, public, change...)
	return room, s.enter(owner, room)
}

// enter brings somebody into a room, and waits until the program knows.
func (s *studio) enter(c client, room *anteroomv1.Room) (leave func()) {
	s.t.Helper()
	pass := s.join(c, room.GetId())
	leave = s.bot(pass)
	await(s.t, recordingLimit, "the program hears of who came", func() bool {
		there, err := s.app.db.Participation.Query().All(s.t.Context())
		require.NoError(s.t, err)
		for _, who := range there {
			if who.RoomID.String() == room.GetId() && who.Identity == pass.GetIdentity() && who.JoinTime != nil {
				return true
			}
		}
		return false
	})
	return leave
}

func with(settings *anteroomv1.RoomSettings) func(*anteroomv1.CreateRoomRequest) {
	return func(r *anteroomv1.CreateRoomRequest) { r.Settings = settings }
}

// record starts a recording of a room.
func (s *studio) record(c client, room *anteroomv1.Room, mode anteroomv1.RecordingMode) *anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.StartRecording(s.t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: mode})
	require.NoError(s.t, err)
	return got.GetRecording()
}

// until waits for a status.
func (s *studio) until(c client, id string, status anteroomv1.RecordingStatus) (found *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, status.String(), func() bool {
		got, err := c.recordings.GetRecording(s.t.Context(), &anteroomv1.GetRecordingRequest{Recording: id})
		require.NoError(s.t, err)
		found = got.GetRecording()
		return found.GetStatus() == status
	})
	return found
}

// available waits until the file is there.
func (s *studio) available(c client, id string) (found *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, "the recording is available", func() bool {
		got, err := c.recordings.GetRecording(s.t.Context(), &anteroomv1.GetRecordingRequest{Recording: id})
		require.NoError(s.t, err)
		found = got.GetRecording()
		return found.GetAvailableTime() != nil
	})
	return found
}

func (s *studio) stop(c client, id string) *anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.StopRecording(s.t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: id}})
	require.NoError(s.t, err)
	require.Len(s.t, got.GetRecordings(), 1)
	return got.GetRecordings()[0]
}

// saved makes a recording that is there.
func (s *studio) saved(owner client, change ...func(*anteroomv1.CreateRoomRequest)) (*anteroomv1.Room, *anteroomv1.Recording) {
	s.t.Helper()
	room, leave := s.occupied(owner, change...)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	return room, s.available(owner, rec.GetId())
}

// settle lets time pass, and has what was not heard of found out.
func (s *studio) settle(after time.Duration) {
	s.t.Helper()
	s.clock().Advance(after)
	require.NoError(s.t, s.app.record.Settle(s.t.Context()))
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

// last is the newest capture at the provider.
func (s *studio) last() video.Egress {
	all := s.fake.Captures()
	return all[len(all)-1]
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

// capture is that of a recording at the provider.
func (s *studio) capture(recording string) video.Egress {
	s.t.Helper()
	for _, e := range s.fake.Captures() {
		if strings.Contains(e.Path, recording) {
			return e
		}
	}
	s.t.Fatalf("nothing is captured for %s", recording)
	return video.Egress{}
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

// running waits for a recording of a room.
func (s *studio) running(c client, room *anteroomv1.Room) (rec *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, "something is recorded", func() bool {
		for _, one := range s.listed(c, room) {
			if one.GetEndTime() == nil {
				rec = one
				return true
			}
		}
		return false
	})
	return rec
}

func (s *studio) listed(c client, room *anteroomv1.Room) []*anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.ListRecordings(s.t.Context(), &anteroomv1.ListRecordingsRequest{Room: room.GetId()})
	require.NoError(s.t, err)
	return got.GetRecordings()
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

// due makes jobs of a kind run that wait for their time, which is the queue's own.
func (s *studio) due(kind string) {
	s.t.Helper()
	_, err := s.app.db.SQL.ExecContext(s.t.Context(), `UPDATE river_job SET scheduled_at = CURRENT_TIMESTAMP WHERE state = 'scheduled' AND kind = '`+kind+`'`)
	require.NoError(s.t, err)
}

// send posts a webhook of the fake's.
func (s *studio) send(d videotest.Delivery) {
	s.t.Helper()
	status, text := s.post(d.Body, d.Header)
	require.Equal(s.t, http.StatusOK, status, text)
}

// whoMay is the matrix of roles, on a recording that is there.
func (s *studio) whoMay(t *testing.T) {
	s = s.in(t)
	owner := s.as("may-owner")
	room, rec := s.saved(owner)
	for name, role := range map[string]anteroomv1.Role{"may-host": anteroomv1.Role_ROLE_ADMIN, "may-member": anteroomv1.Role_ROLE_MEMBER} {
		_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: role, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: name + "@example.org"},
		})
		require.NoError(t, err)
	}
	share := func(name string, role anteroomv1.RecordingRole) {
		_, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
			Recording: rec.GetId(), Role: role, Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: name + "@example.org"},
		})
		require.NoError(t, err)
	}
	share("sees", anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER)
	share("shares", anteroomv1.RecordingRole_RECORDING_ROLE_ADMIN)
	for _, c := range []struct {
		who                             client
		name                            string
		start, get, link, list, del, up string
	}{
		{owner, "owner", "", "", "", "", "", ""},
		{s.as("shares"), "admin of the recording", "permission_denied", "", "", "", "permission_denied", "permission_denied"},
		{s.as("sees"), "member of the recording", "permission_denied", "", "", "permission_denied", "permission_denied", "permission_denied"},
		{s.as("may-host"), "host of the room", "meeting_not_running", notFound, notFound, notFound, notFound, notFound},
		{s.as("may-member"), "member of the room", "permission_denied", notFound, notFound, notFound, notFound, notFound},
		{s.as("nobody"), "anybody", "permission_denied", notFound, notFound, notFound, notFound, notFound},
		{s.operator(), "operator", "permission_denied", "", "permission_denied", "", "", ""},
		{s.guest(), "guest", signIn, signIn, signIn, signIn, signIn, signIn},
	} {
		id, ctx := rec.GetId(), t.Context()
		check := func(what, want string, err error) {
			if want == "" {
				require.NoError(t, err, "%s: %s", c.name, what)
			} else {
				require.Equal(t, want, reason(err), "%s: %s: %v", c.name, what, err)
			}
		}
		if c.name != "owner" {
			_, err := c.who.recordings.StartRecording(ctx, &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
			check("start", c.start, err)
		}
		_, err := c.who.recordings.GetRecording(ctx, &anteroomv1.GetRecordingRequest{Recording: id})
		check("get", c.get, err)
		_, err = c.who.recordings.GetDownloadLink(ctx, &anteroomv1.GetDownloadLinkRequest{Recording: id})
		check("link", c.link, err)
		_, err = c.who.recordings.ListRecordingAccesses(ctx, &anteroomv1.ListRecordingAccessesRequest{Recording: id})
		check("list accesses", c.list, err)
		_, err = c.who.recordings.SetRetention(ctx, &anteroomv1.SetRetentionRequest{Recording: id, Until: &anteroomv1.SetRetentionRequest_Keep{Keep: true}})
		check("keep", c.del, err)
		_, err = c.who.recordings.ReportProcessing(ctx, &anteroomv1.ReportProcessingRequest{
			Recording: id, Processor: "p", Status: anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE,
		})
		check("report", c.up, err)
		if c.del != "" {
			_, err = c.who.recordings.DeleteRecording(ctx, &anteroomv1.DeleteRecordingRequest{Recording: id})
			check("delete", c.del, err)
		}
	}
	mine, err := s.as("sees").recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{})
	require.NoError(t, err)
	require.Len(t, mine.GetRecordings(), 1)
	require.Equal(t, anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, mine.GetRecordings()[0].GetMyRole())
	_, err = owner.recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{All: true})
	requireReason(t, "operator_required", connect.CodePermissionDenied, err)
	all, err := s.operator().recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{All: true, Room: room.GetId()})
	require.NoError(t, err)
	require.Len(t, all.GetRecordings(), 1)
	require.Zero(t, all.GetRecordings()[0].GetMyRole())
}

const (
	notFound = "recording_not_found"
	signIn   = "sign_in_required"
)

func (s *studio) accesses(t *testing.T) {
	s = s.in(t)
	owner, was, late := s.as("acc-owner"), s.as("acc-was"), s.as("acc-late")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingAudience: anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES}))
	s.enter(was, room)
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	_, err := was.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	s.stop(owner, rec.GetId())
	s.available(owner, rec.GetId())
	leave()
	got, err := was.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err, "who was there sees it")
	require.True(t, got.GetRecording().GetDownloads())
	_, err = late.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)

	grant := &anteroomv1.GrantRecordingAccessRequest{
		Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER,
		Grantee: &anteroomv1.GrantRecordingAccessRequest_User{User: late.id(t)}, ExpireTime: timestamppb.New(s.clock().Now().Add(48 * time.Hour)),
	}
	made, err := owner.recordings.GrantRecordingAccess(t.Context(), grant)
	require.NoError(t, err)
	_, err = owner.recordings.GrantRecordingAccess(t.Context(), grant)
	requireReason(t, "access_exists", connect.CodeAlreadyExists, err)
	grant.Role = anteroomv1.RecordingRole_RECORDING_ROLE_OWNER
	_, err = owner.recordings.GrantRecordingAccess(t.Context(), grant)
	requireReason(t, "owner_cannot_expire", connect.CodeInvalidArgument, err)
	_, err = late.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	s.clock().Advance(49 * time.Hour)
	_, err = late.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	_, err = owner.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: made.GetAccess().GetId()})
	require.NoError(t, err)

	listed, err := owner.recordings.ListRecordingAccesses(t.Context(), &anteroomv1.ListRecordingAccessesRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.Len(t, listed.GetAccesses(), 2, "the owner, and everyone who was there")
	for _, a := range listed.GetAccesses() {
		if !a.GetEveryone() {
			_, err = owner.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: a.GetId()})
			requireReason(t, "last_owner", connect.CodeFailedPrecondition, err)
			_, err = was.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: a.GetId()})
			requireReason(t, "access_not_found", connect.CodeNotFound, err)
		}
	}
	_, err = owner.DeleteRoom(t.Context(), &anteroomv1.DeleteRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	_, err = was.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId()})
	require.NoError(t, err, "nothing that happens after saving takes access away")
}

// get fetches a URL as somebody, with more headers.
func (s *studio) get(t *testing.T, link, token string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

func (s *studio) media(t *testing.T) {
	s = s.in(t)
	owner := s.as("media")
	off := false
	_, rec := s.saved(owner, with(&anteroomv1.RoomSettings{Downloads: &off}))
	key := rec.GetFiles()[0].GetKey()
	_, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
		Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER,
		Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: "media-plays@example.org"},
	})
	require.NoError(t, err)
	plays := s.as("media-plays")
	_, err = plays.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId()})
	requireReason(t, "downloads_off", connect.CodePermissionDenied, err)
	inline, err := plays.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId(), Inline: true})
	require.NoError(t, err)
	link, err := owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId(), File: rec.GetFiles()[0].GetId()})
	require.NoError(t, err)
	_, err = owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId(), File: uuid.NewString()})
	requireReason(t, "file_not_found", connect.CodeNotFound, err)

	resp, text := s.get(t, link.GetUrl(), "")
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	require.Equal(t, int(rec.GetFiles()[0].GetSize()), len(text))
	require.Contains(t, resp.Header.Get("Content-Disposition"), "attachment")
	resp, part := s.get(t, inline.GetUrl(), "", "Range", "bytes=2-4")
	require.Equal(t, http.StatusPartialContent, resp.StatusCode)
	require.Equal(t, text[2:5], part)
	require.Contains(t, resp.Header.Get("Content-Disposition"), "inline")
	resp, _ = s.get(t, strings.Replace(inline.GetUrl(), "inline=true", "inline=false", 1), "")
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "what a link says cannot be changed")
	other, err := url.Parse(link.GetUrl())
	require.NoError(t, err)
	other.Path = strings.Replace(other.Path, rec.GetId(), uuid.NewString(), 1)
	resp, _ = s.get(t, other.String(), "")
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "it opens no other file")
	s.clock().Advance(16 * time.Minute)
	resp, _ = s.get(t, link.GetUrl(), "")
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "it expires")

	token := func(name string) string {
		return s.token(auth.Identity{Subject: name, Email: name + "@example.org", FullName: name})
	}
	for _, c := range []struct {
		name, token, url string
		status           int
	}{
		{"owner", token("media"), "/media/recordings/" + key, http.StatusOK},
		{"owner, with a query", token("media"), "https://example.org/media/recordings/" + key + "?x=1", http.StatusOK},
		{"member", token("media-plays"), "/media/recordings/" + key, http.StatusOK},
		{"guest", "", "/media/recordings/" + key, http.StatusUnauthorized},
		{"broken token", "nonsense", "/media/recordings/" + key, http.StatusUnauthorized},
		{"anybody", token("media-nobody"), "/media/recordings/" + key, http.StatusNotFound},
		{"operator", s.token(auth.Identity{Subject: "operator", Email: "operator@example.org", Operator: true}), "/media/recordings/" + key, http.StatusForbidden},
		{"no key", token("media"), "/media/recordings/", http.StatusNotFound},
		{"no such file", token("media"), "/media/recordings/x" + key, http.StatusNotFound},
		{"a way out", token("media"), "/media/recordings/../" + key, http.StatusNotFound},
	} {
		for _, header := range storage.Originals {
			resp, _ := s.get(t, s.url+storage.MediaPath, c.token, header, c.url)
			require.Equal(t, c.status, resp.StatusCode, "%s by %s", c.name, header)
		}
	}
	resp, _ = s.get(t, s.url+storage.MediaPath+key, token("media"))
	require.Equal(t, http.StatusOK, resp.StatusCode, "the path itself names the file where no header does")
}

func (s *studio) keptAndDeleted(t *testing.T) {
	s = s.in(t)
	owner := s.as("kept")
	_, forever := s.saved(owner)
	require.Nil(t, forever.GetExpireTime())
	_, rec := s.saved(owner, with(&anteroomv1.RoomSettings{RecordingRetention: durationpb.New(30 * 24 * time.Hour)}))
	require.Equal(t, rec.GetCreateTime().AsTime().Add(30*24*time.Hour), rec.GetExpireTime().AsTime())
	until := func(at time.Time) error {
		_, err := owner.recordings.SetRetention(t.Context(), &anteroomv1.SetRetentionRequest{
			Recording: rec.GetId(), Until: &anteroomv1.SetRetentionRequest_ExpireTime{ExpireTime: timestamppb.New(at)},
		})
		return err
	}
	requireReason(t, "retention_in_the_past", connect.CodeInvalidArgument, until(s.clock().Now().Add(-time.Hour)))
	require.NoError(t, until(s.clock().Now().Add(time.Hour)))
	require.NoError(t, s.app.record.Expire(t.Context()))
	onDisk := filepath.Join(s.files, rec.GetFiles()[0].GetKey())
	require.FileExists(t, onDisk)
	s.clock().Advance(time.Hour)
	require.NoError(t, s.app.record.Expire(t.Context()))
	_, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "the file is gone", func() bool { _, err := os.Stat(onDisk); return os.IsNotExist(err) })
	require.FileExists(t, filepath.Join(s.files, forever.GetFiles()[0].GetKey()))

	room, leave := s.occupied(owner)
	defer leave()
	running := s.record(owner, room, audio)
	s.until(owner, running.GetId(), active)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: running.GetId()})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: forever.GetId()})
	require.NoError(t, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: forever.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "row and file are gone", func() bool {
		there, err := s.app.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(forever.GetId()))).Exist(t.Context())
		require.NoError(t, err)
		return !there
	})
	require.NoFileExists(t, filepath.Join(s.files, forever.GetFiles()[0].GetKey()))
}

func (s *studio) consent(t *testing.T) {
	s = s.in(t)
	owner := s.as("consent-owner")
	yes := true
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes}))
	defer leave()
	guest := s.guest()
	pass := s.join(guest, room.GetId())
	require.True(t, pass.GetConsentRequired())
	s.bot(pass)
	decide := func(c client, ticket string, d anteroomv1.ConsentDecision) error {
		_, err := c.recordings.GiveConsent(t.Context(), &anteroomv1.GiveConsentRequest{Room: room.GetSlug(), Ticket: ticket, Decision: d})
		return err
	}
	const given, declined = anteroomv1.ConsentDecision_CONSENT_DECISION_GIVEN, anteroomv1.ConsentDecision_CONSENT_DECISION_DECLINED
	require.NoError(t, decide(owner, "", given))
	requireReason(t, signIn, connect.CodeUnauthenticated, decide(guest, "", given))
	requireReason(t, "invalid_ticket", connect.CodePermissionDenied, decide(guest, "nonsense", given))
	other := s.join(guest, s.room(owner, public).GetId())
	requireReason(t, "invalid_ticket", connect.CodePermissionDenied, decide(guest, other.GetTicket(), given))
	require.NoError(t, decide(guest, pass.GetTicket(), declined))

	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "consent_declined", connect.CodeFailedPrecondition, err)
	require.Equal(t, "1", detailsOf(err)["people"])
	req.DespiteDeclined = true
	got, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err, "knowing that")
	s.until(owner, got.GetRecording().GetId(), active)
	s.stop(owner, got.GetRecording().GetId())

	meeting := got.GetRecording().GetMeeting()
	listed, err := owner.recordings.ListConsents(t.Context(), &anteroomv1.ListConsentsRequest{Meeting: meeting})
	require.NoError(t, err)
	require.Len(t, listed.GetConsents(), 2)
	require.Equal(t, given, listed.GetConsents()[0].GetDecision())
	require.Equal(t, pass.GetIdentity(), listed.GetConsents()[1].GetIdentity())
	require.Equal(t, declined, listed.GetConsents()[1].GetDecision())
	_, err = s.as("consent-nobody").recordings.ListConsents(t.Context(), &anteroomv1.ListConsentsRequest{Meeting: meeting})
	requireReason(t, "meeting_not_found", connect.CodeNotFound, err)
	require.NoError(t, decide(guest, pass.GetTicket(), given), "the last word counts")
	req.DespiteDeclined, req.Mode = false, screen
	_, err = owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
}

func (s *studio) processing(t *testing.T) {
	s = s.in(t)
	owner := s.as("processing")
	_, rec := s.saved(owner)
	report := func(processor string, status anteroomv1.ProcessingStatus) (*anteroomv1.Recording, error) {
		got, err := owner.recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
			Recording: rec.GetId(), Processor: processor, Status: status, Url: "https://example.org/" + processor,
		})
		return got.GetRecording(), err
	}
	_, err := report("summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_RUNNING)
	require.NoError(t, err)
	got, err := report("summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.NoError(t, err)
	require.Len(t, got.GetProcessing(), 1)
	require.Equal(t, anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE, got.GetProcessing()[0].GetStatus())
	require.Equal(t, "https://example.org/summary", got.GetProcessing()[0].GetUrl())
	require.Equal(t, completed, got.GetStatus(), "what is done with it is no status")
	for n := range 19 {
		_, err := report("p"+strconv.Itoa(n), anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
		require.NoError(t, err)
	}
	_, err = report("one-too-many", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	requireReason(t, "processing_full", connect.CodeResourceExhausted, err)
}

func (s *studio) watched(t *testing.T) {
	s = s.in(t)
	owner := s.as("watched")
	room, leave := s.occupied(owner)
	defer leave()
	stream := s.watch(owner, room.GetId())
	require.NotNil(t, stream.next().GetSnapshot())
	rec := s.record(owner, room, audio)
	told := func(want anteroomv1.RecordingStatus) *anteroomv1.RecordingChanged {
		t.Helper()
		got := stream.next().GetNotice().GetRecordingChanged()
		require.Equal(t, want, got.GetStatus())
		require.Equal(t, rec.GetId(), got.GetRecordingId())
		return got
	}
	told(starting)
	begun := told(active)
	require.Equal(t, begun.GetStartTime().AsTime().Add(time.Hour), begun.GetLimitTime().AsTime())
	s.stop(owner, rec.GetId())
	told(stopping)
	told(completed)
	await(t, recordingLimit, "those in the room are told", func() bool {
		says := s.fake.RoomMetadata(room.GetId())
		return strings.Contains(says, rec.GetId()) && strings.Contains(says, `"status":"completed"`)
	})
	require.Equal(t, rec.GetId(), stream.next().GetNotice().GetRecordingAvailable().GetRecordingId())
}

// detailsOf is the metadata of a refusal.
func detailsOf(err error) map[string]string {
	for _, d := range asConnect(err).Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*errdetails.ErrorInfo); ok {
				return info.GetMetadata()
			}
		}
	}
	return nil
}
