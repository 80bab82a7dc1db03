package server

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// Media decides whether the caller in the context may have a file, and gives the
// headers with which it is fetched.
type Media func(ctx context.Context, key string) (http.Header, error)

// statuses are what plain HTTP says of a fault; a reverse proxy passes 401 and
// 403 on, and takes all else for its own trouble.
var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusNotFound, fault.Unauthenticated: http.StatusUnauthorized, fault.Denied: http.StatusForbidden,
	fault.NotFound: http.StatusNotFound, fault.Precondition: http.StatusNotFound, fault.Unavailable: http.StatusServiceUnavailable,
}

func refuse(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	f, ok := fault.Of(err)
	if status, known := statuses[fault.KindOf(err)]; ok && known {
		answer(w, status, f.Message)
		return
	}
	log.ErrorContext(r.Context(), "internal error", slog.String("path", r.Pattern), slog.Any("error", err))
	answer(w, http.StatusInternalServerError, "internal error")
}

// forwardAuth answers a reverse proxy that asks whether a visitor may have a
// file: with 200 and the headers to fetch it with, or with 401, 403 or 404. Which
// file it is stands in the proxy's header, or in the path itself where there is none.
func forwardAuth(log *slog.Logger, authenticator *auth.Authenticator, media Media) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p, err := authenticator.Authenticate(r.Context(), r.Header.Get("Authorization"))
		if err == nil {
			err = mayAsk(p)
		}
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		key, err := mediaKey(r)
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		headers, err := media(auth.With(r.Context(), p), key)
		if err != nil {
			refuse(w, r, log, err)
			return
		}
		for name, values := range headers {
			w.Header()[name] = values
		}
		w.WriteHeader(http.StatusOK)
	}
}

func mayAsk(p auth.Principal) error {
	switch {
	case !p.SignedIn():
		return auth.ErrSignInRequired
	case p.Application() && !slices.Contains(p.Scopes, string(access.RecordingsFiles)):
		return auth.ErrScope.With("scope", string(access.RecordingsFiles))
	}
	return nil
}

func mediaKey(r *http.Request) (string, error) {
	for _, name := range storage.Originals {
		if r.Header.Values(name) != nil {
			return storage.MediaKey(r.Header, storage.MediaPath)
		}
	}
	return storage.ParseMediaURL(r.URL.EscapedPath(), storage.MediaPath)
}
