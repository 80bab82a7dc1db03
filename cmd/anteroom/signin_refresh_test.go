package main

import (
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// refreshDue has every sign-in ask the provider with its next request.
func (p *program) refreshDue() {
	p.t.Helper()
	p.app.db.SignIn.Update().SetRefreshTime(time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond)).ExecX(p.t.Context())
}

// TestOnlyAnEndedGrantEndsASignIn: whatever else the provider answers, it may
// mean it otherwise in a minute.
func TestOnlyAnEndedGrantEndsASignIn(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		op.SetRoles("sub-ada", "anteroom-operator")
		ada := newBrowser(t, p.url)
		ada.signIn("ada", "/")
		op.SetRoles("sub-ada", "staff")
		for _, a := range []authtest.Answer{
			{Status: http.StatusTooManyRequests},
			{Status: http.StatusNotFound},
			{Status: http.StatusUnauthorized, Fields: map[string]any{"error": "invalid_client"}},
			{Status: http.StatusBadRequest, Fields: map[string]any{"error": "temporarily_unavailable"}},
			{Status: http.StatusOK, Fields: map[string]any{"not": "what was asked for"}},
			{IDToken: map[string]any{"exp": 1}},
			{IDToken: map[string]any{"aud": "another"}},
		} {
			op.Answer(authtest.TokenPath, a)
			p.refreshDue()
			self, err := ada.self()
			require.NoError(t, err, "%+v", a)
			require.True(t, self.GetOperator(), "as the provider said last: %+v", a)
		}
		require.Contains(t, p.log.String(), "a sign-in could not be refreshed, and goes on")
		op.Truly(authtest.TokenPath)
		p.refreshDue()
		self, err := ada.self()
		require.NoError(t, err)
		require.False(t, self.GetOperator(), "asked again as soon as it answers")

		op.Answer(authtest.TokenPath, authtest.Answer{Status: http.StatusBadRequest, Fields: map[string]any{"error": "invalid_grant"}})
		p.refreshDue()
		_, err = ada.self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		require.Zero(t, p.app.db.SignIn.Query().CountX(t.Context()))
		op.Truly(authtest.TokenPath)
	}, signingIn(t, op))
}

// TestARefreshOfSomebodyElseEndsASignIn.
func TestARefreshOfSomebodyElseEndsASignIn(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	for path, a := range map[string]authtest.Answer{
		authtest.TokenPath:    {IDToken: map[string]any{"sub": "sub-oscar"}},
		authtest.UserInfoPath: {Fields: map[string]any{"sub": "sub-oscar"}},
	} {
		uma := newBrowser(t, p.url)
		uma.signIn("uma", "/")
		op.Answer(path, a)
		if path == authtest.UserInfoPath {
			op.Answer(authtest.TokenPath, authtest.Answer{IDToken: map[string]any{"roles": nil}}) // so that it is asked
		}
		p.refreshDue()
		_, err := uma.self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		op.Truly(authtest.TokenPath)
		op.Truly(authtest.UserInfoPath)
	}
}
