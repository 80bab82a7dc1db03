package main

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// TestRecordingsLeftOver: what was before and has ended is not in the way, and what
// lives on is ended.
func TestRecordingsLeftOver(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("an access that has expired", s.expiredAccess)
		t.Run("a request of another room", s.requestElsewhere)
		t.Run("a capture without a recording", s.orphans)
		t.Run("known at the door", s.knownAtTheDoor)
	})
}

// expiredAccess: who was let in until a time can be let in again.
func (s *studio) expiredAccess(t *testing.T) {
	s = s.in(t)
	owner, other := s.as("expired-owner"), s.as("expired-other")
	_, rec := s.saved(owner)
	member := anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER
	for name, grant := range map[string]*anteroomv1.GrantRecordingAccessRequest{
		"user":     {Grantee: &anteroomv1.GrantRecordingAccessRequest_User{User: other.id(t)}},
		"email":    {Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: "expired@example.org"}},
		"everyone": {Grantee: &anteroomv1.GrantRecordingAccessRequest_Everyone{Everyone: true}},
	} {
		grant.Recording, grant.Role = rec.GetId(), member
		grant.ExpireTime = timestamppb.New(s.clock().Now().Add(time.Hour))
		_, err := owner.recordings.GrantRecordingAccess(t.Context(), grant)
		require.NoError(t, err, name)
		_, err = owner.recordings.GrantRecordingAccess(t.Context(), grant)
		requireReason(t, "access_exists", connect.CodeAlreadyExists, err)
		s.clock().Advance(time.Hour)
		grant.ExpireTime = nil
		_, err = owner.recordings.GrantRecordingAccess(t.Context(), grant)
		require.NoError(t, err, name)
	}
	_, err := other.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId()})
	require.NoError(t, err)

	// What was given before the file was there, and ended before.
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{RecordingAudience: anteroomv1.RecordingAudience_RECORDING_AUDIENCE_MEMBERS}))
	defer leave()
	_, err = owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_MEMBER, Grantee: &anteroomv1.GrantAccessRequest_User{User: other.id(t)},
	})
	require.NoError(t, err)
	early := s.record(owner, room, audio)
	s.until(owner, early.GetId(), active)
	now := s.clock().Now().UTC()
	require.NoError(t, s.app.db.RecordingAccess.Create().SetRecordingID(uuid.MustParse(early.GetId())).SetUserID(uuid.MustParse(other.id(t))).
		SetRole("member").SetCreateTime(now).SetExpireTime(now.Add(time.Minute)).Exec(t.Context()))
	s.clock().Advance(time.Minute)
	s.stop(owner, early.GetId())
	s.available(owner, early.GetId())
	_, err = other.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: early.GetId()})
	require.NoError(t, err)
}

// requestElsewhere: a request_id finds no recording of another room.
func (s *studio) requestElsewhere(t *testing.T) {
	s = s.in(t)
	owner := s.as("request-elsewhere")
	first, leave := s.occupied(owner)
	defer leave()
	second, leave := s.occupied(owner)
	defer leave()
	req := &anteroomv1.StartRecordingRequest{Room: first.GetId(), Mode: audio, RequestId: uuid.NewString()}
	made, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	req.Room = second.GetId()
	_, err = owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "request_id_used", connect.CodeAlreadyExists, err)
	require.Empty(t, s.listed(owner, second))
	req.Room = first.GetId()
	again, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, made.GetRecording().GetId(), again.GetRecording().GetId())
	s.stop(owner, made.GetRecording().GetId())
	s.until(owner, made.GetRecording().GetId(), completed)
}

// orphans: what is captured under the id of a recording that was deleted is stopped.
// What is anybody else's is not.
func (s *studio) orphans(t *testing.T) {
	s = s.in(t)
	owner := s.as("orphans")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	e := s.capture(rec.GetId())
	s.fake.MoveCaptureUnheard(e.ID, video.CaptureFailed, "")
	s.settle(time.Minute)
	s.until(owner, rec.GetId(), broken)
	_, err := owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	s.erased(rec)
	s.fake.MoveCaptureUnheard(e.ID, video.Active, "") // it lives after all

	theirs := func(roomName, path string) string {
		begun, err := s.fake.StartCapture(t.Context(), video.CaptureRequest{RoomName: roomName, Mode: video.Audio, Path: path})
		require.NoError(t, err)
		return begun.ID
	}
	stays := []string{
		theirs(room.GetId(), "theirs.ogg"),
		theirs(room.GetId(), "elsewhere/"+uuid.Must(uuid.NewV7()).String()+".ogg"),
		theirs(room.GetId(), room.GetId()+"/"+uuid.New().String()+".ogg"),
		theirs(s.elsewhere(), "elsewhere/"+uuid.Must(uuid.NewV7()).String()+".ogg"),
	}
	s.reconcile(0)
	statuses := map[string]video.EgressStatus{}
	for _, one := range s.fake.Captures() {
		statuses[one.ID] = one.Status
	}
	require.Equal(t, video.Complete, statuses[e.ID])
	for _, id := range stays {
		require.Equal(t, video.Active, statuses[id])
	}
}

// elsewhere is a room of the provider's that is another program's, with somebody in it.
func (s *studio) elsewhere() string {
	s.t.Helper()
	name := uuid.NewString()
	pass, err := s.fake.Pass(s.t.Context(), video.PassRequest{PassID: "theirs", RoomName: name, Identity: "theirs", Expires: s.clock().Now().Add(time.Hour)})
	require.NoError(s.t, err)
	_, err = s.fake.Join(pass)
	require.NoError(s.t, err)
	return name
}

// knownAtTheDoor: a guest knows before they enter that a room is always recorded.
func (s *studio) knownAtTheDoor(t *testing.T) {
	s = s.in(t)
	owner := s.as("known-at-the-door")
	for policy, always := range map[anteroomv1.RecordingPolicy]bool{manual: false, compliance: true} {
		room := s.room(owner, public, with(&anteroomv1.RoomSettings{RecordingPolicy: policy}))
		got, err := s.guest().GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetSlug()})
		require.NoError(t, err)
		require.Nil(t, got.GetRoom().GetSettings())
		require.Equal(t, always, got.GetRoom().GetAlwaysRecorded())
	}
}
