// Command migrategen writes the migration that brings both databases from the
// newest migration there is to ent/schema:
//
//	go run ./internal/db/migrategen NAME           one more migration
//	go run ./internal/db/migrategen -fresh NAME    a single one instead of all
//
// It runs in the module's root, against a private Postgres and a new SQLite
// file. Read what it wrote: it knows shapes, not data.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"ariga.io/atlas/sql/migrate"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

const migrationsFolder = "ent/migrate/migrations"

var validName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func main() {
	fresh := flag.Bool("fresh", false, "replace all migrations by one (never once one is released)")
	flag.Parse()
	if flag.NArg() != 1 || !validName.MatchString(flag.Arg(0)) {
		fmt.Fprintln(os.Stderr, "usage: migrategen [-fresh] NAME   (lower case, digits and _)")
		os.Exit(2)
	}
	if err := run(context.Background(), flag.Arg(0), *fresh); err != nil {
		fmt.Fprintln(os.Stderr, "migrategen:", err)
		os.Exit(1)
	}
}

// run gives the migrations of both databases the same number, so that one name
// means the same step everywhere.
func run(ctx context.Context, name string, fresh bool) error {
	scratch, err := os.MkdirTemp("", "anteroom-migrate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	server, err := dbtest.StartPostgres(ctx, dbtest.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()

	version := time.Now().UTC().Format("20060102150405")
	urls := map[string]string{
		"postgres": server.URL("postgres"),
		"sqlite":   "sqlite:" + filepath.Join(scratch, "scratch.db"),
	}
	for folder, url := range urls {
		if err := write(ctx, filepath.Join(migrationsFolder, folder), url, version+"_"+name, fresh); err != nil {
			return fmt.Errorf("%s: %w", folder, err)
		}
	}
	return nil
}

func write(ctx context.Context, folder, url, name string, fresh bool) error {
	content, err := plan(ctx, url, fresh)
	if errors.Is(err, migrate.ErrNoPlan) {
		fmt.Println(folder + ": nothing to change")
		return nil
	}
	if err != nil {
		return err
	}
	if fresh {
		if err := removeAll(folder); err != nil {
			return err
		}
	}
	path := filepath.Join(folder, name+".sql")
	fmt.Println("wrote", path)
	return os.WriteFile(path, content, 0o644) //nolint:gosec // source text
}

func removeAll(folder string) error {
	old, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
