package server

import (
	"crypto/rand"
	"log/slog"
	"net/http"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// requestID is the header that names a request, in both directions: a proxy in
// front may have given it a name already.
const requestID = "X-Request-Id"

// identified gives each request a name, for the log and for who asks.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestID)
		if !isName(id) {
			id = rand.Text()
		}
		w.Header().Set(requestID, id)
		next.ServeHTTP(w, r.WithContext(telemetry.Begin(r.Context(), slog.String("request_id", id))))
	})
}

// maxName is how long the name of a request may be.
const maxName = 64

// isName says whether a header can be believed to be a name, and is fit for a log.
func isName(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return s != "" && len(s) <= maxName
}
