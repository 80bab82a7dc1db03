package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrPending says that this program needs migrations that the database lacks.
var ErrPending = fault.New(fault.Precondition, "migrations_pending", "migrations are pending: run `anteroom migrate up`")

// jobQueue is what the migrations of the job queue's tables are called together.
const jobQueue = "job queue"

// Migration is one step of the schema.
type Migration struct {
	Name      string
	Applied   bool
	ApplyTime time.Time     // zero while it is not applied, and for the job queue
	Took      time.Duration // to apply, or to take back, just now
}

func nameOf(s *goose.Source) string { return strings.TrimSuffix(path.Base(s.Path), ".sql") }

// Migrations are all that there are, in order; the last is the job queue. On a
// database that a newer Anteroom has migrated it fails with ErrNewer.
func (d *DB) Migrations(ctx context.Context) ([]Migration, error) {
	tables, err := d.goose()
	if err != nil {
		return nil, err
	}
	current, target, err := tables.GetVersions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which migrations are applied: %w", err)
	}
	if current > target {
		return nil, ErrNewer
	}
	statuses, err := tables.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which migrations are applied: %w", err)
	}
	var all []Migration
	for _, s := range statuses {
		all = append(all, Migration{Name: nameOf(s.Source), Applied: s.State == goose.StateApplied, ApplyTime: s.AppliedAt.UTC()})
	}
	complete, err := d.jobQueueIsComplete(ctx)
	return append(all, Migration{Name: jobQueue, Applied: complete}), err
}

func (d *DB) jobQueueIsComplete(ctx context.Context) (bool, error) {
	driver := d.river()
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return false, err
	}
	newer, err := isRiverNewer(ctx, driver, migrator)
	if err != nil {
		return false, err
	}
	if newer {
		return false, ErrNewer
	}
	exists, err := driver.GetExecutor().TableExists(ctx, &riverdriver.TableExistsParams{Table: "river_migration"})
	if err != nil || !exists {
		return false, err
	}
	result, err := migrator.Validate(ctx)
	return err == nil && result.OK, err
}

// Migrated fails with ErrPending or ErrNewer when this program cannot work with
// the database as it is.
func (d *DB) Migrated(ctx context.Context) error {
	all, err := d.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Applied {
			return ErrPending
		}
	}
	return nil
}

// MigrateDown takes the last migrations of Anteroom's tables back, and with them
// what only they have room for; it tells of each, unless told is nil. The job
// queue's tables stay. None of our programs may run meanwhile.
func (d *DB) MigrateDown(ctx context.Context, steps int, told func(Migration)) error {
	return d.alone(ctx, func() error {
		return d.unbound(ctx, func() error {
			for range steps {
				m, err := d.downOne(ctx)
				if err != nil || m.Name == "" {
					return err
				}
				if told != nil {
					told(m)
				}
			}
			return nil
		})
	})
}

// downOne takes the last migration back; none has no name.
func (d *DB) downOne(ctx context.Context) (Migration, error) {
	tables, err := d.goose()
	if err != nil {
		return Migration{}, err
	}
	current, target, err := tables.GetVersions(ctx)
	switch {
	case err != nil:
		return Migration{}, err
	case current > target:
		return Migration{}, ErrNewer
	case current == 0:
		return Migration{}, nil
	}
	done, err := tables.Down(ctx)
	if err != nil {
		return Migration{}, fmt.Errorf("take a migration back: %w", err)
	}
	return Migration{Name: nameOf(done.Source), Took: done.Duration}, nil
}

// unbound runs f while SQLite does not mind foreign keys: it would not let a table
// go before those that refer to it, whatever becomes of them. There is one
// connection that writes, so that f has the one that is told. Postgres has no need.
func (d *DB) unbound(ctx context.Context, f func() error) error {
	if d.IsPostgres() {
		return f()
	}
	if _, err := d.SQL.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return err
	}
	err := f()
	_, bindErr := d.SQL.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = ON")
	return errors.Join(err, bindErr)
}
