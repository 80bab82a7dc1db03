package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/server"
)

// signingIn has people sign in at a provider.
func signingIn(t *testing.T, op *authtest.Provider) func(*Config) {
	t.Helper()
	return func(c *Config) {
		f := signInFlags{
			OidcIssuer: op.Issuer, OidcClientID: authtest.ClientID, OidcClientSecret: authtest.ClientSecret, OidcAudience: []string{"anteroom-api"},
			OidcOperatorClaim: "roles", OidcOperatorValue: []string{"anteroom-operator"}, OidcSkew: time.Minute, SignInLifetime: time.Hour,
		}
		var err error
		c.SignIn, err = f.signIn(c.Storage.PublicURL, false, c.Clock, c.Log)
		require.NoError(t, err)
	}
}

// browser keeps cookies and says where requests come from, as browsers do.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
	header http.Header
}

func newBrowser(t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &browser{t: t, base: base, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
	b.client = &http.Client{Jar: jar, Transport: b}
	return b
}

// RoundTrip adds what pages cannot change.
func (b *browser) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range b.header {
		r.Header[name] = values
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (b *browser) get(at string) (*http.Response, string) {
	b.t.Helper()
	return b.do(http.MethodGet, at, nil)
}

func (b *browser) do(method, at string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, at, strings.NewReader(form.Encode()))
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := b.client.Do(r)
	require.NoError(b.t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(b.t, err)
	return resp, string(body)
}

var loginID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn goes to the provider, types name and password, and comes back.
func (b *browser) signIn(name, returnPath string) *http.Response {
	b.t.Helper()
	resp, form := b.get(b.base + server.SignInPath + "?" + url.Values{"return": {returnPath}}.Encode())
	id := loginID.FindStringSubmatch(form)
	require.NotNil(b.t, id, "%s: %s", resp.Request.URL, form)
	resp, _ = b.do(http.MethodPost, resp.Request.URL.String(), url.Values{"username": {name}, "password": {"secret"}, "id": {id[1]}})
	return resp
}

func (b *browser) users() anteroomv1connect.UserServiceClient {
	return anteroomv1connect.NewUserServiceClient(b.client, b.base)
}

func (b *browser) rooms() anteroomv1connect.RoomServiceClient {
	return anteroomv1connect.NewRoomServiceClient(b.client, b.base)
}

func (b *browser) self() (*anteroomv1.User, error) {
	resp, err := b.users().GetSelf(b.t.Context(), &anteroomv1.GetSelfRequest{})
	if err != nil {
		return nil, err
	}
	return resp.GetUser(), nil
}

// cookie is the one that signs in.
func (b *browser) cookie() *http.Cookie {
	u, err := url.Parse(b.base)
	require.NoError(b.t, err)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == "anteroom-"+u.Port() {
			return c
		}
	}
	return nil
}

func (b *browser) signOut() string {
	b.t.Helper()
	resp, body := b.do(http.MethodPost, b.base+server.SignOutPath, nil)
	require.Equal(b.t, http.StatusOK, resp.StatusCode, body)
	var answer struct{ URL string }
	require.NoError(b.t, json.Unmarshal([]byte(body), &answer))
	return answer.URL
}

type roundTrip func(*http.Request) (*http.Response, error)
