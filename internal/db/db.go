// Package db opens the database, Postgres or SQLite, brings its schema up to
// date and runs transactions that Ent and jobs share.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrURL says that a database URL is of no kind that Open knows.
var ErrURL = fault.New(fault.Invalid, "database_url_invalid",
	"the database URL must look like postgres://user@host/name or sqlite:PATH")

// DB is an open database. The embedded client reads and writes outside of
// transactions; what belongs together goes through InTx.
type DB struct {
	*ent.Client
	SQL     *sql.DB // writes; on SQLite it is one connection
	Dialect string  // dialect.Postgres or dialect.SQLite

	reader *sql.DB // SQLite's pool of reading connections, else nil
	path   string  // SQLite's file
	plain  string  // Postgres' URL, for a connection that listens
}

// Open connects to the database that the URL names and sees that it answers.
//
// "postgres://…" takes all parameters of lib/pq and two of our own:
// statement_cache=off where a pooler in transaction mode stands in between,
// and pool_max_conns (20 when absent). "sqlite:PATH" creates the file when
// there is none; its folder must exist.
func Open(ctx context.Context, url string) (*DB, error) {
	scheme, path, _ := strings.Cut(url, ":")
	switch scheme {
	case "postgres", "postgresql":
		return openPostgres(ctx, url)
	case "sqlite":
		if path != "" {
			return openSQLite(ctx, path)
		}
	}
	return nil, ErrURL
}

// CheckURL sees that Open knows what to do with a URL. It connects to nobody.
func CheckURL(url string) error {
	scheme, path, _ := strings.Cut(url, ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		u, err := parsePostgresURL(url)
		if err == nil {
			_, err = u.connector()
		}
		return err
	case scheme == "sqlite" && path != "":
		return nil
	}
	return ErrURL
}

// Reader is for queries outside of transactions that are written out as text.
func (d *DB) Reader() *sql.DB {
	if d.reader != nil {
		return d.reader
	}
	return d.SQL
}

// Text writes a query for a dialect: placeholders are numbered ?1, ?2 and so on,
// as SQLite has them, and become Postgres' $1, $2. There is no other question
// mark in it.
func Text(name, query string) string {
	if name == dialect.Postgres {
		return strings.ReplaceAll(query, "?", "$")
	}
	return query
}

// Close closes every connection, the writing one last: SQLite then takes what
// is in its log into the file.
func (d *DB) Close() error {
	var err error
	if d.reader != nil {
		err = d.reader.Close()
	}
	return errors.Join(err, d.SQL.Close())
}

// Ping sees that the database answers. It ends with ctx, which the driver does not
// while it waits for a server that hangs.
func (d *DB) Ping(ctx context.Context) error {
	answered := make(chan error, 1)
	go func() { answered <- d.SQL.PingContext(ctx) }()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// IsPostgres is whether this is Postgres, else it is SQLite.
func (d *DB) IsPostgres() bool { return d.Dialect == dialect.Postgres }

// reachable pings a database that was just opened and closes it if that fails.
func (d *DB) reachable(ctx context.Context) (*DB, error) {
	err := d.Ping(ctx)
	if err == nil && d.reader != nil {
		err = d.reader.PingContext(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("reach the database: %w", errors.Join(err, d.Close()))
	}
	return d, nil
}
