// Package console is the web console: one page and its scripts, served from
// the files that the build of web/ leaves in dist/. The program builds without
// them too; the build tag "console" takes them in.
package console

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The page may load nothing from elsewhere; it connects to the media servers
// that passes name, and plays recordings from the store that links name, which
// only the server knows.
const contentPolicy = "default-src 'self'; connect-src 'self' ws: wss: http: https:; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream: http: https:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

var securityHeaders = map[string]string{
	"Content-Security-Policy":    contentPolicy,
	"Cross-Origin-Opener-Policy": "same-origin",
	"Permissions-Policy":         "camera=(self), microphone=(self), display-capture=(self)",
	"Referrer-Policy":            "no-referrer",
	"X-Content-Type-Options":     "nosniff",
}

// handler serves the built console out of files.
func handler(files fs.FS) http.Handler {
	pages := page(files, http.StatusOK)
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", pages)
	mux.Handle("GET /r/{room}", pages)
	mux.Handle("GET /r/{room}/{$}", pages)
	mux.Handle("GET /r/{room}/join", pages)
	mux.Handle("GET /r/{room}/join/{$}", pages)
	mux.Handle("GET /r/{room}/meetings/{meeting}", pages)
	mux.Handle("GET /r/{room}/meetings/{meeting}/{$}", pages)
	mux.Handle("GET /recordings", pages)
	mux.Handle("GET /recordings/{$}", pages)
	mux.Handle("GET /recordings/{id}", pages)
	mux.Handle("GET /events", pages)
	mux.Handle("GET /events/{$}", pages)
	mux.Handle("GET /events/{id}", pages)
	mux.Handle("GET /sign-in", pages)
	mux.HandleFunc("GET /room/booking/{id}/{$}", toRoomPage)
	mux.HandleFunc("GET /room/session/{id}/{$}", toRoomPage)
	mux.HandleFunc("GET /room/{id}/{$}", toRoomPageByID)
	mux.Handle("GET /", files404(files))
	mux.HandleFunc("POST /{service}/{procedure}", http.NotFound) // a call of no service: "unimplemented" to clients of Connect and gRPC
	return secured(mux)
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range securityHeaders {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// page serves the one HTML page, which reads the path itself.
func page(files fs.FS, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := fs.ReadFile(files, "index.html")
		if err != nil {
			http.Error(w, "the console is not built", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	}
}

// files404 serves a file by its path. For what is not there, a path that looks
// like a page's gets the console's page, which says so in words.
func files404(files fs.FS) http.HandlerFunc {
	missing := page(files, http.StatusNotFound)
	return func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		body, err := fs.ReadFile(files, name)
		switch {
		case err == nil:
			w.Header().Set("Cache-Control", caching(name))
			http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
		case path.Ext(name) == "":
			missing(w, r)
		default:
			http.NotFound(w, r)
		}
	}
}

// caching lets browsers keep for ever what has its hash in its name.
func caching(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

func toRoomPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(w, r, "/r/"+url.PathEscape(r.PathValue("id")), http.StatusFound)
}

func toRoomPageByID(w http.ResponseWriter, r *http.Request) {
	if _, err := uuid.Parse(r.PathValue("id")); err != nil {
		http.NotFound(w, r)
		return
	}
	toRoomPage(w, r)
}
