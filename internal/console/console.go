// Package console serves the web console: a single page, its assets, and the
// addresses of rooms. Built with the tag "console" it is inside the binary.
package console

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// policy lets the page load its own code and nothing else, and connect to media
// servers wherever they are.
const policy = "default-src 'self'; connect-src 'self' ws: wss: http: https:; img-src 'self' data: blob:; " +
	"media-src 'self' blob: mediastream:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"

// Handler serves the console of this build.
func Handler() http.Handler { return handler(files()) }

// handler serves a built console; of nil it says that there is none.
func handler(built fs.FS) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /room/booking/{id}/", toRoom)
	mux.HandleFunc("GET /room/session/{id}/", toRoom)
	mux.HandleFunc("GET /room/{id}/", toRoom)
	mux.Handle("/", pages(built))
	return secured(mux)
}

// toRoom leads older addresses of rooms to theirs.
func toRoom(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/r/"+strings.ReplaceAll(r.PathValue("id"), "/", ""), http.StatusFound)
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self)")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// pages serves assets as they are and the one page for every address that
// could be one of its own.
func pages(built fs.FS) http.Handler {
	if built == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "This build of Anteroom has no console: build it with `make build`.", http.StatusNotFound)
		})
	}
	assets := http.FileServerFS(built)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch name := strings.TrimPrefix(path.Clean(r.URL.Path), "/"); {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			http.Error(w, "not found", http.StatusNotFound)
		case name == "" || name == "index.html" || path.Ext(name) == "" && !exists(built, name):
			page(w, r, built)
		case !exists(built, name):
			http.Error(w, "not found", http.StatusNotFound)
		default:
			w.Header().Set("Cache-Control", cacheFor(name))
			assets.ServeHTTP(w, r)
		}
	})
}

func page(w http.ResponseWriter, r *http.Request, built fs.FS) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, built, "index.html")
}

// cacheFor says how long an asset may be kept: those with a hash in their name
// never change.
func cacheFor(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

func exists(built fs.FS, name string) bool {
	info, err := fs.Stat(built, name)
	return err == nil && !info.IsDir() && !errors.Is(err, fs.ErrNotExist)
}
