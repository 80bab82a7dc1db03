// Package ent holds the records that Anteroom keeps. ent/schema is written by
// hand, one file per table; everything else here is generated from it.
package ent

//go:generate go run -mod=mod entgo.io/ent/cmd/ent generate --feature sql/lock,sql/upsert,sql/modifier,sql/versioned-migration ./schema
