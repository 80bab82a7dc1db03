package server

import "net/http"

// MetricsPath is where the metrics are.
const MetricsPath = "/metrics"

// Apart takes a path out of a handler, to be served on another address: rest is
// all but that path, and alone is nothing else.
func Apart(path string, h http.Handler) (rest, alone http.Handler) {
	only := func(is bool) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if (r.URL.Path == path) == is {
				h.ServeHTTP(w, r)
				return
			}
			identified(http.NotFoundHandler()).ServeHTTP(w, r)
		})
	}
	return only(false), only(true)
}
