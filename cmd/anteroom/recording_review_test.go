package main

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestRecordingsInOddHours are cases that are rare, and must not leave anything
// stuck or open.
func TestRecordingsInOddHours(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("a stranger's word", s.strangersWord)
		t.Run("tracks that cannot start", s.tracksInVain)
		t.Run("a required recording of a deleted room", s.requiredStays)
		t.Run("never, and no caller either", s.offIsOff)
		t.Run("a store that is away for long", s.storeAwayForLong)
		t.Run("no recorder for a while", s.noRecorderForAWhile)
		t.Run("one of several recorders is dead", s.oneIsDead) // last: it is asked to stop for a quarter of an hour
	})
}

// strangersWord: who was never in a meeting, and has no pass, stops nothing by
// declining, and does not learn whether there is one.
func (s *studio) strangersWord(t *testing.T) {
	s = s.in(t)
	owner := s.as("word-owner")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, screen)
	s.until(owner, rec.GetId(), active)
	req := &anteroomv1.GiveConsentRequest{Room: room.GetId(), Decision: declined}
	_, err := s.as("word-stranger").recordings.GiveConsent(t.Context(), req)
	requireReason(t, "room_not_found", connect.CodeNotFound, err)
	req.Ticket = s.join(owner, room.GetId()).GetTicket()
	_, err = s.as("word-thief").recordings.GiveConsent(t.Context(), req)
	requireReason(t, "invalid_ticket", connect.CodePermissionDenied, err)
	s.quiet()
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}

// tracksInVain: where no track can be captured the recording has failed to start,
// and the next start is free.
func (s *studio) tracksInVain(t *testing.T) {
	s = s.in(t)
	owner := s.as("in-vain")
	room, leave := s.occupied(owner)
	defer leave()
	s.track(owner, owner, room, "track_published", "TR_vain")
	s.play(videotest.NeverAnswers)
	_, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: allTracks})
	requireReason(t, "no_recorder", connect.CodeUnavailable, err)
	require.Equal(t, notStarted, s.listed(owner, room)[0].GetStatus())
	s.clock().Advance(time.Minute)
	s.play(videotest.Completes)
	again := s.record(owner, room, allTracks)
	s.until(owner, again.GetId(), active)
	s.stop(owner, again.GetId())
	s.until(owner, again.GetId(), completed)
}

// oneIsDead: a capture that cannot be stopped keeps no other from being stopped.
func (s *studio) oneIsDead(t *testing.T) {
	s = s.in(t)
	owner := s.as("is-dead")
	room, leave := s.occupied(owner)
	defer leave()
	s.track(owner, owner, room, "track_published", "TR_dead")
	s.play(videotest.Dies)
	rec := s.record(owner, room, allTracks)
	s.captured("TR_dead", video.Active)
	s.play(videotest.Completes)
	s.track(owner, owner, room, "track_published", "TR_lives")
	s.captured("TR_lives", video.Active)
	s.stop(owner, rec.GetId())
	s.captured("TR_lives", video.Complete)
}

// requiredStays: a recording that nobody can stop is not stopped by deleting its room
// with its recordings.
func (s *studio) requiredStays(t *testing.T) {
	s = s.in(t)
	owner := s.as("required-stays")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingPolicy: compliance, RecordingMode: audio}))
	defer leave()
	rec := s.running(owner, room)
	s.until(owner, rec.GetId(), active)
	require.NoError(t, s.app.db.RecordingAccess.Create().SetRecordingID(uuid.MustParse(rec.GetId())).SetUserID(uuid.MustParse(owner.id(t))).
		SetRole("owner").SetCreateTime(s.clock().Now().UTC()).Exec(t.Context()))
	requireReason(t, "recording_required", connect.CodeFailedPrecondition, removeRoom(owner, room, fateDelete))
	s.until(owner, rec.GetId(), active)
}

// offIsOff: where recording is off callers are not recorded either.
func (s *studio) offIsOff(t *testing.T) {
	s = s.in(t)
	yes := true
	owner := s.as("off-is-off")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		TrackRecording: &yes, RecordingPolicy: anteroomv1.RecordingPolicy_RECORDING_POLICY_OFF,
	}))
	defer leave()
	s.caller(owner, room, "participant_joined", "PA_off")
	s.quiet()
	require.Empty(t, s.listed(owner, room))
}

// storeAwayForLong: a search for a file that was given up is begun once more each
// day.
func (s *studio) storeAwayForLong(t *testing.T) {
	s = s.in(t)
	owner := s.as("away-long")
	_, rec := s.saved(owner)
	id := uuid.MustParse(rec.GetId())
	// As if its file had been found by nobody.
	require.NoError(t, s.app.db.RecordingFile.Update().Where().ClearSeenTime().Exec(t.Context()))
	require.NoError(t, s.app.db.Recording.UpdateOneID(id).ClearAvailableTime().SetReason("file_missing").SetUpdateTime(s.clock().Now().UTC()).Exec(t.Context()))
	require.NoError(t, s.app.record.Expire(t.Context()))
	s.quiet()
	require.Nil(t, s.app.db.Recording.GetX(t.Context(), id).AvailableTime, "not yet")
	s.clock().Advance(25 * time.Hour)
	require.NoError(t, s.app.record.Expire(t.Context()))
	require.Empty(t, s.available(owner, rec.GetId()).GetError())
}

// noRecorderForAWhile: starts that were refused without asking anybody do not keep the
// next ones from asking, however many there are.
func (s *studio) noRecorderForAWhile(t *testing.T) {
	s = s.in(t)
	yes := true
	owner := s.as("for-a-while")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{TrackRecording: &yes}))
	defer leave()
	s.play(videotest.NeverAnswers)
	asked := s.fake.Calls("StartCapture")
	for n := range 3 {
		s.caller(owner, room, "participant_joined", "PA_while_"+string(rune('a'+n)))
		s.quiet()
		s.caller(owner, room, "participant_left", "PA_while_"+string(rune('a'+n)))
		s.quiet()
		s.clock().Advance(20 * time.Second)
	}
	require.Equal(t, 1, s.fake.Calls("StartCapture")-asked, "it was asked once, and the others were refused")
	s.clock().Advance(time.Second) // a minute after that
	s.play(videotest.Completes)
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	require.Equal(t, 3, s.app.db.Recording.Query().Where(entrecording.RoomID(uuid.MustParse(room.GetId())),
		entrecording.StatusEQ(entrecording.StatusFailedToStart)).CountX(t.Context()))
}
