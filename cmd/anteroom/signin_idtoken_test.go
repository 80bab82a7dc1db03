package main

import (
	"net/url"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestAnIDTokenIsNoKeyToTheAPI: it goes through the browser's address when
// somebody signs out, and says who signed in, not what may be done for them.
func TestAnIDTokenIsNoKeyToTheAPI(t *testing.T) {
	op := authtest.StartProvider(t)
	for name, audiences := range map[string][]string{"no audience": nil, "the client's": {authtest.ClientID}} {
		t.Run(name, func(t *testing.T) {
			p := start(t, dbtest.SQLiteURL(t), signingIn(t, op), func(c *Config) { c.SignIn.OpenID.Audiences = audiences })
			b := newBrowser(t, p.url)
			b.signIn("ada", "/")
			p.refreshDue()
			_, err := b.self()
			require.NoError(t, err)
			to, err := url.Parse(b.signOut())
			require.NoError(t, err)
			hint := to.Query().Get("id_token_hint")
			require.NotEmpty(t, hint)
			_, err = p.with(hint).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)

			_, err = p.with(op.Token(t, "sub-ada", authtest.ClientID)).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			require.Equal(t, audiences != nil, err == nil, "an access token: %v", err)
			_, err = p.with(op.Token(t, "sub-ada", "")).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)
		})
	}
}
