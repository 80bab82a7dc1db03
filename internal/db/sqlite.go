package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strings"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/gofrs/flock"
	"modernc.org/sqlite"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// openSQLite opens one connection that writes and a pool that only reads:
// SQLite has one writer at a time anyway, and with its write-ahead log readers
// never wait for it, not even for its flush to the disk.
func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := createPrivately(path); err != nil {
		return nil, fmt.Errorf("create the database file: %w", err)
	}
	writer, err := sqlitePool(path, 1, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"},
	})
	if err != nil {
		return nil, err
	}
	reader, err := sqlitePool(path, 2+runtime.GOMAXPROCS(0), url.Values{
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(5000)"},
	})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	d := &DB{
		Client: ent.NewClient(ent.Driver(&readWriteSplit{
			Driver: entsql.OpenDB(dialect.SQLite, writer),
			reader: entsql.OpenDB(dialect.SQLite, reader),
		})),
		SQL:     writer,
		Dialect: dialect.SQLite,
		reader:  reader,
		path:    path,
	}
	return d.reachable(ctx)
}

// ErrInUse says that another process works on an SQLite file.
var ErrInUse = fault.New(fault.Precondition, "database_in_use",
	"another Anteroom runs on this SQLite file: end that one first; several at once need Postgres")

// Claim takes an SQLite file for this process, until it gives it back or ends: what
// one process began, a second would take for left behind. On Postgres, where there
// may be several, it does nothing.
func (d *DB) Claim() (giveBack func(), err error) {
	if d.IsPostgres() {
		return func() {}, nil
	}
	lock := flock.New(d.path+".lock", flock.SetPermissions(0o600))
	ours, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("lock the database file: %w", err)
	case !ours:
		return nil, ErrInUse
	}
	return func() { _ = lock.Unlock() }, nil
}

// createPrivately makes the file, if there is none, for our eyes only: it will
// hold PINs. SQLite gives its log the same mode.
func createPrivately(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

func sqlitePool(path string, conns int, params url.Values) (*sql.DB, error) {
	params.Set("_time_format", "sqlite")
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + params.Encode()
	inner, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, fmt.Errorf("open the database file: %w", err)
	}
	pool := openPool(&connector{Connector: inner, size: statementCacheSize, finalize: true}, "sqlite")
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return pool, nil
}

// readWriteSplit is Ent's driver on SQLite outside of transactions: a SELECT
// goes to the readers, all else, INSERT … RETURNING too, to the writer.
type readWriteSplit struct {
	*entsql.Driver
	reader *entsql.Driver
}

// Query implements dialect.Driver.
func (d *readWriteSplit) Query(ctx context.Context, query string, args, v any) error {
	if strings.HasPrefix(query, "SELECT ") {
		return d.reader.Query(ctx, query, args, v)
	}
	return d.Driver.Query(ctx, query, args, v)
}
