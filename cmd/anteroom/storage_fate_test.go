package main

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

func TestFates(t *testing.T) {
	t.Parallel() // it waits more than it works
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("kept", s.fateKeep)
		t.Run("refused", s.fateRefuse)
		t.Run("deleted", s.fateDelete)
		t.Run("others'", s.fateOfOthers)
		t.Run("running", s.fateOfWhatRuns)
	})
}

func removeRoom(c client, room *anteroomv1.Room, fate anteroomv1.RecordingsFate) error {
	_, err := c.DeleteRoom(context.Background(), &anteroomv1.DeleteRoomRequest{Room: room.GetId(), Recordings: fate})
	return err
}

const (
	fateKeep   = anteroomv1.RecordingsFate_RECORDINGS_FATE_KEEP
	fateDelete = anteroomv1.RecordingsFate_RECORDINGS_FATE_DELETE
	fateRefuse = anteroomv1.RecordingsFate_RECORDINGS_FATE_REFUSE
)

func (s *studio) fateKeep(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-keep")
	room, rec := s.saved(owner)
	require.NoError(t, removeRoom(owner, room, anteroomv1.RecordingsFate_RECORDINGS_FATE_UNSPECIFIED))
	require.Len(t, s.listed(owner, room), 1, "of a deleted room, by its id")
	mine, err := owner.recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{})
	require.NoError(t, err)
	require.Equal(t, rec.GetId(), mine.GetRecordings()[0].GetId())
	resp, _ := s.get(t, s.link(owner, rec, false), "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	late := s.as("fate-late")
	_, err = owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
		Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, Grantee: &anteroomv1.GrantRecordingAccessRequest_User{User: late.id(t)},
	})
	require.NoError(t, err)
	s.link(late, rec, false)
	room, _ = s.saved(owner)
	require.NoError(t, removeRoom(owner, room, fateKeep))
}

func (s *studio) fateRefuse(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-refuse")
	room, rec := s.saved(owner)
	err := removeRoom(owner, room, fateRefuse)
	requireReason(t, "room_has_recordings", connect.CodeFailedPrecondition, err)
	require.Equal(t, "1", detailsOf(err)["recordings"])
	_, err = owner.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.NoError(t, removeRoom(owner, room, fateRefuse))
}

func (s *studio) fateDelete(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-delete")
	room, rec := s.saved(owner)
	key := filepath.Join(s.files, rec.GetFiles()[0].GetKey())
	requireReason(t, "permission_denied", connect.CodePermissionDenied, removeRoom(s.as("fate-stranger"), room, fateDelete))
	require.NoError(t, removeRoom(owner, room, fateDelete))
	s.erased(rec)
	require.NoFileExists(t, key)
}

func (s *studio) fateOfOthers(t *testing.T) {
	s = s.in(t)
	owner, heir := s.as("fate-owner"), s.as("fate-heir")
	room, rec := s.saved(owner)
	_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_OWNER, Grantee: &anteroomv1.GrantAccessRequest_User{User: heir.id(t)},
	})
	require.NoError(t, err)
	err = removeRoom(heir, room, fateDelete)
	requireReason(t, "recordings_of_others", connect.CodePermissionDenied, err)
	require.Equal(t, "1", detailsOf(err)["recordings"])
	s.link(owner, rec, false)
	_, err = heir.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(t, err, "the room is there as well")
	require.NoError(t, removeRoom(s.operator(), room, fateDelete))
	s.erased(rec)
}

// fateOfWhatRuns: it is stopped, and its file is deleted when it is written.
func (s *studio) fateOfWhatRuns(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-runs")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	path := filepath.Join(s.files, s.capture(rec.GetId()).Path)
	require.NoError(t, removeRoom(owner, room, fateDelete))
	_, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "it has ended, and its file was written", func() bool {
		row, err := s.app.db.Recording.Get(t.Context(), uuid.MustParse(rec.GetId()))
		return err == nil && row.EndTime != nil
	})
	s.due("recording.erase")
	s.erased(rec)
	require.NoFileExists(t, path)
}
