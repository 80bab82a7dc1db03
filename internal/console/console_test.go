package console

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
)

const roomID = "01930000-0000-7000-8000-000000000001"

var built = fstest.MapFS{
	"index.html":           {Data: []byte("<!doctype html><title>Anteroom</title>")},
	"icon.svg":             {Data: []byte("<svg/>")},
	"assets/main-1a2b.js":  {Data: []byte("export {}")},
	"assets/main-1a2b.css": {Data: []byte("body {}")},
}

func get(path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	handler(built).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
	return answer
}

func TestFilesAndPages(t *testing.T) {
	const immutable = "public, max-age=31536000, immutable"
	for _, c := range []struct {
		path, contentType, caching string
		status                     int
	}{
		{"/", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly/", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly.v2/join", "text/html; charset=utf-8", "no-cache", 200},
		{"/r/weekly/meetings/" + roomID, "text/html; charset=utf-8", "no-cache", 200},
		{"/recordings", "text/html; charset=utf-8", "no-cache", 200},
		{"/recordings/" + roomID, "text/html; charset=utf-8", "no-cache", 200},
		{"/sign-in", "text/html; charset=utf-8", "no-cache", 200},
		{"/events", "text/html; charset=utf-8", "no-cache", 200},
		{"/events/" + roomID, "text/html; charset=utf-8", "no-cache", 200},
		{"/nothing/here", "text/html; charset=utf-8", "no-cache", 404},
		{"/icon.svg", "image/svg+xml", "no-cache", 200},
		{"/assets/main-1a2b.js", "text/javascript; charset=utf-8", immutable, 200},
		{"/assets/main-1a2b.css", "text/css; charset=utf-8", immutable, 200},
		{"/assets/old-9f8e.js", "text/plain; charset=utf-8", "", 404},
		{"/assets/", "text/html; charset=utf-8", "no-cache", 404},
	} {
		t.Run(c.path, func(t *testing.T) {
			answer := get(c.path)
			assert.Equal(t, c.status, answer.Code)
			assert.Equal(t, c.contentType, answer.Header().Get("Content-Type"))
			assert.Equal(t, c.caching, answer.Header().Get("Cache-Control"))
		})
	}
}

func TestOlderLinksLeadToTheRoomPage(t *testing.T) {
	for path, target := range map[string]string{
		"/room/booking/b-17/":    "/r/b-17",
		"/room/session/s%2F9/":   "/r/s%2F9",
		"/room/" + roomID + "/":  "/r/" + roomID,
		"/room/booking/b-17/?x=": "/r/b-17",
	} {
		answer := get(path)
		assert.Equal(t, http.StatusFound, answer.Code, path)
		assert.Equal(t, target, answer.Header().Get("Location"), path)
	}
	assert.Equal(t, http.StatusNotFound, get("/room/not-an-id/").Code)
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	for _, path := range []string{"/", "/icon.svg", "/missing.js", "/room/not-an-id/"} {
		header := get(path).Header()
		assert.Contains(t, header.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
		assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
		assert.Contains(t, header.Get("Permissions-Policy"), "camera=(self)", path)
	}
}

func TestRecordingsPlayFromTheirStore(t *testing.T) {
	assert.Regexp(t, "media-src [^;]*'self'[^;]* https:", get("/recordings").Header().Get("Content-Security-Policy"))
}

func TestOnlyReading(t *testing.T) {
	answer := httptest.NewRecorder()
	handler(built).ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, answer.Code)
}

func TestHandlerAnswersTheFirstPage(t *testing.T) {
	answer := httptest.NewRecorder()
	Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusOK, answer.Code)
	assert.Contains(t, answer.Body.String(), "Anteroom")
}
