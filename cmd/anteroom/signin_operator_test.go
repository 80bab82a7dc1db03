package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestOperatorsStayWhereTheProviderIsSilent: a refresh may bring no ID token, and
// then only what the provider says of somebody can take the role away.
func TestOperatorsStayWhereTheProviderIsSilent(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	ada := newBrowser(t, p.url)
	ada.signIn("ada", "/")
	for _, c := range []struct {
		what              string
		idToken, userInfo map[string]any
		operator          bool
	}{
		{"no ID token, and nothing said", nil, map[string]any{"roles": nil}, true},
		{"no ID token, and said", nil, map[string]any{"roles": []string{"anteroom-operator"}}, true},
		{"no ID token, and another role", nil, map[string]any{"roles": []string{"staff"}}, false},
		{"what was taken away does not come back by silence", nil, map[string]any{"roles": nil}, false},
		{"a full answer gives it again", map[string]any{}, map[string]any{"roles": nil}, true},
		{"a full answer without it takes it away", map[string]any{"roles": nil}, map[string]any{"roles": nil}, false},
	} {
		answer := authtest.Answer{IDToken: c.idToken}
		if c.idToken == nil {
			answer.Fields = map[string]any{"id_token": nil}
		}
		op.Answer(authtest.TokenPath, answer)
		op.Answer(authtest.UserInfoPath, authtest.Answer{Fields: c.userInfo})
		p.refreshDue()
		self, err := ada.self()
		require.NoError(t, err, c.what)
		require.Equal(t, c.operator, self.GetOperator(), c.what)
	}
}

// TestASilentProviderIsToldOnce to the operator of the installation.
func TestASilentProviderIsToldOnce(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	const silent = "has the claim that makes operators"
	newBrowser(t, p.url).signIn("uma", "/")
	require.NotContains(t, p.log.String(), silent)
	op.Answer(authtest.TokenPath, authtest.Answer{IDToken: map[string]any{"roles": nil}})
	op.Answer(authtest.UserInfoPath, authtest.Answer{Fields: map[string]any{"roles": nil}})
	for _, name := range []string{"ada", "oscar"} {
		b := newBrowser(t, p.url)
		b.signIn(name, "/")
		self, err := b.self()
		require.NoError(t, err)
		require.False(t, self.GetOperator())
	}
	require.Equal(t, 1, strings.Count(p.log.String(), silent))
	require.Contains(t, p.log.String(), "claim=roles")
}
