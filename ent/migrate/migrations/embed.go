// Package migrations holds the versioned migrations of both databases. They
// are generated from ent/schema by `go run ./internal/db/migrategen NAME`, read
// by a person, and never changed once released.
package migrations

import "embed"

// FS has one folder for each database, in goose's format.
//
//go:embed postgres/*.sql sqlite/*.sql
var FS embed.FS
