package server

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
)

// recovered has a panic outside of RPCs, which have their own, logged and so
// reported. Whoever asked is told that it was our fault, unless the answer has begun.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p) // a proxy's way to cut an answer off
			}
			log.ErrorContext(r.Context(), "panic", slog.String("method", r.Method), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			answer(w, http.StatusInternalServerError, "an internal error: it was logged")
		}()
		next.ServeHTTP(w, r)
	})
}
