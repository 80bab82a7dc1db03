package server

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// FuzzReturnPath: wherever a link says to go after signing in, a browser stays
// at our own origin.
func FuzzReturnPath(f *testing.F) {
	for _, s := range []string{
		"/", "/r/weekly?x=1#top", "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/%2f/evil.example",
		"/.//evil.example", "javascript:alert(1)", "@evil.example", ".evil.example", "/auth/sign-in?return=/", "/r/a b", "/\r\nSet-Cookie: a=b", "",
	} {
		f.Add(s)
	}
	const ours = "https://meet.example.org"
	f.Fuzz(func(t *testing.T, asked string) {
		path := returnPath(asked)
		require.True(t, strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//"))
		require.False(t, strings.ContainsAny(path, "\\\r\n\t "))
		if u, err := url.Parse(ours + path); err == nil {
			require.Equal(t, "meet.example.org", u.Host)
		}
	})
}

func TestReturnPath(t *testing.T) {
	for asked, want := range map[string]string{
		"/r/weekly?x=1#top": "/r/weekly?x=1#top", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example": "/", "/\t/evil.example": "/",
		"/auth/sign-out": "/", "": "/", "r/weekly": "/", "/" + strings.Repeat("x", 512): "/", "/r/caf%C3%A9": "/r/caf%C3%A9",
	} {
		require.Equal(t, want, returnPath(asked), asked)
	}
}

func TestPublicURL(t *testing.T) {
	for public, cookie := range map[string]string{
		"https://meet.example.org": "__Host-anteroom", "https://meet.example.org/": "__Host-anteroom", "https://10.0.0.1:8443": "__Host-anteroom",
		"http://127.0.0.1:8080": "anteroom-8080", "http://localhost:9": "anteroom-9", "http://[::1]:80": "anteroom-80",
		"http://meet.example.org": "", "http://10.0.0.1": "", "https://meet.example.org/path": "", "https://u:p@x": "", "ftp://localhost": "", "": "",
	} {
		s, err := NewSignIn(nil, nil, []byte("secret"), public, clockwork.NewFakeClock(), slog.New(slog.DiscardHandler))
		if cookie == "" {
			require.ErrorIs(t, err, ErrPublicURL, public)
			continue
		}
		require.NoError(t, err, public)
		require.Equal(t, cookie, s.cookie, public)
	}
}

func TestCookiesOverTLSStayWithTheHost(t *testing.T) {
	s, err := NewSignIn(nil, nil, []byte("secret"), "https://meet.example.org", clockwork.NewFakeClock(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	w := httptest.NewRecorder()
	s.setCookie(w, s.cookie, "value", attemptTime)
	require.Equal(t, "__Host-anteroom=value; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax", w.Header().Get("Set-Cookie"))
	require.Equal(t, "__Host-anteroom-ABCDEFGH", s.attemptCookie("ABCDEFGHIJKL"))
	for _, state := range []string{"", "short", "a;b=c; Domain=evil", "../../../x"} {
		require.Equal(t, "__Host-anteroom---------", s.attemptCookie(state))
	}
}

func TestCrossSite(t *testing.T) {
	s, err := NewSignIn(nil, nil, []byte("secret"), "https://meet.example.org", clockwork.NewFakeClock(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for _, c := range []struct {
		method, site, origin string
		cross                bool
	}{
		{"POST", "same-origin", "https://meet.example.org", false},
		{"POST", "same-origin", "", false},
		{"POST", "", "https://meet.example.org", false},
		{"POST", "same-site", "https://other.example.org", true},
		{"POST", "cross-site", "https://evil.example", true},
		{"POST", "cross-site", "null", true},
		{"POST", "", "https://evil.example", true},
		{"POST", "", "http://meet.example.org:8080", true},
		{"POST", "", "null", true},
		{"POST", "", "", true},
		{"DELETE", "cross-site", "", true},
		{"GET", "cross-site", "", false},
		{"GET", "", "", false},
	} {
		r := httptest.NewRequest(c.method, "http://internal:8080/", http.NoBody)
		r.Header.Set("Sec-Fetch-Site", c.site)
		r.Header.Set("Origin", c.origin)
		require.Equal(t, c.cross, s.crossSite(r), "%v", c)
	}
}

func TestOrigins(t *testing.T) {
	for origin, ok := range map[string]bool{
		"https://app.example.org": true, "http://localhost:5173": true, "https://[::1]:1": true,
		"*": false, "https://*.example.org": false, "https://app.example.org/": false, "https://app.example.org/x": false, "app.example.org": false,
		"null": false, "https://": false, "https://App.example.org": false, "https://a b": false, "": false, "file://x": false, "https://u@x": false,
		"https://app.example.org:443": false, "http://app.example.org:80": false, "http://app.example.org:443": true, "https://app.example.org:": false,
	} {
		require.Equal(t, ok, CheckOrigin(origin) == nil, origin)
	}
}
