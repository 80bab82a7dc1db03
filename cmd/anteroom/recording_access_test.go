package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

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
