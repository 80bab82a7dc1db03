package rpc

import (
	"context"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var refused = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_rpc_refused_total",
	Help: "Requests that were refused before their procedure was known or their message read, by HTTP status.",
}, []string{"status"})

type arrivedKey struct{}

// countRefused counts the requests that never come to the door, which counts all
// others: of an unknown content type or procedure, too large, or not to be read.
func countRefused(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived, noted := false, &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(noted, r.WithContext(context.WithValue(r.Context(), arrivedKey{}, &arrived)))
		if !arrived {
			refused.WithLabelValues(strconv.Itoa(noted.status)).Inc()
		}
	})
}

// arrive notes that a request has come to the door.
func arrive(ctx context.Context) {
	if arrived, ok := ctx.Value(arrivedKey{}).(*bool); ok {
		*arrived = true
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Flush implements http.Flusher.
func (w *statusWriter) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() } // the next write tells

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
