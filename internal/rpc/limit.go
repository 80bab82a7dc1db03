package rpc

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"connectrpc.com/connect"

	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	errTooLarge = fault.New(fault.Invalid, "webhook_too_large", "a webhook has 1 MiB at most")
	errCutShort = fault.New(fault.Unavailable, "webhook_cut_short", "the body ended too early: send it again")
)

// limitBody answers 413 to a provider's bodies over MaxWebhook. Connect would
// answer 429, which providers take for an invitation to send the same again.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if access.Calls(r.URL.Path) != access.Provider {
			next.ServeHTTP(w, r)
			return
		}
		if r.ContentLength > MaxWebhook {
			refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
			return
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, MaxWebhook+1))
		if err != nil {
			refuse(w, http.StatusServiceUnavailable, errCutShort)
			return
		}
		if len(body) > MaxWebhook {
			refuse(w, http.StatusRequestEntityTooLarge, errTooLarge)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// refuse answers in Connect's form with a status that Connect does not give.
func refuse(w http.ResponseWriter, status int, f *fault.Error) {
	type detail struct {
		Type  string            `json:"type"`
		Debug map[string]string `json:"debug"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Connection", "close")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Code    connect.Code `json:"code"`
		Message string       `json:"message"`
		Details []detail     `json:"details"`
	}{codes[f.Kind], f.Message, []detail{{"google.rpc.ErrorInfo", map[string]string{"reason": f.Reason, "domain": domain}}}})
}
