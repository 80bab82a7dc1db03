//go:build !console

package console

import "io/fs"

// files is nothing: this build has no console.
func files() fs.FS { return nil }
