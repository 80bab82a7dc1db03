package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/console"
	"github.com/anteroom-dev/anteroom/internal/server"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// served is a folder behind the real handler, at a turned clock.
type served struct {
	t     *testing.T
	store storage.Store
	clock *clockwork.FakeClock
	root  string
	url   string
}

func serve(t *testing.T) served {
	t.Helper()
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	s := served{t: t, clock: clockwork.NewFakeClock(), root: t.TempDir(), url: front.URL}
	s.store = s.open("a secret of the installation")
	handler = server.Handler(server.Config{
		Log: slog.New(slog.DiscardHandler), Auth: auth.New(s.clock, nil), Console: console.Handler(), Store: s.store,
	})
	return s
}

func (s served) open(secret string) storage.Store {
	s.t.Helper()
	store, err := storage.Open(s.t.Context(), storage.Config{URL: "file://" + s.root, PublicURL: s.url, Secret: []byte(secret), Clock: s.clock})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = store.Close() })
	return store
}

func (s served) write(keys ...string) {
	s.t.Helper()
	for _, key := range keys {
		require.NoError(s.t, s.store.Write(s.t.Context(), key, strings.NewReader("0123456789")))
	}
}

func (s served) link(key string, l storage.Link) string {
	s.t.Helper()
	u, err := s.store.SignedURL(s.t.Context(), key, l)
	require.NoError(s.t, err)
	require.True(s.t, strings.HasPrefix(u, s.url+storage.FilesPath), u)
	return u
}

func (s served) get(u string, header ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, u, http.NoBody)
	require.NoError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	a, err := http.DefaultTransport.RoundTrip(r) // redirects are not followed
	require.NoError(s.t, err)
	b, err := io.ReadAll(a.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, a.Body.Close())
	return a, string(b)
}

func (s served) status(u string) int {
	s.t.Helper()
	a, body := s.get(u)
	require.NotContains(s.t, body, "0123456789")
	return a.StatusCode
}

func TestFile(t *testing.T) {
	s := serve(t)
	for _, key := range []string{"room/film.mp4", "film.mp4", "a b/ö+%41&c=?#.mp4"} {
		s.write(key)
		a, body := s.get(s.link(key, storage.Link{Expiry: time.Minute, Name: "Réunion \"A\".mp4"}))
		require.Equal(t, 200, a.StatusCode, key)
		require.Equal(t, "0123456789", body)
		require.Equal(t, "video/mp4", a.Header.Get("Content-Type"))
		require.Equal(t, storage.Disposition("Réunion \"A\".mp4", false), a.Header.Get("Content-Disposition"))
		require.Equal(t, []string{"private, no-store"}, a.Header.Values("Cache-Control"))
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Contains(t, a.Header.Get("Content-Security-Policy"), "sandbox")
	}
	a, _ := s.get(s.link("film.mp4", storage.Link{Expiry: time.Minute, Inline: true}))
	require.Equal(t, `inline; filename=film.mp4`, a.Header.Get("Content-Disposition"))
}

func TestFileRanges(t *testing.T) {
	s := serve(t)
	s.write("film.mp4")
	u := s.link("film.mp4", storage.Link{Expiry: time.Minute})
	for asked, want := range map[string]string{"bytes=0-0": "0", "bytes=2-4": "234", "bytes=8-": "89", "bytes=-3": "789"} {
		a, body := s.get(u, "Range", asked)
		require.Equal(t, 206, a.StatusCode, asked)
		require.Equal(t, want, body)
	}
	a, _ := s.get(u, "Range", "bytes=10-")
	require.Equal(t, 416, a.StatusCode)
}

func TestFileThatIsNoFilm(t *testing.T) {
	s := serve(t)
	s.write("page.html", "page.svg", "page")
	for _, key := range []string{"page.html", "page.svg", "page"} {
		a, _ := s.get(s.link(key, storage.Link{Expiry: time.Minute, Inline: true}))
		require.Equal(t, "application/octet-stream", a.Header.Get("Content-Type"))
	}
}

func TestFileLinkOpensOneFileForAWhile(t *testing.T) {
	s := serve(t)
	s.write("room/a.mp4", "room/b.mp4")
	good := s.link("room/a.mp4", storage.Link{Expiry: time.Minute, Name: "a.mp4"})
	change := func(edit func(u *url.URL, q url.Values)) string {
		u, err := url.Parse(good)
		require.NoError(t, err)
		q := u.Query()
		edit(u, q)
		u.RawQuery = q.Encode()
		return u.String()
	}
	set := func(name, value string) string { return change(func(_ *url.URL, q url.Values) { q.Set(name, value) }) }
	stranger, err := s.open("another secret").SignedURL(t.Context(), "room/a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	for name, u := range map[string]string{
		"another key":           change(func(u *url.URL, _ url.Values) { u.Path = "/files/room/b.mp4" }),
		"no key":                change(func(u *url.URL, _ url.Values) { u.Path = "/files/" }),
		"a folder":              change(func(u *url.URL, _ url.Values) { u.Path = "/files/room" }),
		"an escaped way around": strings.Replace(good, "room/a", "room%2F..%2Froom%2Fa", 1),
		"no signature":          change(func(_ *url.URL, q url.Values) { q.Del("signature") }),
		"an empty signature":    set("signature", ""),
		"half a signature":      change(func(_ *url.URL, q url.Values) { q.Set("signature", q.Get("signature")[:20]) }),
		"a longer life":         set("expires", "99999999999"),
		"no end":                change(func(_ *url.URL, q url.Values) { q.Del("expires") }),
		"another name":          set("name", "invoice.exe"),
		"another way":           set("inline", "true"),
		"another installation":  stranger,
	} {
		require.Equal(t, 403, s.status(u), name)
	}
	a, _ := s.get(strings.Replace(good, "/files/room", "/files/x/../room", 1))
	require.NotEqual(t, 200, a.StatusCode)

	s.clock.Advance(59 * time.Second)
	a, _ = s.get(good)
	require.Equal(t, 200, a.StatusCode)
	s.clock.Advance(2 * time.Second)
	require.Equal(t, 403, s.status(good), "expired")
}

func TestFileOutsideTheFolder(t *testing.T) {
	s := serve(t)
	outside := filepath.Join(t.TempDir(), "secret.mp4")
	require.NoError(t, os.WriteFile(outside, []byte("0123456789"), 0o600))
	require.NoError(t, os.Symlink(outside, filepath.Join(s.root, "link.mp4")))
	require.NoError(t, os.Symlink(filepath.Dir(outside), filepath.Join(s.root, "folder")))
	require.NoError(t, os.Mkdir(filepath.Join(s.root, "folder.mp4"), 0o700))
	for _, key := range []string{"link.mp4", "folder/secret.mp4", "folder.mp4", "nothing.mp4", "nothing/at/all.mp4", "folder.mp4/x.mp4"} {
		require.Equal(t, 404, s.status(s.link(key, storage.Link{Expiry: time.Minute})), key)
	}
}

func TestFileMethods(t *testing.T) {
	s := serve(t)
	s.write("film.mp4")
	u := s.link("film.mp4", storage.Link{Expiry: time.Minute})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, u, http.NoBody)
	require.NoError(t, err)
	a, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, a.Body.Close())
	require.Equal(t, 200, a.StatusCode)
	require.EqualValues(t, 10, a.ContentLength)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete} {
		r.Method = method
		a, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, a.Body.Close())
		require.GreaterOrEqual(t, a.StatusCode, 400, method)
	}
}
