package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// storageCommand is `anteroom storage`.
type storageCommand struct {
	Audit auditCommand `cmd:"" help:"Compare the store with the database: files without a row, and rows without a file."`
}

// auditCommand is `anteroom storage audit`.
type auditCommand struct {
	Data        string        `help:"Data folder of an anteroom dev: its database and its recordings, where nothing else is said." type:"path" placeholder:"DIR"`
	DatabaseURL string        `help:"The database: postgres://… or sqlite:PATH." env:"ANTEROOM_DATABASE_URL" placeholder:"URL" secret:""`
	Grace       time.Duration `help:"What is younger is left out: it may still be being written." default:"1h" placeholder:"DURATION"`
	JSON        bool          `name:"json" help:"Print a line of JSON for each thing found, and one with the numbers at the end."`
	Quiet       bool          `short:"q" help:"Do not say on standard error how far it is."`

	storeFlags `embed:""`
}

// Help shows how it is used.
func (auditCommand) Help() string {
	return `Examples:
  anteroom storage audit --data data             the recordings of an anteroom dev in ./data
  anteroom storage audit --database-url postgres://… --storage-url 's3://bucket?region=eu-west-3'
  anteroom storage audit --json -q               with the settings of the environment, for scripts

It changes nothing and may run beside Anteroom, on SQLite too. A file without a row is what a crash or
somebody's hand left in the store, or another program's: whoever knows that nobody wants it may delete it. A row
without a file is a recording that cannot be played any more. Files of recordings that are being made
are left out, and what is younger than --grace.

The exit code is 0 when all is well, 3 when something was found, and 1 when not all could be looked at.`
}

// foundError makes the exit code of an audit that found something.
type foundError struct{ n int }

// Error says how many.
func (e foundError) Error() string {
	return fmt.Sprintf("the store and the database differ in %d files", e.n)
}

// exitCode tells scripts what was found from what went wrong.
func (foundError) exitCode() int { return 3 }

// Run looks once.
func (c *auditCommand) Run(ctx context.Context) (err error) {
	config, err := c.config()
	if err != nil {
		return err
	}
	d, err := openMigrated(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	store, err := storage.Open(ctx, config)
	if err != nil {
		return fmt.Errorf("open the store of the recordings: %w", err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return c.audit(ctx, d, store, config.Clock, os.Stdout, os.Stderr)
}

func (c *auditCommand) audit(ctx context.Context, d *db.DB, store storage.Store, clock clockwork.Clock, out, progress io.Writer) error {
	a := recording.Audit{DB: d, Store: store, Before: clock.Now().Add(-c.Grace), Found: func(m recording.Mismatch) error { return c.print(out, m) }}
	if !c.Quiet {
		a.Progress = func(done recording.Audited) {
			_, _ = fmt.Fprintf(progress, "looked at %d files and %d rows…\n", done.Files, done.Rows)
		}
	}
	done, err := a.Run(ctx)
	if err != nil {
		return err
	}
	if err := c.printEnd(out, done); err != nil {
		return err
	}
	if n := done.FilesWithoutRow + done.RowsWithoutFile; n > 0 {
		return foundError{n}
	}
	return nil
}

func (c *auditCommand) config() (storage.Config, error) {
	if c.Data != "" {
		if err := c.readFolder(); err != nil {
			return storage.Config{}, err
		}
	}
	switch {
	case c.DatabaseURL == "":
		return storage.Config{}, errors.New("which database? Say --database-url, or --data for that of anteroom dev")
	case c.StorageURL == "":
		return storage.Config{}, errors.New("which store? Say --storage-url, or --data for that of anteroom dev")
	}
	place, err := storage.PlaceOf(c.StorageURL)
	if err != nil {
		return storage.Config{}, err
	}
	if _, err := os.Stat(place.Folder); place.Folder != "" && err != nil { // opened, it would be made
		return storage.Config{}, fmt.Errorf("there is no store: %w", err)
	}
	config, err := c.store()
	config.Clock = clockwork.NewRealClock()
	return config, err
}

// readFolder takes from the data folder what is not said.
func (c *auditCommand) readFolder() error {
	if c.DatabaseURL == "" {
		if _, err := os.Stat(databaseIn(c.Data)); err != nil {
			return fmt.Errorf("%s has no database: say --database-url as anteroom dev was told", c.Data)
		}
		c.DatabaseURL = "sqlite:" + databaseIn(c.Data)
	}
	if c.StorageURL == "" {
		c.StorageURL = recordingsIn(c.Data)
	}
	return nil
}

// recordingsIn is the store in a data folder.
func recordingsIn(folder string) string {
	return (&url.URL{Scheme: "file", Path: filepath.Join(folder, "recordings")}).String()
}

// mismatch is a line of JSON.
type mismatch struct {
	Kind      string    `json:"kind"` // file_without_row or row_without_file
	Key       string    `json:"key"`
	Recording string    `json:"recording,omitempty"`
	Size      int64     `json:"size,omitempty"`
	Time      time.Time `json:"time"`
}

func (c *auditCommand) print(w io.Writer, m recording.Mismatch) error {
	f := mismatch{Kind: "row_without_file", Key: m.Key, Size: m.Size, Time: m.Time}
	if m.File {
		f.Kind = "file_without_row"
	}
	if m.Recording != uuid.Nil {
		f.Recording = m.Recording.String()
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(f)
	}
	_, err := fmt.Fprintf(w, "%s  %s  %q\n", f.Kind, f.Time.Format(time.RFC3339), f.Key)
	return err
}

func (c *auditCommand) printEnd(w io.Writer, done recording.Audited) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(struct {
			Kind            string `json:"kind"`
			Files           int    `json:"files"`
			Rows            int    `json:"rows"`
			FilesWithoutRow int    `json:"files_without_row"`
			RowsWithoutFile int    `json:"rows_without_file"`
		}{"summary", done.Files, done.Rows, done.FilesWithoutRow, done.RowsWithoutFile})
	}
	_, err := fmt.Fprintf(w, "%d files, %d rows: %d files without a row, %d rows without a file\n",
		done.Files, done.Rows, done.FilesWithoutRow, done.RowsWithoutFile)
	return err
}
