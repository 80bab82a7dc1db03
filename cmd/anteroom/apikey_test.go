package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent/apikey"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// key makes one as the operator.
func (p *program) key(name string, scopes ...string) (*anteroomv1.ApiKey, string) {
	p.t.Helper()
	resp, err := p.operator().users.CreateApiKey(p.t.Context(), &anteroomv1.CreateApiKeyRequest{Name: name, Scopes: scopes})
	require.NoError(p.t, err)
	return resp.GetApiKey(), resp.GetSecret()
}

func TestAPIKeys(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		key, secret := p.key("booking", "rooms:write", "rooms:read", "accesses:read")
		require.Equal(t, []string{"accesses:read", "rooms:read", "rooms:write"}, key.GetScopes())
		require.True(t, strings.HasPrefix(secret, key.GetPrefix()+"_"))
		require.NotEmpty(t, key.GetCreatedBy())
		booking := p.with(secret)
		self, err := booking.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		require.NoError(t, err)
		require.Equal(t, key.GetUser(), self.GetUser().GetId())
		require.Equal(t, "booking", self.GetUser().GetFullName())
		require.False(t, self.GetUser().GetOperator())
		room := p.room(booking, restricted)

		_, err = booking.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId()})
		requireReason(t, "scope_required", connect.CodePermissionDenied, err)
		_, err = booking.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{})
		requireReason(t, "scope_required", connect.CodePermissionDenied, err)
		_, err = p.with(p.second("reader", "rooms:read")).GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
		require.NoError(t, err)
		_, err = p.with(p.second("reader", "accesses:read")).ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId()})
		requireReason(t, "permission_denied", connect.CodePermissionDenied, err)
		_, err = p.with(p.second("support", "accesses:read", "operator")).ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId()})
		require.NoError(t, err, "an operator may, within its scopes")

		// Rotation: the second key is the same application; then the first one ends.
		second, secondSecret := p.key("booking", "rooms:read", "rooms:write")
		require.Equal(t, key.GetUser(), second.GetUser())
		for _, s := range []string{secret, secondSecret} {
			got, err := p.with(s).GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
			require.NoError(t, err)
			require.Equal(t, anteroomv1.Role_ROLE_OWNER, got.GetRoom().GetMyRole())
		}
		revoked, err := p.operator().users.RevokeApiKey(t.Context(), &anteroomv1.RevokeApiKeyRequest{ApiKey: key.GetId()})
		require.NoError(t, err)
		require.NotNil(t, revoked.GetApiKey().GetRevokeTime())
		_, err = booking.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
		requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)
		_, err = p.with(secondSecret).GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
		require.NoError(t, err)
		again, err := p.operator().users.RevokeApiKey(t.Context(), &anteroomv1.RevokeApiKeyRequest{ApiKey: key.GetId()})
		require.NoError(t, err)
		require.Equal(t, revoked.GetApiKey().GetRevokeTime().AsTime(), again.GetApiKey().GetRevokeTime().AsTime())

		listed, err := p.operator().users.ListApiKeys(t.Context(), &anteroomv1.ListApiKeysRequest{Name: "booking", PageSize: 1})
		require.NoError(t, err)
		require.Equal(t, second.GetId(), listed.GetApiKeys()[0].GetId())
		listed, err = p.operator().users.ListApiKeys(t.Context(), &anteroomv1.ListApiKeysRequest{Name: "booking", PageToken: listed.GetNextPageToken()})
		require.NoError(t, err)
		require.Len(t, listed.GetApiKeys(), 1)
		require.NotNil(t, listed.GetApiKeys()[0].GetLastUseTime())
		require.Empty(t, listed.GetNextPageToken())

		require.NotContains(t, p.log.String(), strings.SplitN(secret, "_", 3)[2])
		require.Contains(t, p.log.String(), "an API key was revoked")
		for _, k := range p.app.db.ApiKey.Query().AllX(t.Context()) {
			require.Len(t, k.SecretHash, 32)
			require.NotContains(t, secret, string(k.SecretHash))
		}
	})
}

// second is a key's secret alone.
func (p *program) second(name string, scopes ...string) string {
	_, secret := p.key(name, scopes...)
	return secret
}

func TestBadAPIKeys(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		key, secret := p.key("tool", "rooms:read")
		other := p.second("other", "rooms:read")
		flipped := []byte(secret)
		flipped[len(flipped)-20] ^= 1
		prefix := key.GetPrefix() + "_"
		for name, bad := range map[string]string{
			"another's secret": prefix + strings.SplitN(other, "_", 3)[2], "one bit": string(flipped), "no secret": prefix, "the prefix": key.GetPrefix(),
			"cut": secret[:len(secret)-1], "longer": secret + "A", "unknown": "anteroom_aaaaaaaaaaaa_" + strings.SplitN(secret, "_", 3)[2],
			"zeros": prefix + strings.Repeat("A", 43), "a star": "anteroom_%_" + strings.SplitN(secret, "_", 3)[2], "capitals": strings.ToUpper(secret), "nothing": "anteroom_",
			"zeros of nobody": "anteroom_bbbbbbbbbbbb_" + strings.Repeat("A", 43),
		} {
			_, err := p.with(bad).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			require.Equal(t, "unauthenticated", reason(err), "%s: %v", name, err)
		}
		_, err := p.app.db.SQL.ExecContext(t.Context(), "UPDATE api_keys SET expire_time = create_time")
		require.NoError(t, err)
		_, err = p.with(secret).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)

		for want, req := range map[string]*anteroomv1.CreateApiKeyRequest{
			"unknown_scope":        {Name: "x", Scopes: []string{"rooms:paint"}},
			"invalid_request":      {Name: "Not A Name", Scopes: []string{"rooms:read"}},
			"key_expire_time_past": {Name: "x", Scopes: []string{"rooms:read"}, ExpireTime: timestamppb.New(time.Now().Add(-time.Hour))},
		} {
			_, err := p.operator().users.CreateApiKey(t.Context(), req)
			requireReason(t, want, connect.CodeInvalidArgument, err)
		}
		_, err = p.operator().users.CreateApiKey(t.Context(), &anteroomv1.CreateApiKeyRequest{Name: "x"})
		requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
		_, err = p.operator().users.RevokeApiKey(t.Context(), &anteroomv1.RevokeApiKeyRequest{ApiKey: key.GetUser()})
		requireReason(t, "api_key_not_found", connect.CodeNotFound, err)

		everything := []string{
			"rooms:read", "rooms:write", "rooms:join", "accesses:read", "accesses:write", "meetings:read", "recordings:read", "recordings:write",
			"recordings:files", "recordings:process", "sip:read", "sip:write", "events:read", "events:write", "operator",
		}
		full := p.with(p.second("everything", everything...))
		for who, c := range map[string]client{"operator_required": p.as("user"), "sign_in_required": p.guest(), "scope_required": full} {
			_, err := c.users.CreateApiKey(t.Context(), &anteroomv1.CreateApiKeyRequest{Name: "x", Scopes: []string{"operator"}})
			require.Equal(t, who, reason(err), "%v", err)
			_, err = c.users.ListApiKeys(t.Context(), &anteroomv1.ListApiKeysRequest{})
			require.Equal(t, who, reason(err), "%v", err)
			_, err = c.users.RevokeApiKey(t.Context(), &anteroomv1.RevokeApiKeyRequest{ApiKey: key.GetId()})
			require.Equal(t, who, reason(err), "%v", err)
		}
		_, err = full.events.ListEvents(t.Context(), &anteroomv1.ListEventsRequest{})
		require.NoError(t, err)
		_, err = p.with(p.second("curious", "events:read")).events.ListEvents(t.Context(), &anteroomv1.ListEventsRequest{})
		requireReason(t, "operator_required", connect.CodePermissionDenied, err)
	})
}

// TestAPIKeyByGRPC calls by grpc-go alone.
func TestAPIKeyByGRPC(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	conn := dial(t, p)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+p.second("grpc", "rooms:write"))
	var made anteroomv1.CreateRoomResponse
	require.NoError(t, conn.Invoke(ctx, anteroomv1connect.RoomServiceCreateRoomProcedure, &anteroomv1.CreateRoomRequest{Name: "By key"}, &made))
	require.Equal(t, "by-key", made.GetRoom().GetSlug())
	err := conn.Invoke(ctx, anteroomv1connect.RoomServiceListRoomsProcedure, &anteroomv1.ListRoomsRequest{}, &anteroomv1.ListRoomsResponse{})
	require.Equal(t, codes.PermissionDenied, status.Code(err))
	ctx = metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer anteroom_nothing")
	err = conn.Invoke(ctx, anteroomv1connect.RoomServiceCreateRoomProcedure, &anteroomv1.CreateRoomRequest{Name: "x"}, &made)
	require.Equal(t, codes.Unauthenticated, status.Code(err))
}

// TestAPIKeyOnTheCommandLine makes a key beside a running program, which takes
// it at once, and ends it.
func TestAPIKeyOnTheCommandLine(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, databaseURL := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			at := databaseURL(t)
			p := start(t, at)
			run := func(args ...string) (string, error) {
				self, err := os.Executable()
				require.NoError(t, err)
				c := exec.Command(self, append(append([]string{"apikey"}, args...), "--database-url", at)...)
				c.Env = append(os.Environ(), asProgram+"=1")
				out, err := c.Output()
				return strings.TrimSpace(string(out)), err
			}
			secret, err := run("create", "--name", "cli", "--scope", "rooms:read,rooms:write", "--expire", "24h")
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(secret, auth.KeyPrefix))
			p.room(p.with(secret), public)
			out, err := run("list", "--json")
			require.NoError(t, err)
			var listed struct {
				ID          string
				Name        string
				Scopes      []string
				ExpireTime  time.Time `json:"expire_time"`
				LastUseTime time.Time `json:"last_use_time"`
				Secret      string
			}
			require.NoError(t, json.Unmarshal([]byte(out), &listed))
			require.Equal(t, "cli", listed.Name)
			require.Empty(t, listed.Secret)
			require.WithinDuration(t, time.Now().Add(24*time.Hour), listed.ExpireTime, time.Hour)
			require.False(t, listed.LastUseTime.IsZero())
			out, err = run("list")
			require.NoError(t, err)
			require.Contains(t, out, "rooms:read,rooms:write")
			require.NotContains(t, out, strings.SplitN(secret, "_", 3)[2])
			_, err = run("revoke", listed.ID)
			require.NoError(t, err)
			_, err = p.with(secret).ListRooms(t.Context(), &anteroomv1.ListRoomsRequest{})
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)
			require.Equal(t, 1, p.app.db.ApiKey.Query().Where(apikey.RevokeTimeNotNil()).CountX(t.Context()))
			for _, bad := range [][]string{{"create", "--name", "x", "--scope", "nonsense"}, {"create", "--name", "X Y", "--scope", "rooms:read"}, {"revoke", "nonsense"}, {"create", "--name", "x"}} {
				_, err = run(bad...)
				require.Error(t, err, "%v", bad)
			}
		})
	}
}
