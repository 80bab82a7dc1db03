package console

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

var built = fstest.MapFS{
	"index.html":         {Data: []byte("<!doctype html><title>Anteroom</title>")},
	"icon.svg":           {Data: []byte("<svg/>")},
	"assets/main-1a2.js": {Data: []byte("export {}")},
}

func get(t *testing.T, h http.Handler, method, path string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w.Result() //nolint:bodyclose // a recorder's
}

func TestPagesAndAssets(t *testing.T) {
	h := handler(built)
	for _, c := range []struct {
		path, kind, cache string
		status            int
	}{
		{"/", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly/join", "text/html; charset=utf-8", "no-cache", 200},
		{"/icon.svg", "image/svg+xml", "no-cache", 200},
		{"/assets/main-1a2.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", 200},
		{"/assets/gone.js", "text/plain; charset=utf-8", "", 404},
	} {
		resp := get(t, h, http.MethodGet, c.path)
		require.Equal(t, c.status, resp.StatusCode, c.path)
		require.Equal(t, c.kind, resp.Header.Get("Content-Type"), c.path)
		require.Equal(t, c.cache, resp.Header.Get("Cache-Control"), c.path)
		require.Contains(t, resp.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'", c.path)
	}
	require.Equal(t, 404, get(t, h, http.MethodPost, "/anteroom.v1.RoomService/Unknown").StatusCode)
}

func TestOlderAddressesLeadToTheRoom(t *testing.T) {
	for _, path := range []string{"/room/booking/42/", "/room/session/42/", "/room/42/"} {
		resp := get(t, handler(built), http.MethodGet, path)
		require.Equal(t, http.StatusFound, resp.StatusCode, path)
		require.Equal(t, "/r/42", resp.Header.Get("Location"), path)
	}
}

func TestWithoutConsole(t *testing.T) {
	require.Equal(t, 404, get(t, handler(nil), http.MethodGet, "/").StatusCode)
}
