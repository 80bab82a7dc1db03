package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	entcapture "github.com/anteroom-dev/anteroom/ent/capture"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// recordedBy gives a program whose LiveKit is real a stand-in for its recorder.
func recordedBy(t *testing.T, p *program) *studio {
	t.Helper()
	recorder := livekittest.StartEgressStandIn(t, p.server.RedisAddr())
	return &studio{program: p, play: recorder.Play, bot: p.bot, recorder: recorder}
}

// TestRecordersThatAreSlow wait for as long as they are slow, so they do it together.
func TestRecordersThatAreSlow(t *testing.T) {
	for name, c := range map[string]struct {
		test    func(*studio, *testing.T)
		timeout time.Duration // of the start; LiveKit's own is 23 seconds
	}{
		"never answers":            {(*studio).neverAnswers, 0},
		"nobody waits that long":   {(*studio).nobodyWaits, time.Second},
		"answers after 20 seconds": {(*studio).answersLate, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, p *program) { c.test(recordedBy(t, p), t) },
				ownClock, func(config *Config) { config.LiveKit.StartTimeout = c.timeout })
		})
	}
}

// neverAnswers: LiveKit says that there is no recorder, after which nobody is asked
// for a minute.
func (s *studio) neverAnswers(t *testing.T) {
	s = s.in(t)
	s.play(videotest.NeverAnswers)
	owner := s.as("never")
	room, leave := s.occupied(owner)
	defer leave()
	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	asked := s.proxy.calls("StartEgress")
	require.Positive(t, asked)
	_, err = owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	require.Equal(t, asked, s.proxy.calls("StartEgress"), "nobody is asked for a while")
	all := s.listed(owner, room)
	require.Len(t, all, 1)
	require.Equal(t, notStarted, all[0].GetStatus())
	require.Equal(t, "no_recorder", all[0].GetError())
	s.play(videotest.Completes)
	s.clock().Advance(time.Minute)
	s.until(owner, s.record(owner, room, audio).GetId(), active)
}

// nobodyWaits: of a recorder for which nobody waited long enough it is found out
// that it never began.
func (s *studio) nobodyWaits(t *testing.T) {
	s = s.in(t)
	s.play(videotest.NeverAnswers)
	owner := s.as("nobody-waits")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	require.Equal(t, starting, rec.GetStatus())
	s.settle(time.Minute)
	s.until(owner, rec.GetId(), starting)
	s.settle(time.Minute)
	require.Equal(t, "recorder_no_answer", s.until(owner, rec.GetId(), notStarted).GetError())
	s.play(videotest.Completes)
	s.until(owner, s.record(owner, room, audio).GetId(), active)
}

// answersLate: it has begun long before it answers, and goes on like any other.
func (s *studio) answersLate(t *testing.T) {
	s = s.in(t)
	s.play(videotest.AnswersLate)
	owner := s.as("late")
	room, leave := s.occupied(owner)
	defer leave()
	begin := time.Now()
	asked := make(chan error, 1)
	go func() {
		_, err := owner.recordings.StartRecording(context.WithoutCancel(t.Context()), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
		asked <- err
	}()
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	select {
	case err := <-asked:
		t.Fatalf("the start was answered after %s: %v", time.Since(begin), err)
	default:
	}
	require.NoError(t, <-asked)
	s.until(owner, rec.GetId(), active)
	require.Len(t, s.listed(owner, room), 1)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 1)
}

// captures are those of a recording.
func (s *studio) captures(rec *anteroomv1.Recording) []*ent.Capture {
	s.t.Helper()
	all, err := s.app.db.Capture.Query().Where(entcapture.RecordingID(uuid.MustParse(rec.GetId()))).Order(entcapture.ByID()).All(s.t.Context())
	require.NoError(s.t, err)
	return all
}

func (s *studio) stoppedBeforeItBegins(t *testing.T) {
	s = s.in(t)
	s.play(videotest.StaysStarting)
	owner := s.as("before-it-begins")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	before := s.proxy.calls("StopEgress")
	require.Equal(t, stopping, s.stop(owner, rec.GetId()).GetStatus(), "the wish is remembered")
	await(t, recordingLimit, "the stop is tried", func() bool { return s.proxy.calls("StopEgress") > before })
	s.recorder.Begin(*s.captures(rec)[0].EgressID)
	s.until(owner, rec.GetId(), completed)
	require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 1)
}

func (s *studio) diesInTheMiddle(t *testing.T) {
	s = s.in(t)
	s.play(videotest.Dies)
	owner := s.as("dies-for-real")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.settle(time.Minute)
	s.until(owner, rec.GetId(), stopping)
	s.settle(5 * time.Minute)
	require.Equal(t, "recorder_lost", s.until(owner, rec.GetId(), broken).GetError())
	s.play(videotest.Completes)
	next := s.record(owner, room, audio)
	s.until(owner, next.GetId(), active)
	s.stop(owner, next.GetId())
	s.until(owner, next.GetId(), completed)
}

// speaks has somebody come in and publish.
func (s *studio) speaks(c client, room *anteroomv1.Room) (there *lksdk.Room, track string) {
	s.t.Helper()
	pass := s.join(c, room.GetId())
	there = livekittest.JoinRoom(s.t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()}, &lksdk.RoomCallback{})
	return there, livekittest.PublishVoice(s.t, there)
}

// trackIs waits until the captures of a track have these statuses.
func (s *studio) trackIs(rec *anteroomv1.Recording, track string, statuses ...entcapture.Status) {
	s.t.Helper()
	await(s.t, recordingLimit, "the captures of a track", func() bool {
		var found []entcapture.Status
		for _, c := range s.captures(rec) {
			if c.TrackSid == track {
				found = append(found, c.Status)
			}
		}
		if len(found) != len(statuses) {
			return false
		}
		for n := range found {
			if found[n] != statuses[n] {
				return false
			}
		}
		return true
	})
}

// realTracks: they are captured as they are published, and no longer than that,
// and of those alone who have not declined.
func (s *studio) realTracks(t *testing.T) {
	s = s.in(t)
	yes := true
	owner, other, never := s.as("tracks-owner"), s.as("tracks-other"), s.as("tracks-never")
	room := s.room(owner, public, with(&anteroomv1.RoomSettings{ConsentRequired: &yes}))
	first, mine := s.speaks(owner, room)
	await(t, recordingLimit, "the meeting runs", func() bool { return s.livePeople(owner, room) == 1 })
	rec := s.record(owner, room, allTracks)
	s.trackIs(rec, mine, entcapture.StatusActive)
	s.says(never, s.join(never, room.GetId()).GetTicket(), room, declined) // at the door
	_, unwanted := s.speaks(never, room)
	second, theirs := s.speaks(other, room)
	s.trackIs(rec, theirs, entcapture.StatusActive)
	s.trackIs(rec, unwanted)
	s.says(never, "", room, given)
	s.trackIs(rec, unwanted, entcapture.StatusActive)
	s.says(never, "", room, declined)
	s.trackIs(rec, unwanted, entcapture.StatusComplete)

	require.NoError(t, first.LocalParticipant.UnpublishTrack(mine))
	s.trackIs(rec, mine, entcapture.StatusComplete)
	second.Disconnect()
	s.trackIs(rec, theirs, entcapture.StatusComplete)
	require.Equal(t, active, s.until(owner, rec.GetId(), active).GetStatus(), "it goes on without them")
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	files := s.available(owner, rec.GetId()).GetFiles()
	require.Len(t, files, 3)
	for _, f := range files {
		require.Equal(t, "ogg", f.GetKey()[strings.LastIndex(f.GetKey(), ".")+1:])
	}
}

// livePeople are how many are in a room.
func (s *studio) livePeople(c client, room *anteroomv1.Room) int {
	s.t.Helper()
	got, err := c.GetRoom(s.t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(s.t, err)
	return int(got.GetRoom().GetLive().GetPeople())
}

func (s *studio) realCallers(t *testing.T) {
	s = s.in(t)
	yes := true
	owner := s.as("real-callers")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{TrackRecording: &yes}))
	defer leave()
	for n := range 2 {
		hangUp := livekittest.Join(t, livekittest.CallerPass(t, s.server.WSURL(), room.GetId(), "+33612345678"))
		await(t, recordingLimit, "the call is recorded", func() bool { return len(s.listed(owner, room)) == n+1 })
		rec := s.listed(owner, room)[0]
		s.until(owner, rec.GetId(), active)
		asked := s.recorder.Capture(*s.captures(rec)[0].EgressID).GetEgress()
		require.Equal(t, "sip_+33612345678", asked.GetMedia().GetAudio().GetRoutes()[0].GetParticipantIdentity())
		require.NotContains(t, asked.GetOutputs()[0].GetFile().GetFilepath(), "612345678")
		hangUp()
		s.until(owner, rec.GetId(), completed)
		file := s.available(owner, rec.GetId()).GetFiles()[0]
		require.Equal(t, "+3•••678", file.GetCallerNumber())
		require.NotContains(t, file.GetKey(), "612345678")
		s.clock().Advance(time.Minute)
	}
}

// alwaysForReal: what ended by itself begins anew.
func (s *studio) alwaysForReal(t *testing.T) {
	s = s.in(t)
	s.play(videotest.ReachesLimit)
	owner := s.as("always-for-real")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}))
	defer leave()
	await(t, recordingLimit, "the recorder's own limit is reached", func() bool {
		all := s.listed(owner, room)
		return len(all) == 1 && all[0].GetStatus() == limited
	})
	s.play(videotest.Completes)
	s.clock().Advance(time.Minute)
	s.due("recording.comply")
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	_, err := owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: rec.GetId()}})
	requireReason(t, "recording_required", connect.CodeFailedPrecondition, err)
}
