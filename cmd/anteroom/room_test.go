package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

const (
	public     = anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC
	trusted    = anteroomv1.AccessLevel_ACCESS_LEVEL_TRUSTED
	restricted = anteroomv1.AccessLevel_ACCESS_LEVEL_RESTRICTED
)

func TestRooms(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("slugs", func(t *testing.T) { slugs(t, p) })
		t.Run("request id", func(t *testing.T) { requestID(t, p) })
		t.Run("paging", func(t *testing.T) { paging(t, p) })
		t.Run("update", func(t *testing.T) { update(t, p) })
		t.Run("delete", func(t *testing.T) { remove(t, p) })
		t.Run("accesses", func(t *testing.T) { accesses(t, p) })
		t.Run("last owner", func(t *testing.T) { lastOwner(t, p) })
		t.Run("two owners leave at once", func(t *testing.T) { ownersRace(t, p) })
		t.Run("who sees what", func(t *testing.T) { whoSees(t, p) })
		t.Run("self", func(t *testing.T) { self(t, p) })
	})
}

func slugs(t *testing.T, p *program) {
	host := p.as("slugs")
	named := func(name string) string {
		return p.room(host, public, func(r *anteroomv1.CreateRoomRequest) { r.Name = name }).GetSlug()
	}
	require.Equal(t, "daily-stand-up", named("Daily stand-up"))
	second := named("Daily stand-up")
	require.Regexp(t, "^daily-stand-up-[a-z0-9]{6}$", second)
	for _, name := range []string{"会議室", "Переговорная", "غرفة", "🎉", "..", "a", strings.Repeat("x ", 250)} {
		slug := named(name)
		require.Regexp(t, "^[a-z0-9]+(-[a-z0-9]+)*$", slug, name)
		require.LessOrEqual(t, len(slug), 80, name)
	}
	id := uuid.NewString()
	require.NotEqual(t, id, named(id), "a name that is an id makes no slug that is one")

	_, err := host.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "x", Slug: "daily-stand-up"})
	requireReason(t, "slug_taken", connect.CodeAlreadyExists, err)
	_, err = host.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "x", Slug: id})
	requireReason(t, "slug_looks_like_id", connect.CodeInvalidArgument, err)
}

func requestID(t *testing.T, p *program) {
	host, id := p.as("requests"), uuid.NewString()
	again := func(r *anteroomv1.CreateRoomRequest) { r.RequestId = id }
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			resp, err := host.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "Once", RequestId: id})
			if err != nil {
				t.Errorf("create: %v", err)
				return
			}
			ids[i] = resp.GetRoom().GetId()
		})
	}
	all.Wait()
	for _, other := range ids {
		require.Equal(t, ids[0], other)
	}
	heir := p.as("heir")
	_, err := heir.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	_, err = host.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: ids[0], Role: anteroomv1.Role_ROLE_OWNER, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: "heir@example.org"},
	})
	require.NoError(t, err)
	got, err := host.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: ids[0]})
	require.NoError(t, err)
	for _, a := range got.GetRoom().GetAccesses() {
		if a.GetEmail() == "requests@example.org" {
			_, err = heir.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: a.GetId()})
			require.NoError(t, err)
		}
	}
	replayed := p.room(host, public, again)
	require.Equal(t, ids[0], replayed.GetId())
	require.Equal(t, anteroomv1.Role_ROLE_UNSPECIFIED, replayed.GetMyRole(), "a repeat shows what its caller may see today")
	require.Nil(t, replayed.GetDialIn())
	require.NotEqual(t, ids[0], p.room(p.as("somebody else"), public, again).GetId(), "the id is the caller's own")
}

func paging(t *testing.T, p *program) {
	host := p.as("paging")
	var made []string
	for i := range 5 {
		made = append(made, p.room(host, public, func(r *anteroomv1.CreateRoomRequest) { r.Name = fmt.Sprint("Page ", i) }).GetId())
	}
	var seen []string
	req := &anteroomv1.ListRoomsRequest{PageSize: 2}
	for page := 0; page == 0 || req.PageToken != ""; page++ {
		resp, err := host.ListRooms(t.Context(), req)
		require.NoError(t, err)
		for _, r := range resp.GetRooms() {
			seen = append([]string{r.GetId()}, seen...)
			require.Nil(t, r.GetDialIn())
		}
		if page == 0 {
			p.room(host, public) // a newer one is on a page that was seen
		}
		req.PageToken = resp.GetNextPageToken()
	}
	require.Equal(t, made, seen)
	_, err := host.ListRooms(t.Context(), &anteroomv1.ListRoomsRequest{PageToken: "nonsense"})
	requireReason(t, "invalid_page_token", connect.CodeInvalidArgument, err)
	_, err = host.ListRooms(t.Context(), &anteroomv1.ListRoomsRequest{All: true})
	requireReason(t, "operator_required", connect.CodePermissionDenied, err)
	all, err := p.operator().ListRooms(t.Context(), &anteroomv1.ListRoomsRequest{All: true, PageSize: 100})
	require.NoError(t, err)
	require.Greater(t, len(all.GetRooms()), 5)
}

func update(t *testing.T, p *program) {
	host := p.as("update")
	room := p.room(host, public)
	most, off := uint32(7), false
	settings := &anteroomv1.RoomSettings{MaxParticipants: &most, DialIn: &off}
	change := func(c client, paths ...string) (*anteroomv1.Room, error) {
		resp, err := c.UpdateRoom(t.Context(), &anteroomv1.UpdateRoomRequest{
			Room: room.GetSlug(), Name: "Renamed", AccessLevel: trusted, Settings: settings,
			UpdateMask: &fieldmaskpb.FieldMask{Paths: paths},
		})
		return resp.GetRoom(), err
	}
	got, err := change(host, "name")
	require.NoError(t, err)
	require.Equal(t, "Renamed", got.GetName())
	require.Equal(t, room.GetSlug(), got.GetSlug(), "a slug outlives a name")
	require.Equal(t, public, got.GetAccessLevel(), "what the mask does not name stays")

	got, err = change(host, "settings.max_participants", "access_level")
	require.NoError(t, err)
	require.Equal(t, most, got.GetSettings().GetMaxParticipants())
	require.True(t, got.GetSettings().GetDialIn(), "one setting alone")
	require.Equal(t, trusted, got.GetAccessLevel())

	got, err = change(host, "settings")
	require.NoError(t, err)
	require.False(t, got.GetSettings().GetDialIn())
	require.Nil(t, got.GetDialIn())
	_, err = host.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: room.GetId()})
	requireReason(t, "dial_in_disabled", connect.CodeFailedPrecondition, err)

	for _, path := range []string{"id", "settings.colour", "settings.", "nonsense", "create_time"} {
		_, err = change(host, "name", path)
		requireReason(t, "unknown_field_mask_path", connect.CodeInvalidArgument, err)
	}
	_, err = change(p.as("stranger"), "name")
	requireReason(t, "permission_denied", connect.CodePermissionDenied, err)
}

func remove(t *testing.T, p *program) {
	host := p.as("remove")
	room := p.room(host, public, func(r *anteroomv1.CreateRoomRequest) { r.Slug = "to-be-removed" })
	pin := room.GetDialIn().GetPin()
	_, err := p.as("stranger").DeleteRoom(t.Context(), &anteroomv1.DeleteRoomRequest{Room: room.GetId()})
	requireReason(t, "permission_denied", connect.CodePermissionDenied, err)
	_, err = host.DeleteRoom(t.Context(), &anteroomv1.DeleteRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	for _, ref := range []string{room.GetId(), room.GetSlug()} {
		_, err = host.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: ref})
		requireReason(t, "room_not_found", connect.CodeNotFound, err)
		_, err = host.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: ref})
		requireReason(t, "room_not_found", connect.CodeNotFound, err)
	}
	again := p.room(host, public, func(r *anteroomv1.CreateRoomRequest) { r.Slug = "to-be-removed" })
	require.Equal(t, "to-be-removed", again.GetSlug(), "the slug is free again")
	require.NotEqual(t, pin, again.GetDialIn().GetPin())
}

func accesses(t *testing.T, p *program) {
	owner, other := p.as("owner"), p.as("other")
	room := p.room(owner, restricted)
	_, err := other.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId()})
	requireReason(t, "room_entry_denied", connect.CodePermissionDenied, err)

	grant := func(c client, email string, role anteroomv1.Role) (*anteroomv1.Access, error) {
		resp, err := c.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetSlug(), Grantee: &anteroomv1.GrantAccessRequest_Email{Email: email}, Role: role,
		})
		return resp.GetAccess(), err
	}
	member, err := grant(owner, "Other@example.org", anteroomv1.Role_ROLE_MEMBER)
	require.NoError(t, err)
	require.NotEmpty(t, member.GetUser(), "who has signed in is found by the address")
	require.Equal(t, anteroomv1.Role_ROLE_MEMBER, p.join(other, room.GetId()).GetRole())
	_, err = grant(owner, "other@example.org", anteroomv1.Role_ROLE_ADMIN)
	requireReason(t, "access_exists", connect.CodeAlreadyExists, err)
	_, err = grant(other, "third@example.org", anteroomv1.Role_ROLE_MEMBER)
	requireReason(t, "permission_denied", connect.CodePermissionDenied, err)

	_, err = owner.UpdateAccess(t.Context(), &anteroomv1.UpdateAccessRequest{Access: member.GetId(), Role: anteroomv1.Role_ROLE_ADMIN})
	require.NoError(t, err)
	pending, err := grant(other, "late@example.org", anteroomv1.Role_ROLE_MEMBER)
	require.NoError(t, err, "an admin grants")
	require.Empty(t, pending.GetUser())
	require.Equal(t, anteroomv1.Role_ROLE_MEMBER, p.join(p.as("late"), room.GetId()).GetRole(), "who signs in later has it")
	_, err = grant(other, "boss@example.org", anteroomv1.Role_ROLE_OWNER)
	requireReason(t, "permission_denied", connect.CodePermissionDenied, err)

	resp, err := owner.ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId(), PageSize: 2})
	require.NoError(t, err)
	require.Len(t, resp.GetAccesses(), 2)
	rest, err := owner.ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId(), PageToken: resp.GetNextPageToken()})
	require.NoError(t, err)
	require.Len(t, rest.GetAccesses(), 1)
	require.Empty(t, rest.GetNextPageToken())
	_, err = p.as("late").ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId()})
	requireReason(t, "permission_denied", connect.CodePermissionDenied, err)

	_, err = p.as("stranger").RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: member.GetId()})
	requireReason(t, "access_not_found", connect.CodeNotFound, err)
	_, err = p.as("late").RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: member.GetId()})
	requireReason(t, "access_not_found", connect.CodeNotFound, err)
	_, err = grant(owner, "late@example.org", anteroomv1.Role_ROLE_ADMIN)
	requireReason(t, "access_exists", connect.CodeAlreadyExists, err)
	_, err = other.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: member.GetId()})
	require.NoError(t, err, "everybody may give up their own")
	_, err = other.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId()})
	requireReason(t, "room_entry_denied", connect.CodePermissionDenied, err)

	_, err = owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_MEMBER, Grantee: &anteroomv1.GrantAccessRequest_User{User: uuid.NewString()},
	})
	requireReason(t, "user_not_found", connect.CodeNotFound, err)
	_, err = owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_OWNER, ExpireTime: &timestamppb.Timestamp{Seconds: 4102444800},
		Grantee: &anteroomv1.GrantAccessRequest_Email{Email: "x@example.org"},
	})
	requireReason(t, "owner_cannot_expire", connect.CodeInvalidArgument, err)
}

func lastOwner(t *testing.T, p *program) {
	owner := p.as("last")
	room := p.room(owner, restricted)
	mine := room.GetAccesses()[0].GetId()
	_, err := owner.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: mine})
	requireReason(t, "last_owner", connect.CodeFailedPrecondition, err)
	_, err = owner.UpdateAccess(t.Context(), &anteroomv1.UpdateAccessRequest{Access: mine, Role: anteroomv1.Role_ROLE_MEMBER})
	requireReason(t, "last_owner", connect.CodeFailedPrecondition, err)
	_, err = owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_OWNER, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: "never-came@example.org"},
	})
	require.NoError(t, err)
	_, err = owner.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: mine})
	requireReason(t, "last_owner", connect.CodeFailedPrecondition, err)
}

// ownersRace has two owners give up their room at the same moment, many times:
// one of them must stay.
func ownersRace(t *testing.T, p *program) {
	a, b := p.as("race-a"), p.as("race-b")
	_, err := b.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	for range 20 {
		room := p.room(a, restricted)
		second, err := a.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: anteroomv1.Role_ROLE_OWNER, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: "race-b@example.org"},
		})
		require.NoError(t, err)
		errs := make([]error, 2)
		var both sync.WaitGroup
		both.Go(func() {
			_, errs[0] = a.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: room.GetAccesses()[0].GetId()})
		})
		both.Go(func() {
			_, errs[1] = b.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: second.GetAccess().GetId()})
		})
		both.Wait()
		require.NotEqual(t, errs[0] == nil, errs[1] == nil, "exactly one goes: %v, %v", errs[0], errs[1])
		refused := errs[0]
		if refused == nil {
			refused = errs[1]
		}
		requireReason(t, "last_owner", connect.CodeFailedPrecondition, refused)
	}
}

func whoSees(t *testing.T, p *program) {
	owner := p.as("seen")
	for _, c := range []struct {
		name            string
		level           anteroomv1.AccessLevel
		who             client
		role            anteroomv1.Role
		dialIn, details bool
	}{
		{"owner", restricted, owner, anteroomv1.Role_ROLE_OWNER, true, true},
		{"guest at public", public, p.guest(), anteroomv1.Role_ROLE_GUEST, true, false},
		{"guest at trusted", trusted, p.guest(), anteroomv1.Role_ROLE_UNSPECIFIED, false, false},
		{"user at trusted", trusted, p.as("any"), anteroomv1.Role_ROLE_GUEST, true, false},
		{"user at restricted", restricted, p.as("any"), anteroomv1.Role_ROLE_UNSPECIFIED, false, false},
		{"operator at restricted", restricted, p.operator(), anteroomv1.Role_ROLE_UNSPECIFIED, false, true},
	} {
		room := p.room(owner, c.level)
		resp, err := c.who.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetSlug()})
		require.NoError(t, err, c.name)
		seen := resp.GetRoom()
		require.Equal(t, room.GetName(), seen.GetName(), c.name)
		require.Equal(t, c.role, seen.GetMyRole(), c.name)
		require.Equal(t, c.dialIn, seen.GetDialIn() != nil, c.name)
		require.Equal(t, c.details, len(seen.GetAccesses()) > 0, c.name)
		require.Equal(t, c.details, seen.GetSettings() != nil, c.name)
		_, err = c.who.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: room.GetId()})
		require.Equal(t, c.dialIn, err == nil, "%s: %v", c.name, err)
	}
}

func self(t *testing.T, p *program) {
	c := p.as("self")
	got, err := c.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	require.Equal(t, "self@example.org", got.GetUser().GetEmail())
	require.False(t, got.GetUser().GetOperator())
	changed, err := c.users.UpdateSelf(t.Context(), &anteroomv1.UpdateSelfRequest{
		FullName: "Somebody", Language: "pt-BR", TimeZone: "Europe/Paris", UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"full_name", "time_zone", "language"}},
	})
	require.NoError(t, err)
	require.Equal(t, "Europe/Paris", changed.GetUser().GetTimeZone())
	for path, want := range map[string]string{"language": "invalid_language", "time_zone": "invalid_time_zone", "email": "unknown_field_mask_path"} {
		_, err = c.users.UpdateSelf(t.Context(), &anteroomv1.UpdateSelfRequest{
			Language: "??", TimeZone: "Mars/Olympus", UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{path}},
		})
		requireReason(t, want, connect.CodeInvalidArgument, err)
	}
	_, err = p.guest().users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	requireReason(t, "sign_in_required", connect.CodeUnauthenticated, err)
}
