package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/server"
)

func TestSignIn(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		config, err := p.guest().GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
		require.NoError(t, err)
		require.True(t, config.GetClientConfig().GetSignIn())

		ada := newBrowser(t, p.url)
		resp := ada.signIn("ada", "/r/weekly?from=mail")
		require.Equal(t, p.url+"/r/weekly?from=mail", resp.Request.URL.String())
		self, err := ada.self()
		require.NoError(t, err)
		require.Equal(t, "ada@example.org", self.GetEmail())
		require.Equal(t, "Ada Admin", self.GetFullName())
		require.Equal(t, "fr", self.GetLanguage())
		require.Equal(t, "Europe/Paris", self.GetTimeZone())
		require.True(t, self.GetOperator())

		uma := newBrowser(t, p.url)
		uma.signIn("uma", "/")
		self, err = uma.self()
		require.NoError(t, err)
		require.False(t, self.GetOperator())
		require.Equal(t, "pt-BR", self.GetLanguage())
		_, err = anteroomv1connect.NewWebhookServiceClient(uma.client, p.url).ListEvents(t.Context(), &anteroomv1.ListEventsRequest{})
		requireReason(t, "operator_required", connect.CodePermissionDenied, err)

		vera := newBrowser(t, p.url)
		vera.signIn("vera", "/")
		self, err = vera.self()
		require.NoError(t, err)
		require.Empty(t, self.GetEmail(), "nobody has checked the address")

		_, err = newBrowser(t, p.url).self()
		requireReason(t, "sign_in_required", connect.CodeUnauthenticated, err)
		require.Equal(t, 3, p.app.db.User.Query().CountX(t.Context()))
		again := newBrowser(t, p.url)
		again.signIn("ada", "/")
		require.Equal(t, 3, p.app.db.User.Query().CountX(t.Context()), "ada is known")

		secret := ada.cookie().Value
		for _, row := range p.app.db.SignIn.Query().AllX(t.Context()) {
			for _, kept := range [][]byte{row.SecretHash, row.IDToken, *row.RefreshToken} {
				require.NotContains(t, string(kept), secret)
				require.NotContains(t, string(kept), "eyJ", "no token can be read")
			}
		}
		require.NotContains(t, p.log.String(), secret)

		to := ada.signOut()
		require.Contains(t, to, op.Issuer+"/end_session?")
		require.Contains(t, to, "id_token_hint=eyJ")
		require.Nil(t, ada.cookie())
		resp, _ = ada.get(to)
		require.Equal(t, p.url+"/", resp.Request.URL.String())
		_, err = p.withCookie(secret).self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		_, err = again.self()
		require.NoError(t, err, "another browser of hers")
		require.Empty(t, ada.signOut(), "nobody is signed in")
	}, signingIn(t, op))
}

// withCookie is a browser that has a cookie from somewhere.
func (p *program) withCookie(secret string) *browser {
	b := newBrowser(p.t, p.url)
	u, err := url.Parse(p.url)
	require.NoError(p.t, err)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "anteroom-" + u.Port(), Value: secret, Path: "/"}})
	return b
}

func TestCookiesOfNobody(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, authtest.StartProvider(t)))
	for _, secret := range []string{"x", strings.Repeat("A", 43), strings.Repeat("A", 42) + "B", strings.Repeat("A", 5000)} {
		b := p.withCookie(secret)
		_, err := b.self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		_, err = b.rooms().GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
	}
}

// TestSignInIsRefreshed: the provider is asked again who somebody is, once for
// all who wait; it may take the role away, or end the sign-in.
func TestSignInIsRefreshed(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		op.SetRoles("sub-ada", "anteroom-operator")
		ada := newBrowser(t, p.url)
		ada.signIn("ada", "/")
		due := func() {
			row := p.app.db.SignIn.Query().OnlyX(t.Context())
			p.app.db.SignIn.UpdateOne(row).SetRefreshTime(time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond)).ExecX(t.Context())
		}
		before := *p.app.db.SignIn.Query().OnlyX(t.Context()).RefreshToken
		op.SetRoles("sub-ada", "staff")
		self, err := ada.self()
		require.NoError(t, err)
		require.True(t, self.GetOperator(), "not asked yet")
		due()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				_, err := ada.self()
				require.NoError(t, err, "a refresh token is good for one time")
			})
		}
		all.Wait()
		self, err = ada.self()
		require.NoError(t, err)
		require.False(t, self.GetOperator())
		require.NotEqual(t, before, *p.app.db.SignIn.Query().OnlyX(t.Context()).RefreshToken)

		op.Terminate("sub-ada")
		due()
		_, err = ada.self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		require.Zero(t, p.app.db.SignIn.Query().CountX(t.Context()))

		op.SetRoles("sub-ada", "anteroom-operator")
		ada.signIn("ada", "/")
		_, err = p.app.db.SQL.ExecContext(t.Context(), "UPDATE sign_ins SET expire_time = create_time")
		require.NoError(t, err)
		_, err = ada.self()
		requireReason(t, "sign_in_ended", connect.CodeUnauthenticated, err)
		newBrowser(t, p.url).signIn("uma", "/")
		require.Equal(t, 1, p.app.db.SignIn.Query().CountX(t.Context()), "those that ended are removed")
	}, signingIn(t, op))
}

// TestSignInGoesOnWhileTheProviderIsAway, and is refreshed when it is back.
func TestSignInGoesOnWhileTheProviderIsAway(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	ada := newBrowser(t, p.url)
	ada.signIn("ada", "/")
	op.SetRoles("sub-ada")
	due := func() {
		row := p.app.db.SignIn.Query().OnlyX(t.Context())
		p.app.db.SignIn.UpdateOne(row).SetRefreshTime(time.Now().UTC().Add(-time.Second).Truncate(time.Microsecond)).ExecX(t.Context())
	}
	op.Down(true)
	due()
	self, err := ada.self()
	require.NoError(t, err)
	require.True(t, self.GetOperator())
	op.Down(false)
	due()
	self, err = ada.self()
	require.NoError(t, err)
	require.False(t, self.GetOperator())
}

// TestSignInAttempts: nobody is signed in but by a sign-in that this browser
// began, once.
func TestSignInAttempts(t *testing.T) {
	op := authtest.StartProvider(t)
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	var back []string
	stop := func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.url+server.CallbackPath) {
			back = append(back, r.URL.String())
			return http.ErrUseLastResponse
		}
		return nil
	}
	problem := func(b *browser, at string) string {
		t.Helper()
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, _ := b.get(at)
		require.Equal(t, http.StatusSeeOther, resp.StatusCode)
		require.Nil(t, b.cookie(), at)
		to, err := resp.Location()
		require.NoError(t, err)
		require.Equal(t, "/sign-in", to.Path)
		return to.Query().Get("problem")
	}
	mallory, victim := newBrowser(t, p.url), newBrowser(t, p.url)
	mallory.client.CheckRedirect = stop
	mallory.signIn("uma", "/")
	require.Len(t, back, 1)
	require.Equal(t, "late", problem(victim, back[0]), "a link of Mallory's signs nobody in as Mallory")
	other, err := url.Parse(back[0])
	require.NoError(t, err)
	q := other.Query()
	state := q.Get("state")
	q.Set("state", state[:8]+strings.Repeat("A", len(state)-8))
	other.RawQuery = q.Encode()
	require.Equal(t, "late", problem(mallory, other.String()), "another state")
	require.Equal(t, "late", problem(mallory, back[0]), "the attempt is over")
	require.Equal(t, "late", problem(victim, p.url+server.CallbackPath))

	for said, want := range map[string]string{"access_denied": "denied", "server_error": "unavailable", "invalid_scope": "refused"} {
		b := newBrowser(t, p.url)
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, _ := b.get(p.url + server.SignInPath)
		to, err := resp.Location()
		require.NoError(t, err)
		require.Equal(t, "S256", to.Query().Get("code_challenge_method"))
		require.NotEmpty(t, to.Query().Get("nonce"))
		require.Equal(t, want, problem(b, p.url+server.CallbackPath+"?error="+said+"&state="+to.Query().Get("state")))
	}
	b := newBrowser(t, p.url)
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, _ := b.get(p.url + server.SignInPath)
	to, err := resp.Location()
	require.NoError(t, err)
	require.Equal(t, "refused", problem(b, p.url+server.CallbackPath+"?code=made-up&state="+to.Query().Get("state")))

	for _, evil := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example/", "/auth/sign-out"} {
		b := newBrowser(t, p.url)
		require.Equal(t, p.url+"/", b.signIn("uma", evil).Request.URL.String(), evil)
	}
	op.Down(true)
	fresh := start(t, dbtest.SQLiteURL(t), signingIn(t, op))
	require.Equal(t, "unavailable", problem(newBrowser(t, fresh.url), fresh.url+server.SignInPath), "it started without its provider")
	_, err = fresh.with(op.Token(t, "sub-uma", "anteroom-api")).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	requireReason(t, "identity_provider_unavailable", connect.CodeUnavailable, err)
}

// TestOtherSitesCannotUseTheCookie, in none of the ways in which a page of
// elsewhere can make a browser send it.
func TestOtherSitesCannotUseTheCookie(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t), signingIn(t, authtest.StartProvider(t)))
	ada := newBrowser(t, p.url)
	ada.signIn("ada", "/")
	for name, header := range map[string]http.Header{
		"cross-site":          {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}},
		"a sibling":           {"Sec-Fetch-Site": {"same-site"}, "Origin": {"http://127.0.0.1:1"}},
		"an older browser":    {"Origin": {"https://evil.example"}},
		"an opaque origin":    {"Origin": {"null"}},
		"a form of elsewhere": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}, "Sec-Fetch-Mode": {"navigate"}},
		"no word of it":       {},
	} {
		ada.header = header
		_, err := ada.rooms().CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "By Mallory"})
		requireReason(t, "cross_site_request", connect.CodePermissionDenied, err)
		web := anteroomv1connect.NewRoomServiceClient(ada.client, p.url, connect.WithGRPCWeb())
		_, err = web.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "By Mallory"})
		requireReason(t, "cross_site_request", connect.CodePermissionDenied, err)
		resp, _ := ada.do(http.MethodPost, p.url+server.SignOutPath, nil)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, name)
		resp, _ = ada.do(http.MethodPost, p.url+"/anteroom.v1.RoomService/CreateRoom", url.Values{"name": {"x"}})
		require.Equal(t, http.StatusUnsupportedMediaType, resp.StatusCode, "%s: a form is no message", name)
	}
	require.Zero(t, p.app.db.Room.Query().CountX(t.Context()))
	ada.header = http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {p.url}}
	_, err := ada.rooms().CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "By Ada"})
	require.NoError(t, err)
	_, err = ada.self()
	require.NoError(t, err, "and she is signed in")
	resp, _ := ada.get(p.url + server.SignOutPath)
	require.NotEqual(t, http.StatusOK, resp.StatusCode, "a link signs nobody out")
	_, err = ada.self()
	require.NoError(t, err)
}

// TestCookieOverTLS: behind a proxy with a certificate the cookie is bound to
// the host and never leaves TLS.
func TestCookieOverTLS(t *testing.T) {
	op := authtest.StartProvider(t)
	var target *url.URL
	front := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
	}))
	defer front.Close()
	p := start(t, dbtest.SQLiteURL(t), func(c *Config) {
		var err error
		target, err = url.Parse(c.Storage.PublicURL)
		require.NoError(t, err)
		c.Storage.PublicURL = front.URL
		signingIn(t, op)(c)
	})
	b := newBrowser(t, front.URL)
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	b.client.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return transport.RoundTrip(r)
	})
	var set []string
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		set = append(set, r.Response.Header.Values("Set-Cookie")...)
		return nil
	}
	b.signIn("ada", "/")
	require.Len(t, set, 3, "the attempt's, its removal, the sign-in's")
	for _, c := range set {
		require.Regexp(t, `^__Host-anteroom[^;]*; Path=/; Max-Age=\d+; HttpOnly; Secure; SameSite=Lax$`, c)
	}
	self, err := b.self()
	require.NoError(t, err)
	require.Equal(t, "ada@example.org", self.GetEmail())
	require.NotEmpty(t, p.url)
}

// RoundTrip implements http.RoundTripper.
func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTokensOfTheProviderAtTheAPI: the user of a token is the one who signs in
// with a browser.
func TestTokensOfTheProviderAtTheAPI(t *testing.T) {
	op := authtest.StartProvider(t)
	onEach(t, func(t *testing.T, p *program) {
		tool := p.with(op.Token(t, "sub-uma", "anteroom-api"))
		resp, err := tool.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		require.NoError(t, err)
		require.Empty(t, resp.GetUser().GetEmail())
		b := newBrowser(t, p.url)
		b.signIn("uma", "/")
		self, err := b.self()
		require.NoError(t, err)
		require.Equal(t, resp.GetUser().GetId(), self.GetId())
		require.Equal(t, "Uma User", self.GetFullName(), "learnt when she signed in")

		_, err = p.with(op.Token(t, "sub-uma", "another-api")).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)
		require.Contains(t, p.log.String(), "why=audience", "the operator can see it")
		resp, err = p.as("dev").users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		require.NoError(t, err, "beside tokens of another kind")
		require.Equal(t, "dev", resp.GetUser().GetSubject())
	}, signingIn(t, op))
}

func TestPagesElsewhere(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t), func(c *Config) { c.SignIn.Origins = []string{"https://app.example.org"} })
	preflight := func(path, origin, method, headers string) http.Header {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodOptions, p.url+path, http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", method)
		if headers != "" {
			r.Header.Set("Access-Control-Request-Headers", headers)
		}
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Empty(t, resp.Header.Get("Access-Control-Allow-Credentials"), "cookies are never theirs")
		return resp.Header
	}
	const create = "/anteroom.v1.RoomService/CreateRoom"
	const wanted = "authorization,connect-protocol-version,connect-timeout-ms,content-type"
	h := preflight(create, "https://app.example.org", "POST", wanted)
	require.Equal(t, "https://app.example.org", h.Get("Access-Control-Allow-Origin"))
	require.Equal(t, wanted, h.Get("Access-Control-Allow-Headers"))
	require.Equal(t, "7200", h.Get("Access-Control-Max-Age"))
	require.Contains(t, h.Get("Vary"), "Origin")
	require.NotEmpty(t, preflight(create, "https://app.example.org", "POST", "content-type,x-grpc-web,x-user-agent").Get("Access-Control-Allow-Origin"))
	for name, h := range map[string]http.Header{
		"another":    preflight(create, "https://evil.example", "POST", wanted),
		"a sibling":  preflight(create, "https://app.example.org.evil.example", "POST", wanted),
		"plain":      preflight(create, "http://app.example.org", "POST", wanted),
		"a port":     preflight(create, "https://app.example.org:8443", "POST", wanted),
		"null":       preflight(create, "null", "POST", wanted),
		"method":     preflight(create, "https://app.example.org", "DELETE", wanted),
		"header":     preflight(create, "https://app.example.org", "POST", "cookie,x-evil"),
		"no API":     preflight("/auth/sign-out", "https://app.example.org", "POST", ""),
		"no API too": preflight("/media/recordings/x", "https://app.example.org", "GET", "authorization"),
	} {
		require.Empty(t, h.Get("Access-Control-Allow-Origin"), name)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/anteroom.v1.RoomService/GetClientConfig", strings.NewReader("{}"))
	require.NoError(t, err)
	r.Header.Set("Origin", "https://app.example.org")
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	_ = resp.Body.Close()
	require.Equal(t, "https://app.example.org", resp.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, strings.ToLower(resp.Header.Get("Access-Control-Expose-Headers")), "grpc-status")

	closed := start(t, dbtest.SQLiteURL(t))
	p = closed
	require.Empty(t, preflight(create, "https://app.example.org", "POST", wanted).Get("Access-Control-Allow-Origin"), "nobody is allowed by default")
}

func TestSignInSettings(t *testing.T) {
	good := signInFlags{OidcIssuer: "https://login.example.org", OidcClientID: "x", OidcSkew: time.Minute, SignInLifetime: time.Hour}
	for want, change := range map[string]func(*signInFlags){
		"":                       func(*signInFlags) {},
		"--oidc-skew":            func(f *signInFlags) { f.OidcSkew = time.Hour },
		"--sign-in-lifetime":     func(f *signInFlags) { f.SignInLifetime = 0 },
		"go together":            func(f *signInFlags) { f.OidcOperatorClaim = "roles" },
		"need --oidc-issuer":     func(f *signInFlags) { f.OidcIssuer = "" },
		"is a URL":               func(f *signInFlags) { f.OidcIssuer = "login.example.org" },
		"go over http":           func(f *signInFlags) { f.OidcIssuer = "http://login.example.org" },
		"--oidc-issuer needs":    func(f *signInFlags) { f.OidcClientID = "" },
		"--cors-origins: *":      func(f *signInFlags) { f.CorsOrigins = []string{"*"} },
		"--cors-origins: http:/": func(f *signInFlags) { f.CorsOrigins = []string{"http://ok.example", "http://x/y"} },
	} {
		f := good
		change(&f)
		_, err := f.signIn("https://meet.example.org/", false, nil, nil)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	elsewhere := good
	elsewhere.OidcIssuer = "http://login.example.org"
	_, err := elsewhere.signIn("https://meet.example.org/", true, nil, nil)
	require.NoError(t, err, "in development")
	op := authtest.StartProvider(t)
	f := good
	f.OidcIssuer = op.Issuer
	c := configFor(served{}, io.Discard)
	s, err := f.signIn("https://meet.example.org/", false, c.Clock, c.Log)
	require.NoError(t, err)
	require.Equal(t, "https://meet.example.org/auth/callback", s.OpenID.RedirectURL)
	d := &doctor{config: Config{SignIn: s}}
	found := d.checkOpenID(t.Context())
	require.Equal(t, verdictOK, found[0].Status)
	require.Contains(t, found[0].Text, op.Issuer)
	d.config.SignIn.OpenID.Issuer = op.Issuer + "/realm"
	found = d.checkOpenID(t.Context())
	require.Equal(t, verdictFail, found[0].Status)
	require.Equal(t, openIDAway.text, found[0].Text)
	require.Contains(t, found[0].Detail, fmt.Sprint(http.StatusNotFound))
	d.config.SignIn.OpenID.Issuer = ""
	require.Equal(t, verdictAbsent, d.checkOpenID(t.Context())[0].Status)
}
