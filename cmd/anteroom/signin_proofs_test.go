package main

import (
	"net/http"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestTokensThatSignNobodyIn: they are signed by the provider, and of another
// sign-in, for another application, or of somebody else.
func TestTokensThatSignNobodyIn(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	for name, c := range map[string]struct {
		idToken, userInfo map[string]any
		in                bool
	}{
		"as ever":                         {nil, nil, true},
		"another nonce":                   {map[string]any{"nonce": "another"}, nil, false},
		"no nonce":                        {map[string]any{"nonce": nil}, nil, false},
		"for another":                     {map[string]any{"aud": "another"}, nil, false},
		"given to another":                {map[string]any{"azp": "another"}, nil, false},
		"for two, given to nobody":        {map[string]any{"aud": []string{authtest.ClientID, "another"}, "azp": nil}, nil, false},
		"for two, given to the console":   {map[string]any{"aud": []string{authtest.ClientID, "another"}, "azp": authtest.ClientID}, nil, true},
		"completed":                       {map[string]any{"roles": nil}, nil, true},
		"completed by what is of another": {map[string]any{"roles": nil}, map[string]any{"sub": "sub-oscar"}, false},
		"completed by what is of nobody":  {map[string]any{"roles": nil}, map[string]any{"sub": nil}, false},
	} {
		op.Answer(authtest.TokenPath, authtest.Answer{IDToken: c.idToken})
		op.Answer(authtest.UserInfoPath, authtest.Answer{Fields: c.userInfo})
		b := newBrowser(t, p.url)
		resp := b.signIn("ada", "/")
		require.Equal(t, c.in, b.cookie() != nil, name)
		if !c.in {
			require.Equal(t, "refused", resp.Request.URL.Query().Get("problem"), name)
		}
	}
}

// TestSignOutTellsTheProvider that the refresh token is used no more.
func TestSignOutTellsTheProvider(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	ada := newBrowser(t, p.url)
	ada.signIn("ada", "/")
	require.Zero(t, op.Asked(authtest.RevokePath))
	ada.signOut()
	require.Equal(t, 1, op.Asked(authtest.RevokePath))
	require.NotContains(t, p.log.String(), "could not be revoked")
	ada.signIn("ada", "/")
	op.Answer(authtest.RevokePath, authtest.Answer{Status: http.StatusServiceUnavailable})
	ada.signOut()
	require.Contains(t, p.log.String(), "could not be revoked")
	require.Zero(t, p.app.db.SignIn.Query().CountX(t.Context()), "and here it is over all the same")
}

// TestANewSignInEndsTheOneBefore in the same browser.
func TestANewSignInEndsTheOneBefore(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	b := newBrowser(t, p.url)
	b.signIn("ada", "/")
	before := b.cookie().Value
	b.client.Jar = p.withCookie(before).client.Jar // at the provider it is a new browser
	b.signIn("uma", "/")
	require.NotEqual(t, before, b.cookie().Value)
	_, err := p.withCookie(before).self()
	requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
	require.Equal(t, 1, op.Asked(authtest.RevokePath))
	self, err := b.self()
	require.NoError(t, err)
	require.Equal(t, "uma@example.org", self.GetEmail())
	require.Equal(t, 1, p.app.db.SignIn.Query().CountX(t.Context()))
}
