package main

import (
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

const (
	automatic  = anteroomv1.RecordingPolicy_RECORDING_POLICY_AUTOMATIC
	compliance = anteroomv1.RecordingPolicy_RECORDING_POLICY_COMPLIANCE
	manual     = anteroomv1.RecordingPolicy_RECORDING_POLICY_MANUAL
	allTracks  = anteroomv1.RecordingMode_RECORDING_MODE_TRACKS
	given      = anteroomv1.ConsentDecision_CONSENT_DECISION_GIVEN
	declined   = anteroomv1.ConsentDecision_CONSENT_DECISION_DECLINED
)

// TestRecordingPolicies: what begins, goes on and ends by itself, with a provider in
// memory.
func TestRecordingPolicies(t *testing.T) {
	t.Parallel() // it waits more than it works
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("triggers", s.triggers)
		t.Run("a start in vain", s.startInVain)
		t.Run("always, and again", s.alwaysAgain)
		t.Run("always, whoever began it", s.alwaysWhoever)
		t.Run("who declines", s.whoDeclines)
		t.Run("tracks of who declines", s.tracksOfWhoDeclines)
		t.Run("tracks that break off", s.tracksThatBreakOff)
		t.Run("a caller who comes back", s.callerComesBack)
		t.Run("given up too soon", s.givenUpTooSoon)
		t.Run("health", s.health)
	})
}

// quiet waits until nothing is left to do but to begin anew what has ended: those
// jobs come again by the queue's clock, for as long as the program's stands still.
func (s *studio) quiet() {
	s.t.Helper()
	await(s.t, recordingLimit, "nothing is left to do", func() bool {
		if s.onTheWay.Load() > 0 {
			return false
		}
		var left int
		require.NoError(s.t, s.app.db.SQL.QueryRowContext(s.t.Context(), `SELECT count(*) FROM river_job
			WHERE state IN ('available', 'running', 'retryable') AND kind <> 'recording.comply'`).Scan(&left))
		return left == 0
	})
}

// update changes settings of a room.
func (s *studio) update(c client, room *anteroomv1.Room, settings *anteroomv1.RoomSettings, paths ...string) {
	s.t.Helper()
	mask := &fieldmaskpb.FieldMask{}
	for _, path := range paths {
		mask.Paths = append(mask.Paths, "settings."+path)
	}
	_, err := c.UpdateRoom(s.t.Context(), &anteroomv1.UpdateRoomRequest{Room: room.GetId(), Settings: settings, UpdateMask: mask})
	require.NoError(s.t, err)
}

func (s *studio) triggers(t *testing.T) {
	s = s.in(t)
	owner := s.as("trigger-owner")
	room := s.room(owner, public, with(&anteroomv1.RoomSettings{
		RecordingPolicy: automatic, RecordingMode: audio, RecordingTrigger: anteroomv1.RecordingTrigger_RECORDING_TRIGGER_SECOND_PERSON,
	}))
	require.Equal(t, anteroomv1.RecordingTrigger_RECORDING_TRIGGER_SECOND_PERSON, room.GetSettings().GetRecordingTrigger())
	s.enter(s.as("trigger-first"), room)
	s.quiet()
	require.Empty(t, s.listed(owner, room), "one is not two")
	s.enter(s.as("trigger-second"), room)
	s.until(owner, s.running(owner, room).GetId(), active)

	room = s.room(owner, public, with(&anteroomv1.RoomSettings{
		RecordingPolicy: automatic, RecordingMode: audio, RecordingTrigger: anteroomv1.RecordingTrigger_RECORDING_TRIGGER_HOST,
	}))
	s.enter(s.as("trigger-first"), room)
	s.enter(s.as("trigger-second"), room)
	s.quiet()
	require.Empty(t, s.listed(owner, room), "neither runs the room")
	s.enter(owner, room)
	s.until(owner, s.running(owner, room).GetId(), active)

	room = s.room(owner, public)
	s.enter(s.as("trigger-first"), room)
	s.quiet()
	require.Empty(t, s.listed(owner, room))
	s.update(owner, room, &anteroomv1.RoomSettings{RecordingPolicy: automatic, RecordingMode: audio}, "recording_policy", "recording_mode")
	s.until(owner, s.running(owner, room).GetId(), active)
}

// startInVain: what nobody stopped and did not start is begun anew.
func (s *studio) startInVain(t *testing.T) {
	s = s.in(t)
	s.play(videotest.Fails)
	owner := s.as("in-vain")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingPolicy: automatic, RecordingMode: audio}))
	defer leave()
	await(t, recordingLimit, "it does not start", func() bool {
		all := s.listed(owner, room)
		return len(all) == 1 && all[0].GetStatus() == notStarted
	})
	s.enter(s.as("one-more"), room)
	s.quiet()
	require.Len(t, s.listed(owner, room), 1, "not at once, whoever comes")
	s.play(videotest.Completes)
	s.clock().Advance(5 * time.Second)
	s.due("recording.comply")
	s.until(owner, s.running(owner, room).GetId(), active)
}

func (s *studio) alwaysAgain(t *testing.T) {
	s = s.in(t)
	owner := s.as("always-again")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}))
	for _, pause := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second} {
		rec := s.running(owner, room)
		s.until(owner, rec.GetId(), active)
		s.fake.MoveCapture(s.capture(rec.GetId()).ID, video.CaptureFailed, "out of memory")
		s.until(owner, rec.GetId(), broken)
		before := len(s.listed(owner, room))
		s.clock().Advance(pause - time.Millisecond)
		s.enter(s.as("always-more"), room)()
		s.quiet()
		require.Len(t, s.listed(owner, room), before, "not before %s", pause)
		s.clock().Advance(time.Millisecond)
		s.due("recording.comply")
		await(t, recordingLimit, "it begins anew", func() bool { return len(s.listed(owner, room)) == before+1 })
	}
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	s.clock().Advance(time.Hour)
	s.due("recording.limit")
	s.until(owner, rec.GetId(), limited)
	s.due("recording.comply")
	again := s.running(owner, room)
	require.NotEqual(t, rec.GetId(), again.GetId(), "at its limit the next one begins at once")
	s.until(owner, again.GetId(), active)

	_, err := owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: again.GetId()})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	s.update(owner, room, &anteroomv1.RoomSettings{RecordingPolicy: manual}, "recording_policy")
	_, err = owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: again.GetId()}})
	requireReason(t, "recording_required", connect.CodeFailedPrecondition, err)
	leave()
	s.fake.MoveCapture(s.capture(again.GetId()).ID, video.Complete, "")
	s.until(owner, again.GetId(), completed)
	s.quiet()
}

// alwaysWhoever: what the policy wants is not stopped either when a person began it.
func (s *studio) alwaysWhoever(t *testing.T) {
	s = s.in(t)
	owner := s.as("always-whoever")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	other := s.record(owner, room, screen)
	s.until(owner, rec.GetId(), active)
	s.until(owner, other.GetId(), active)
	s.update(owner, room, &anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}, "recording_policy", "recording_mode")
	_, err := owner.recordings.StopRecording(t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: rec.GetId()}})
	requireReason(t, "recording_required", connect.CodeFailedPrecondition, err)
	s.stop(owner, other.GetId())
	s.until(owner, other.GetId(), completed)
	s.fake.MoveCapture(s.capture(rec.GetId()).ID, video.CaptureFailed, "out of memory")
	s.until(owner, rec.GetId(), broken)
	s.due("recording.comply")
	again := s.running(owner, room)
	require.Empty(t, again.GetStartedBy())
	s.until(owner, again.GetId(), active)
}

// says has somebody decide.
func (s *studio) says(c client, ticket string, room *anteroomv1.Room, d anteroomv1.ConsentDecision) {
	s.t.Helper()
	_, err := c.recordings.GiveConsent(s.t.Context(), &anteroomv1.GiveConsentRequest{Room: room.GetSlug(), Ticket: ticket, Decision: d})
	require.NoError(s.t, err)
}

// whoDeclines while everybody is recorded ends that, unless it was known or has to
// be.
func (s *studio) whoDeclines(t *testing.T) {
	s = s.in(t)
	yes := true
	owner, other := s.as("declines-owner"), s.as("declines-other")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes}))
	defer leave()
	gone := s.enter(other, room)
	first := s.record(owner, room, screen)
	s.until(owner, first.GetId(), active)
	s.says(other, "", room, declined)
	require.Empty(t, s.until(owner, first.GetId(), completed).GetError(), "what was recorded until then is kept")
	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: screen}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "consent_declined", connect.CodeFailedPrecondition, err)

	gone()
	await(t, recordingLimit, "they have left", func() bool { _, err = owner.recordings.StartRecording(t.Context(), req); return err == nil })
	second := s.running(owner, room)
	s.until(owner, second.GetId(), active)
	s.enter(other, room)
	s.until(owner, second.GetId(), completed) // they come back, and have not changed their mind

	req.DespiteDeclined = true
	_, err = owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	third := s.running(owner, room)
	s.until(owner, third.GetId(), active)
	s.says(other, "", room, declined)
	s.quiet()
	require.Equal(t, active, s.until(owner, third.GetId(), active).GetStatus(), "it was known")

	always, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes, RecordingPolicy: compliance, RecordingMode: audio}))
	defer leave()
	s.enter(other, always)
	rec := s.running(owner, always)
	s.until(owner, rec.GetId(), active)
	s.says(other, "", always, declined)
	s.quiet()
	s.until(owner, rec.GetId(), active)

	byItself, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes, RecordingPolicy: automatic, RecordingMode: audio}))
	defer leave()
	s.enter(other, byItself)
	rec = s.running(owner, byItself)
	s.until(owner, rec.GetId(), active)
	s.says(other, "", byItself, declined)
	s.until(owner, rec.GetId(), completed)
	s.quiet()
	s.clock().Advance(time.Minute)
	s.says(other, "", byItself, given)
	again := s.running(owner, byItself)
	require.NotEqual(t, rec.GetId(), again.GetId(), "when nobody is against it, it begins anew")
}

// track tells of a track of somebody who is in a room.
func (s *studio) track(owner, whose client, room *anteroomv1.Room, kind, sid string) {
	s.t.Helper()
	live := owner.only(s.t, room.GetId())
	if kind == "track_published" {
		s.fake.PublishUnheard(room.GetId(), whose.id(s.t), video.Track{SID: sid, Source: video.Microphone})
	} else {
		s.fake.UnpublishUnheard(room.GetId(), whose.id(s.t), sid)
	}
	for _, p := range owner.people(s.t, live.GetId()) {
		if p.GetIdentity() == whose.id(s.t) && p.GetLeaveTime() == nil {
			s.send(s.fake.Webhook(video.Event{
				ID: uuid.NewString(), Type: kind, Time: s.clock().Now().UTC(), Room: video.EventRoom{Name: room.GetId(), SID: live.GetProviderSid()},
				Participant: &video.Participant{SID: p.GetProviderSid(), Identity: p.GetIdentity()}, Track: &video.Track{SID: sid, Source: video.Microphone},
			}))
			return
		}
	}
	s.t.Fatal("whose track is not in")
}

// ofTrack are the captures of a track, at the provider.
func (s *studio) ofTrack(sid string) (found []video.Egress) {
	for _, e := range s.fake.Captures() {
		if strings.Contains(e.Path, sid) {
			found = append(found, e)
		}
	}
	return found
}

// captured waits until a track's captures have these statuses.
func (s *studio) captured(sid string, statuses ...video.EgressStatus) {
	s.t.Helper()
	await(s.t, recordingLimit, "the captures of "+sid, func() bool {
		found := s.ofTrack(sid)
		if len(found) != len(statuses) {
			return false
		}
		for n, e := range found {
			if e.Status != statuses[n] {
				return false
			}
		}
		return true
	})
}

func (s *studio) tracksOfWhoDeclines(t *testing.T) {
	s = s.in(t)
	yes := true
	owner, other := s.as("their-tracks-owner"), s.as("their-tracks-other")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes}))
	defer leave()
	gone := s.enter(other, room)
	s.says(other, "", room, declined)
	s.track(owner, owner, room, "track_published", "TR_mine")
	s.track(owner, other, room, "track_published", "TR_their")
	rec := s.record(owner, room, allTracks)
	s.captured("TR_mine", video.Active)
	s.quiet()
	s.captured("TR_their")
	s.says(other, "", room, given)
	s.captured("TR_their", video.Active)
	s.says(other, "", room, declined)
	s.captured("TR_their", video.Complete)
	s.says(other, "", room, given)
	s.captured("TR_their", video.Complete, video.Active)
	s.captured("TR_mine", video.Active)

	s.track(owner, owner, room, "track_unpublished", "TR_mine")
	s.captured("TR_mine", video.Complete)
	gone()
	s.captured("TR_their", video.Complete, video.Complete)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 3)
}

func (s *studio) tracksThatBreakOff(t *testing.T) {
	s = s.in(t)
	owner := s.as("break-off")
	room, leave := s.occupied(owner)
	defer leave()
	s.track(owner, owner, room, "track_published", "TR_broken")
	rec := s.record(owner, room, allTracks)
	s.captured("TR_broken", video.Active)
	s.fake.MoveCapture(s.ofTrack("TR_broken")[0].ID, video.CaptureFailed, "out of memory")
	s.quiet()
	s.settle(4 * time.Second)
	s.captured("TR_broken", video.CaptureFailed)
	s.settle(2 * time.Second)
	s.captured("TR_broken", video.CaptureFailed, video.Active)
	s.fake.MoveCapture(s.ofTrack("TR_broken")[1].ID, video.LimitReached, "Session limit reached")
	s.quiet()
	s.settle(6 * time.Second)
	s.captured("TR_broken", video.CaptureFailed, video.LimitReached)
	s.settle(6 * time.Second)
	s.captured("TR_broken", video.CaptureFailed, video.LimitReached, video.Active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), limited)
}

// caller tells of somebody on a telephone.
func (s *studio) caller(owner client, room *anteroomv1.Room, kind, sid string) {
	s.t.Helper()
	now := s.clock().Now().UTC()
	s.send(s.fake.Webhook(video.Event{
		ID: uuid.NewString(), Type: kind, Time: now,
		Room: video.EventRoom{Name: room.GetId(), SID: owner.only(s.t, room.GetId()).GetProviderSid()},
		Participant: &video.Participant{
			SID: sid, Identity: "sip_+33612345678", Name: "Phone +33612345678", Kind: video.Phone, JoinTime: now, PhoneNumber: "+33612345678",
		},
	}))
}

// callerComesBack: while their first recording is still being written, the second has
// to wait, and is not forgotten.
func (s *studio) callerComesBack(t *testing.T) {
	s = s.in(t)
	yes := true
	owner := s.as("comes-back")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{TrackRecording: &yes}))
	defer leave()
	s.play(videotest.StaysStarting)
	s.caller(owner, room, "participant_joined", "PA_back_1")
	first := s.running(owner, room)
	await(t, recordingLimit, "it was asked for", func() bool { return len(s.ofTrack(first.GetId())) == 1 })
	s.caller(owner, room, "participant_left", "PA_back_1")
	s.until(owner, first.GetId(), stopping)
	s.play(videotest.Completes)
	s.caller(owner, room, "participant_joined", "PA_back_2")
	require.Len(t, s.listed(owner, room), 1)
	s.fake.MoveCapture(s.capture(first.GetId()).ID, video.Active, "")
	done := s.available(owner, first.GetId())
	require.Equal(t, "+3•••678", done.GetFiles()[0].GetCallerNumber())
	s.clock().Advance(5 * time.Second)
	s.due("recording.comply")
	second := s.running(owner, room)
	s.until(owner, second.GetId(), active)
	s.caller(owner, room, "participant_left", "PA_back_2")
	s.until(owner, second.GetId(), completed)
	require.Len(t, s.listed(owner, room), 2)
}

// givenUpTooSoon: a recorder that nobody believed to live is stopped when a round
// of reconciling finds it at work.
func (s *studio) givenUpTooSoon(t *testing.T) {
	s = s.in(t)
	owner := s.as("too-soon")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	id := s.capture(rec.GetId()).ID
	s.fake.MoveCaptureUnheard(id, video.CaptureFailed, "")
	s.settle(time.Minute)
	s.until(owner, rec.GetId(), broken)
	s.fake.MoveCaptureUnheard(id, video.Active, "")
	_, err := s.app.inbox.Reconcile(t.Context())
	require.NoError(t, err)
	s.until(owner, rec.GetId(), completed)
	require.Len(t, s.available(owner, rec.GetId()).GetFiles(), 1)
}

// health comes last: it counts what went wrong in a row.
func (s *studio) health(t *testing.T) {
	s = s.in(t)
	owner := s.as("health")
	room, leave := s.occupied(owner)
	defer leave()
	metric := func(name string) string {
		t.Helper()
		_, text := s.get(t, s.url+"/metrics", "")
		for line := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(line, name+" "); ok {
				return strings.TrimSpace(rest)
			}
		}
		return ""
	}
	const alive, disk = `anteroom_recorder_alive{provider="livekit"}`, `anteroom_recorder_failures_in_a_row{kind="disk",provider="livekit"}`
	s.until(owner, s.record(owner, room, screen).GetId(), active)
	require.Equal(t, "1", metric(alive))
	for n := range 2 {
		rec := s.record(owner, room, audio)
		s.until(owner, rec.GetId(), active)
		require.Equal(t, []string{"0", "1"}[n], metric(disk))
		s.fake.MoveCapture(s.capture(rec.GetId()).ID, video.CaptureFailed, "write: no space left on device")
		require.Equal(t, "recorder_disk", s.until(owner, rec.GetId(), broken).GetError())
	}
	require.Equal(t, "2", metric(disk))
	requireAlertsAreOf(t, metric)

	s.fake.SetHealth(video.Unhealthy)
	asked := s.fake.Calls("StartCapture")
	_, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	require.Equal(t, asked, s.fake.Calls("StartCapture"))
	require.Equal(t, "0", metric(alive))
	s.fake.SetHealth(video.Healthy)
	s.until(owner, s.record(owner, room, audio).GetId(), active)
	require.Equal(t, "1", metric(alive))

	s.fake.SetHealth(video.HealthUnknown)
	s.play(videotest.NeverAnswers)
	other, leave := s.occupied(owner)
	defer leave()
	_, err = owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: other.GetId(), Mode: audio})
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	require.Equal(t, "0", metric(alive), "as none answered")
	s.clock().Advance(time.Minute)
	require.Equal(t, "1", metric(alive), "as far as is known")
}

// requireAlertsAreOf checks that there is what the alerts about recorders ask for.
func requireAlertsAreOf(t *testing.T, metric func(string) string) {
	t.Helper()
	for _, kind := range []string{"disk", "upload", "other"} {
		require.NotEmpty(t, metric(`anteroom_recorder_failures_in_a_row{kind="`+kind+`",provider="livekit"}`))
	}
}
