//go:build !console

package console

import (
	"io"
	"net/http"
)

const absent = "This build of Anteroom has no console. Build it with `make build`.\n"

// Handler says that this build has no console: build with the tag "console",
// after `npm run build`, to have it.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, absent)
	})
}
