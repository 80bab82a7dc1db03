package server

import (
	"net/http"
	"net/url"
	"strings"

	connectcors "connectrpc.com/cors"
	"github.com/rs/cors"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrOrigin says that something is no origin of a web page.
var ErrOrigin = fault.New(fault.Invalid, "origin_invalid", "an origin is written as https://app.example.org, without a path, without *, and without the port that its scheme has anyway")

const (
	apiPath = "/anteroom.v1."
	// preflightAge is for how many seconds browsers need not ask again.
	preflightAge = 7200
)

// usualPorts are those that browsers leave out of an origin.
var usualPorts = map[string]string{"https": "443", "http": "80"}

// CheckOrigin sees that an origin is one, written as browsers write it.
func CheckOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" ||
		strings.HasSuffix(u.Host, ":") || u.Port() == usualPorts[u.Scheme] ||
		u.Scheme+"://"+u.Host != origin || strings.ToLower(origin) != origin || strings.ContainsAny(origin, "* ") {
		return ErrOrigin.With("origin", origin)
	}
	return nil
}

// crossOrigin lets scripts of pages elsewhere call the API, with a token of
// their own: cookies are never theirs to use.
func crossOrigin(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	api := cors.New(cors.Options{
		AllowedOrigins: origins, AllowedMethods: connectcors.AllowedMethods(),
		AllowedHeaders: append(connectcors.AllowedHeaders(), "Authorization"), ExposedHeaders: append(connectcors.ExposedHeaders(), requestID),
		MaxAge: preflightAge,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, apiPath) {
			api.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
