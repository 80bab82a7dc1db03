package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// openDatabase opens the database. What hinders is said in the words of the
// doctor and of docs/troubleshooting.md.
func openDatabase(ctx context.Context, url string) (*db.DB, error) {
	d, err := db.Open(ctx, url)
	switch {
	case err == nil || errors.Is(err, db.ErrURL) || errors.Is(err, context.Canceled):
		return d, err
	case db.IsAway(err):
		return nil, databaseIsAway.because(err)
	}
	return nil, databaseRefuses.because(err)
}

// awaitDatabase opens the database; for one that is away it waits so long.
func awaitDatabase(ctx context.Context, url string, within time.Duration) (d *db.DB, err error) {
	waiting, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	_ = whileAway(waiting, slog.Default(), func() error {
		d, err = openDatabase(ctx, url) // an attempt under way may end, so that what it says is known
		return err
	})
	return d, err
}

// openMigrated opens the database for those who do not bring it up to date.
func openMigrated(ctx context.Context, url string) (*db.DB, error) {
	d, err := openDatabase(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := d.Migrated(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// because is the symptom as an error.
func (s symptom) because(err error) error { return fmt.Errorf("%s: %w. %s", s.text, err, s.do) }
