package rpc

import (
	"bytes"
	"io"
	"net/http"
)

// limitBody answers 413 to bodies over MaxWebhook. Connect would answer 429,
// which providers take for an invitation to send the same again.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > MaxWebhook {
			tooLarge(w)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, MaxWebhook+1))
		if err != nil {
			http.Error(w, `{"code":"unavailable","message":"the body ended too early"}`, http.StatusServiceUnavailable)
			return
		}
		if len(body) > MaxWebhook {
			tooLarge(w)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func tooLarge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusRequestEntityTooLarge)
	_, _ = io.WriteString(w, `{"code":"resource_exhausted","message":"a webhook has 1 MiB at most","details":[]}`)
}
