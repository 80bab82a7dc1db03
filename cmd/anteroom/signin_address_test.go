package main

import (
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
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
