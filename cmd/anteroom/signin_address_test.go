package main

import (
	"crypto/rand"
	"maps"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// grantTo gives an address a role in a room.
func (c client) grantTo(t *testing.T, room, email string, role anteroomv1.Role) *anteroomv1.Access {
	t.Helper()
	resp, err := c.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: email}, Role: role,
	})
	require.NoError(t, err)
	return resp.GetAccess()
}

// TestALookAlikeAddressIsAnother: there are letters whose lower case is one of
// ASCII. Their addresses are somebody else's.
func TestALookAlikeAddressIsAnother(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	host := p.as("host")
	room := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_RESTRICTED).GetId()
	host.grantTo(t, room, "CEO.Kay@Victim.org", anteroomv1.Role_ROLE_ADMIN)
	for subject, email := range map[string]string{"dotted": "ceo.kay@v\u0130ctim.org", "kelvin": "ceo.\u212Aay@victim.org"} {
		evil := p.with(p.token(auth.Identity{Subject: subject, Email: email}))
		_, err := evil.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room})
		requireReason(t, "room_entry_denied", connect.CodePermissionDenied, err)
	}
	p.join(p.with(p.token(auth.Identity{Subject: "ceo", Email: "ceo.kay@VICTIM.org"})), room)
}

// TestAWithdrawnAddressCountsNoMore: what the provider says to be unchecked is
// not the address that it vouched for before; what it does not say stays.
func TestAWithdrawnAddressCountsNoMore(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		room := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_RESTRICTED).GetId()
		host.grantTo(t, room, "left@corp.org", anteroomv1.Role_ROLE_MEMBER)
		said := func(claims map[string]any) client {
			maps.Copy(claims, map[string]any{
				"sub": "left", "aud": "anteroom-api", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(), "jti": rand.Text(),
			})
			return p.with(op.Sign(claims))
		}
		email := func(c client) string {
			resp, err := c.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			require.NoError(t, err)
			return resp.GetUser().GetEmail()
		}
		vouched := map[string]any{"email": "left@corp.org", "email_verified": true}
		for name, claims := range map[string]map[string]any{
			"unchecked":        {"email": "left@corp.org", "email_verified": false},
			"another":          {"email": "other@corp.org", "email_verified": "false"},
			"without its name": {"email_verified": false},
		} {
			require.Equal(t, "left@corp.org", email(said(maps.Clone(vouched))))
			require.Equal(t, "left@corp.org", email(said(map[string]any{})), "nothing is said of it")
			p.join(said(map[string]any{}), room)
			require.Empty(t, email(said(claims)), name)
			require.Empty(t, email(said(map[string]any{})), name)
			_, err := said(map[string]any{}).JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room})
			requireReason(t, "room_entry_denied", connect.CodePermissionDenied, err)
		}
	}, signingIn(t, op))
}
