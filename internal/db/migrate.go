package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/anteroom-dev/anteroom/ent/migrate/migrations"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrNewer says that a later release of the program has migrated this database.
var ErrNewer = fault.New(fault.Precondition, "database_newer",
	"the database was migrated by a newer Anteroom: run that release, or restore a backup made before it")

// migrationLock is the Postgres advisory lock that migrations run under. The
// number means nothing and must never change.
const migrationLock = 4_265_110_733

// migrationLockPoll is how often a process asks whether the other one is done.
const migrationLockPoll = 100 * time.Millisecond

// Migrate brings the schema up to date: Anteroom's tables, then the job
// queue's. Any number of processes may do so at the same time on one Postgres.
func (d *DB) Migrate(ctx context.Context) error { return d.MigrateUp(ctx, nil) }

// MigrateUp is Migrate, and tells of each migration of Anteroom's tables when it
// is done, unless told is nil.
func (d *DB) MigrateUp(ctx context.Context, told func(Migration)) error {
	return d.alone(ctx, func() error {
		if err := d.migrateTables(ctx, told); err != nil {
			return fmt.Errorf("migrate the tables: %w", err)
		}
		if err := d.migrateJobs(ctx); err != nil {
			return fmt.Errorf("migrate the job queue: %w", err)
		}
		return nil
	})
}

func (d *DB) migrateTables(ctx context.Context, told func(Migration)) error {
	tables, err := d.goose()
	if err != nil {
		return err
	}
	current, target, err := tables.GetVersions(ctx)
	if err != nil {
		return err
	}
	if current > target {
		return ErrNewer
	}
	for {
		done, err := tables.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return err
		}
		if told != nil {
			told(Migration{Name: nameOf(done.Source), Applied: true, Took: done.Duration})
		}
	}
}

func (d *DB) goose() (*goose.Provider, error) {
	name, folder := goose.DialectSQLite3, "sqlite"
	if d.IsPostgres() {
		name, folder = goose.DialectPostgres, "postgres"
	}
	files, err := fs.Sub(migrations.FS, folder)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(name, d.SQL, files,
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}

func (d *DB) migrateJobs(ctx context.Context) error {
	if err := migrateRiver(ctx, d.river()); err != nil || !d.IsPostgres() {
		return err
	}
	// Nobody here looks for jobs by what is in them, and these cost more to
	// write than all the rest of a job.
	_, err := d.SQL.ExecContext(ctx, "DROP INDEX IF EXISTS river_job_args_index, river_job_metadata_index")
	return err
}

// river is how the job queue's migrations reach this database.
func (d *DB) river() riverdriver.Driver[*sql.Tx] {
	if d.IsPostgres() {
		return riverdatabasesql.New(d.SQL)
	}
	return riversqlite.New(d.SQL)
}

func migrateRiver(ctx context.Context, driver riverdriver.Driver[*sql.Tx]) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if newer, err := isRiverNewer(ctx, driver, migrator); err != nil || newer {
		return cmp.Or(err, error(ErrNewer))
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// isRiverNewer is whether there are versions that this River does not know;
// it would pass over them.
func isRiverNewer(ctx context.Context, driver riverdriver.Driver[*sql.Tx], m *rivermigrate.Migrator[*sql.Tx]) (bool, error) {
	exec := driver.GetExecutor()
	exists, err := exec.TableExists(ctx, &riverdriver.TableExistsParams{Table: "river_migration"})
	if err != nil || !exists {
		return false, err
	}
	applied, err := exec.MigrationGetByLine(ctx, &riverdriver.MigrationGetByLineParams{Line: riverdriver.MigrationLineMain})
	if err != nil || len(applied) == 0 {
		return false, err
	}
	known := m.AllVersions()
	return applied[len(applied)-1].Version > known[len(known)-1].Version, nil
}

// alone runs f while no other process on this Postgres does. It asks for the
// lock again and again instead of waiting in the database, because a waiting
// statement would hold up a CREATE INDEX CONCURRENTLY of the lock's holder.
func (d *DB) alone(ctx context.Context, f func() error) error {
	if !d.IsPostgres() {
		return f()
	}
	conn, err := d.SQL.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if err := acquire(ctx, conn); err != nil {
		return fmt.Errorf("wait for another process that migrates: %w", err)
	}
	defer release(ctx, conn)
	return f()
}

func acquire(ctx context.Context, conn *sql.Conn) error {
	tick := time.NewTicker(migrationLockPoll)
	defer tick.Stop()
	for {
		var held bool
		err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&held)
		if err != nil || held {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// release gives the lock back. If that fails the connection is broken, and
// with it the lock is gone.
func release(ctx context.Context, conn *sql.Conn) {
	_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
}
