package main

import (
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
)

// TestWatchEndsWithTheRightToIt: a heartbeat asks anew who watches, so that a
// stream outlives neither a sign-in, nor a key, nor a token, nor a role.
func TestWatchEndsWithTheRightToIt(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		room := p.room(p.as("host"), restricted)
		watching := func(c client) *stream {
			s := p.watch(c, room.GetId())
			s.snapshot()
			return s
		}
		t.Run("key revoked", func(t *testing.T) {
			key, secret := p.key("board", "rooms:read", "operator")
			s := watching(p.with(secret))
			_, err := p.operator().users.RevokeApiKey(t.Context(), &anteroomv1.RevokeApiKeyRequest{ApiKey: key.GetId()})
			require.NoError(t, err)
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, s.endSoon())
		})
		t.Run("key expired", func(t *testing.T) {
			_, secret := p.key("clock", "rooms:read", "operator")
			s := watching(p.with(secret))
			_, err := p.app.db.SQL.ExecContext(t.Context(), "UPDATE api_keys SET expire_time = create_time")
			require.NoError(t, err)
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, s.endSoon())
		})
		t.Run("token expired", func(t *testing.T) {
			const lifetime, left = 30 * 24 * time.Hour, 3 * time.Second
			old := auth.NewDevTokens(testSecret, clockwork.NewFakeClockAt(time.Now().Add(left-lifetime)))
			token, err := old.Issue(auth.Identity{Subject: "operator", Email: "operator@example.org", Operator: true})
			require.NoError(t, err)
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, watching(p.with(token)).endSoon())
		})
		signedIn := func() (*browser, *stream) {
			op.SetRoles("sub-ada", "anteroom-operator")
			ada := newBrowser(t, p.url)
			ada.signIn("ada", "/")
			return ada, watching(client{RoomServiceClient: ada.rooms()})
		}
		t.Run("signed out", func(t *testing.T) {
			ada, s := signedIn()
			ada.signOut()
			requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, s.endSoon())
		})
		t.Run("no operator any more", func(t *testing.T) {
			_, s := signedIn()
			op.SetRoles("sub-ada", "staff")
			p.app.db.SignIn.Update().SetRefreshTime(time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond)).ExecX(t.Context())
			requireReason(t, "permission_denied", connect.CodePermissionDenied, s.endSoon())
		})
	}, signingIn(t, op), often)
}

// endSoon is end for a stream whose heartbeats might go on for ever.
func (s *stream) endSoon() error {
	s.t.Helper()
	limit := time.Now().Add(watchLimit)
	for s.next() != nil {
		require.True(s.t, time.Now().Before(limit), "the stream goes on")
	}
	return s.err
}
