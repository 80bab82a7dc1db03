package main

import (
	"context"
	"errors"
	"fmt"

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
