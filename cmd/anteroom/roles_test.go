package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// recordingRoles says what comes of each call to RecordingService, and of the
// media endpoint, for each who may ask: of a recording that is there, whose room
// has downloads off and is empty. "ok" is that it was done, or would be; a number
// is of recordings listed, or a status of HTTP. The words are in short.
const recordingRoles = `
who               start stop get list all del give give-owner accesses revoke revoke-owner save play keep consent consents report media
operator          -     -    ok  0    1   ok  -    -          ok       -      -            -    -    ok   ?       ok       ok     403
room-owner        ok    ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ok       ?      404
room-admin        ok    ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ok       ?      404
room-member       -     ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ?        ?      404
attendee          -     -    ok  1    op  -   -    -          -        ?      ?            off  ok   -    ?       ?        -      200
owner             -     -    ok  1    op  ok  ok   ok         ok       ok     ok           ok   ok   ok   ?       ?        ok     200
admin             -     -    ok  1    op  -   ok   -          ok       ok     -            ok   ok   -    ?       ?        -      200
member            -     -    ok  1    op  -   -    -          -        ?      ?            off  ok   -    ?       ?        -      200
mail-owner        -     -    ok  1    op  ok  ok   ok         ok       ok     ok           ok   ok   ok   ?       ?        ok     200
mail-admin        -     -    ok  1    op  -   ok   -          ok       ok     -            ok   ok   -    ?       ?        -      200
mail-member       -     -    ok  1    op  -   -    -          -        ?      ?            off  ok   -    ?       ?        -      200
expired           -     ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ?        ?      404
mail-expired      -     ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ?        ?      404
stranger          -     ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ?        ?      404
other-mail        -     ?    ?   0    op  ?   ?    ?          ?        ?      ?            ?    ?    ?    ?       ?        ?      404
guest             in    in   in  in   in  in  in   in         in       in     in           in   in   in   ok      in       in     401
nobody            in    in   in  in   in  in  in   in         in       in     in           in   in   in   in      in       in     401
`

// shortly are the words of recordingRoles.
var shortly = map[string]string{
	"":                    "ok",
	"meeting_not_running": "ok", // they may, and there is nobody
	"recording_running":   "ok", // they may, and not now
	"permission_denied":   "-",
	"room_not_found":      "?", "recording_not_found": "?", "access_not_found": "?", "meeting_not_found": "?",
	"sign_in_required": "in", "operator_required": "op", "downloads_off": "off",
}

func word(err error) string {
	if short, ok := shortly[reasonOrNothing(err)]; ok {
		return short
	}
	return err.Error()
}

func reasonOrNothing(err error) string {
	if err == nil {
		return ""
	}
	if r := reason(err); r != "" {
		return r
	}
	return err.Error()
}

// TestRecordingRoles holds the program against the table.
func TestRecordingRoles(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		stage := s.setStage()
		lines := strings.Split(strings.TrimSpace(recordingRoles), "\n")
		columns := strings.Fields(lines[0])[1:]
		require.Len(t, columns, len(stage.calls()))
		for _, line := range lines[1:] {
			cells := strings.Fields(line)
			require.Len(t, cells, len(columns)+1, line)
			who := stage.who(cells[0])
			var got []string
			for _, column := range columns {
				got = append(got, stage.calls()[column](t.Context(), who))
			}
			require.Equal(t, cells[1:], got, "%s: %v", cells[0], columns)
		}
	})
}

// TestRecordingRolesNameEveryCall: what is added to the service is added to the
// table.
func TestRecordingRolesNameEveryCall(t *testing.T) {
	tested := map[protoreflect.Name]string{
		"StartRecording": "start", "StopRecording": "stop", "GetRecording": "get", "ListRecordings": "list", "DeleteRecording": "del",
		"GrantRecordingAccess": "give", "ListRecordingAccesses": "accesses", "RevokeRecordingAccess": "revoke", "GetDownloadLink": "save",
		"SetRetention": "keep", "GiveConsent": "consent", "ListConsents": "consents", "ReportProcessing": "report",
	}
	methods := anteroomv1.File_anteroom_v1_recording_proto.Services().ByName("RecordingService").Methods()
	for n := range methods.Len() {
		require.Contains(t, tested, methods.Get(n).Name())
	}
}

// stage is a recording, and all who may be somebody to it.
type stage struct {
	*studio
	room *anteroomv1.Room
	rec  *anteroomv1.Recording
}

// actor is somebody who asks.
type actor struct {
	client
	name, token, ticket string
}

func (s *studio) setStage() stage {
	s.t.Helper()
	t := s.t
	founder := s.as("founder")
	downloads := false
	room, leave := s.occupied(founder, with(&anteroomv1.RoomSettings{
		Downloads: &downloads, RecordingAudience: anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES,
	}))
	gone := s.enter(s.as("attendee"), room)
	rec := s.record(founder, room, audio)
	s.until(founder, rec.GetId(), active)
	s.stop(founder, rec.GetId())
	st := stage{s, room, s.available(founder, rec.GetId())}
	gone()
	leave()
	await(t, recordingLimit, "the room is empty", func() bool {
		got, err := founder.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
		require.NoError(t, err)
		return got.GetRoom().GetLive().GetPeople() == 0
	})
	for name, role := range map[string]anteroomv1.Role{
		"room-owner": anteroomv1.Role_ROLE_OWNER, "room-admin": anteroomv1.Role_ROLE_ADMIN, "room-member": anteroomv1.Role_ROLE_MEMBER,
	} {
		_, err := founder.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: role, Grantee: &anteroomv1.GrantAccessRequest_User{User: s.as(name).id(t)},
		})
		require.NoError(t, err)
	}
	for name, role := range map[string]anteroomv1.RecordingRole{
		"owner": anteroomv1.RecordingRole_RECORDING_ROLE_OWNER, "admin": anteroomv1.RecordingRole_RECORDING_ROLE_ADMIN,
		"member": anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, "expired": anteroomv1.RecordingRole_RECORDING_ROLE_ADMIN,
	} {
		var until *timestamppb.Timestamp
		if name == "expired" {
			until = timestamppb.New(time.Now().Add(time.Hour))
		}
		req := &anteroomv1.GrantRecordingAccessRequest{Recording: rec.GetId(), Role: role, ExpireTime: until}
		req.Grantee = &anteroomv1.GrantRecordingAccessRequest_User{User: s.as(name).id(t)}
		_, err := founder.recordings.GrantRecordingAccess(t.Context(), req)
		require.NoError(t, err)
		// Of those who have not signed in yet nobody knows more than the address.
		req.Grantee = &anteroomv1.GrantRecordingAccessRequest_Email{Email: "Mail-" + name + "@Example.org"}
		_, err = founder.recordings.GrantRecordingAccess(t.Context(), req)
		require.NoError(t, err)
	}
	s.clock().Advance(2 * time.Hour)
	return st
}

func (s stage) who(name string) actor {
	s.t.Helper()
	id := auth.Identity{Subject: name, Email: name + "@example.org", FullName: name}
	switch name {
	case "nobody":
		return actor{client: s.guest(), name: name}
	case "guest":
		return actor{client: s.guest(), name: name, ticket: s.join(s.guest(), s.room.GetId()).GetTicket()}
	case "operator":
		id = operatorIdentity
	case "other-mail": // looks like somebody's, and is not
		id.Email = "mail-owner@example.org.example.com"
	}
	token := s.token(id)
	return actor{client: s.with(token), name: name, token: token}
}

// access makes one that may be revoked.
func (s stage) access(role recordingaccess.Role) string {
	s.t.Helper()
	id := uuid.Must(uuid.NewV7())
	s.app.db.RecordingAccess.Create().SetID(id).SetRecordingID(uuid.MustParse(s.rec.GetId())).SetEmail(id.String() + "@example.org").
		SetRole(role).SetCreateTime(s.clock().Now()).ExecX(s.t.Context())
	return id.String()
}

// calls are the columns. None of them changes what another one finds.
func (s stage) calls() map[string]func(context.Context, actor) string {
	id := s.rec.GetId()
	grant := func(role anteroomv1.RecordingRole) func(context.Context, actor) string {
		return func(ctx context.Context, a actor) string {
			_, err := a.recordings.GrantRecordingAccess(ctx, &anteroomv1.GrantRecordingAccessRequest{
				Recording: id, Role: role, Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: uuid.NewString() + "@example.org"},
			})
			return word(err)
		}
	}
	revoke := func(role recordingaccess.Role) func(context.Context, actor) string {
		return func(ctx context.Context, a actor) string {
			_, err := a.recordings.RevokeRecordingAccess(ctx, &anteroomv1.RevokeRecordingAccessRequest{Access: s.access(role)})
			return word(err)
		}
	}
	link := func(inline bool) func(context.Context, actor) string {
		return func(ctx context.Context, a actor) string {
			_, err := a.recordings.GetDownloadLink(ctx, &anteroomv1.GetDownloadLinkRequest{Recording: id, Inline: inline})
			return word(err)
		}
	}
	list := func(room string, all bool) func(context.Context, actor) string {
		return func(ctx context.Context, a actor) string {
			got, err := a.recordings.ListRecordings(ctx, &anteroomv1.ListRecordingsRequest{Room: room, All: all})
			if err != nil {
				return word(err)
			}
			return strconv.Itoa(len(got.GetRecordings()))
		}
	}
	return map[string]func(context.Context, actor) string{
		"start": func(ctx context.Context, a actor) string {
			_, err := a.recordings.StartRecording(ctx, &anteroomv1.StartRecordingRequest{Room: s.room.GetId(), Mode: audio})
			return word(err)
		},
		"stop": func(ctx context.Context, a actor) string {
			_, err := a.recordings.StopRecording(ctx, &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: id}})
			return word(err)
		},
		"get": func(ctx context.Context, a actor) string {
			_, err := a.recordings.GetRecording(ctx, &anteroomv1.GetRecordingRequest{Recording: id})
			return word(err)
		},
		"list": list(s.room.GetId(), false), "all": list("", true),
		"del":  s.tryToDelete,
		"give": grant(anteroomv1.RecordingRole_RECORDING_ROLE_ADMIN), "give-owner": grant(anteroomv1.RecordingRole_RECORDING_ROLE_OWNER),
		"accesses": func(ctx context.Context, a actor) string {
			_, err := a.recordings.ListRecordingAccesses(ctx, &anteroomv1.ListRecordingAccessesRequest{Recording: id})
			return word(err)
		},
		"revoke": revoke(recordingaccess.RoleAdmin), "revoke-owner": revoke(recordingaccess.RoleOwner),
		"save": link(false), "play": link(true),
		"keep": func(ctx context.Context, a actor) string {
			_, err := a.recordings.SetRetention(ctx, &anteroomv1.SetRetentionRequest{Recording: id, Until: &anteroomv1.SetRetentionRequest_Keep{Keep: true}})
			return word(err)
		},
		"consent": func(ctx context.Context, a actor) string {
			_, err := a.recordings.GiveConsent(ctx, &anteroomv1.GiveConsentRequest{
				Room: s.room.GetId(), Ticket: a.ticket, Decision: anteroomv1.ConsentDecision_CONSENT_DECISION_GIVEN,
			})
			return word(err)
		},
		"consents": func(ctx context.Context, a actor) string {
			_, err := a.recordings.ListConsents(ctx, &anteroomv1.ListConsentsRequest{Meeting: s.rec.GetMeeting()})
			return word(err)
		},
		"report": func(ctx context.Context, a actor) string {
			_, err := a.recordings.ReportProcessing(ctx, &anteroomv1.ReportProcessingRequest{
				Recording: id, Processor: "p", Status: anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE,
			})
			return word(err)
		},
		"media": func(_ context.Context, a actor) string {
			resp, _ := s.get(s.t, s.url+storage.MediaPath, a.token, "X-Original-URL", storage.MediaPath+s.rec.GetFiles()[0].GetKey())
			if resp.StatusCode != http.StatusOK && resp.Header.Get("Authorization") != "" {
				return "the headers were told all the same"
			}
			return strconv.Itoa(resp.StatusCode)
		},
	}
}

// tryToDelete asks while the recording is being made, so that who may is told that
// it cannot be done now.
func (s stage) tryToDelete(ctx context.Context, a actor) string {
	set := func(status entrecording.Status) {
		s.app.db.Recording.UpdateOneID(uuid.MustParse(s.rec.GetId())).SetStatus(status).ExecX(ctx)
	}
	set(entrecording.StatusActive)
	defer set(entrecording.StatusCompleted)
	_, err := a.recordings.DeleteRecording(ctx, &anteroomv1.DeleteRecordingRequest{Recording: s.rec.GetId()})
	if err == nil {
		err = errors.New("it was deleted, though it was being made")
	}
	return word(err)
}
