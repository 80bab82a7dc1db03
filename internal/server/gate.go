package server

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// What /readyz says before requests are let through, and when the end was asked for.
var (
	errStarting = fault.New(fault.Unavailable, "server_starting", "the server is starting")
	errStopping = fault.New(fault.Unavailable, "server_stopping", "the server is stopping")
)

// Gate is served from the first moment to the last. While what is behind it is not
// there yet, and when the end was asked for, it says so at /readyz; /healthz says
// that the process lives.
type Gate struct {
	ready    func(context.Context) error
	away     func() []string
	inner    atomic.Pointer[http.Handler]
	draining atomic.Bool
}

// NewGate makes a closed one. ready is nil when requests can be served, or a
// fault that says who is waited for; away names those who are away though
// requests are served.
func NewGate(ready func(context.Context) error, away func() []string) *Gate {
	return &Gate{ready: ready, away: away}
}

// Open lets requests through.
func (g *Gate) Open(h http.Handler) { g.inner.Store(&h) }

// Drain has those who ask whether this process is ready hear that it is not, and
// clients leave their connections. Requests are served as before.
func (g *Gate) Drain() { g.draining.Store(true) }

// Ready is nil while requests can be served.
func (g *Gate) Ready(ctx context.Context) error {
	if g.draining.Load() {
		return errStopping
	}
	err := g.ready(ctx)
	if err == nil && g.inner.Load() == nil {
		return errStarting
	}
	return err
}

// ServeHTTP implements http.Handler.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.draining.Load() {
		w.Header().Set("Connection", "close") // to HTTP/2 it is a GOAWAY
	}
	inner := g.inner.Load()
	if inner == nil || r.URL.Path == "/healthz" || r.URL.Path == "/readyz" {
		identified(http.HandlerFunc(g.own)).ServeHTTP(w, r)
		return
	}
	(*inner).ServeHTTP(w, r)
}

// own is what the gate answers itself.
func (g *Gate) own(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/healthz":
		answer(w, http.StatusOK, "ok")
	case "/readyz":
		g.readyz(w, r)
	default:
		w.Header().Set("Retry-After", "1")
		answer(w, http.StatusServiceUnavailable, errStarting.Message)
	}
}

func (g *Gate) readyz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := g.Ready(ctx); err != nil {
		answer(w, http.StatusServiceUnavailable, unready(err))
		return
	}
	answer(w, http.StatusOK, strings.Join(append([]string{"ok"}, g.away()...), "\n"))
}

// unready is what is said of why requests cannot be served.
func unready(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Message
	}
	return "the database does not answer"
}
