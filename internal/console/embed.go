//go:build console

package console

import (
	"embed"
	"io/fs"
	"net/http"
)

// What `npm run build` makes of web/.
//
//go:embed all:dist
var dist embed.FS

// Handler serves the console's pages and files. It answers 404 for any other
// path, with the console's own page where a person may have mistyped one.
func Handler() http.Handler {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the path is a constant
	}
	return handler(files)
}
