package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// migrateCommand is `anteroom migrate`.
type migrateCommand struct {
	Up     migrateUpCommand     `cmd:"" help:"Bring the database up to date."`
	Status migrateStatusCommand `cmd:"" help:"List the migrations; the exit code is 1 when some are pending."`
	Down   migrateDownCommand   `cmd:"" help:"Take the last migrations back."`
}

// migrateUpCommand is `anteroom migrate up`.
type migrateUpCommand struct {
	databaseFlags `embed:""`
	Wait          time.Duration `help:"How long to wait for a database that does not answer." default:"1m" placeholder:"DURATION"`
}

// Help shows how it is used.
func (migrateUpCommand) Help() string {
	return `Examples:
  anteroom migrate up --database-url postgres://anteroom@db/anteroom
  anteroom migrate up --config /etc/anteroom.yaml     the database of anteroom serve

Any number of these may run at the same time on one Postgres; one works and the others wait. Anteroom may
run meanwhile, unless the release notes say otherwise. Make a backup first. A database that does not answer
is waited for, up to --wait.`
}

// Run migrates.
func (c *migrateUpCommand) Run(ctx context.Context) error {
	d, err := awaitDatabase(ctx, c.DatabaseURL, c.Wait)
	if err != nil {
		return err
	}
	return errors.Join(c.migrate(ctx, d), d.Close())
}

func (c *migrateUpCommand) migrate(ctx context.Context, d *db.DB) error {
	n := 0
	err := d.MigrateUp(ctx, func(m db.Migration) {
		n++
		printStep(os.Stdout, "up", m)
	})
	if db.IsReadOnly(err) {
		return databaseIsRead.because(err)
	}
	if err == nil {
		_, err = fmt.Printf("the database is up to date; %d migrations were applied\n", n)
	}
	return err
}

// migrateStatusCommand is `anteroom migrate status`.
type migrateStatusCommand struct {
	databaseFlags `embed:""`
	JSON          bool `name:"json" help:"Print one line of JSON."`
}

// Help shows how it is used.
func (migrateStatusCommand) Help() string {
	return `Examples:
  anteroom migrate status                  with the settings of the environment
  anteroom migrate status --json           for scripts`
}

// Run lists migrations.
func (c *migrateStatusCommand) Run(ctx context.Context) error {
	return c.with(ctx, func(d *db.DB) error {
		all, err := d.Migrations(ctx)
		if err == nil {
			err = c.print(os.Stdout, all)
		}
		if err != nil {
			return err
		}
		return d.Migrated(ctx)
	})
}

// migrationStatus is one migration in JSON.
type migrationStatus struct {
	Name      string     `json:"name"`
	Applied   bool       `json:"applied"`
	ApplyTime *time.Time `json:"apply_time,omitempty"`
}

func (c *migrateStatusCommand) print(w io.Writer, all []db.Migration) error {
	statuses := make([]migrationStatus, 0, len(all))
	for _, m := range all {
		s := migrationStatus{Name: m.Name, Applied: m.Applied}
		if !m.ApplyTime.IsZero() {
			s.ApplyTime = &m.ApplyTime
		}
		statuses = append(statuses, s)
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(struct {
			Migrations []migrationStatus `json:"migrations"`
		}{statuses})
	}
	for _, s := range statuses {
		state := "pending"
		if s.Applied {
			state = "applied"
		}
		if s.ApplyTime != nil {
			state += " " + s.ApplyTime.Format(time.RFC3339)
		}
		if _, err := fmt.Fprintf(w, "%-36s %s\n", s.Name, state); err != nil {
			return err
		}
	}
	return nil
}

// migrateDownCommand is `anteroom migrate down`.
type migrateDownCommand struct {
	databaseFlags `embed:""`
	Steps         int  `help:"How many migrations to take back." default:"1" placeholder:"N"`
	Yes           bool `help:"Yes, what only these migrations have room for is to be lost."`
}

// Help shows how it is used.
func (migrateDownCommand) Help() string {
	return `Examples:
  anteroom migrate status                       shows which ones are the last
  anteroom migrate down --steps 2 --yes         takes the last two back

For the way back to an older release: stop all processes, take back what the newer release has added, and
start the older one. What only those migrations have room for is lost, so --yes is asked for. All else
stays. Make a backup first.`
}

// Run takes migrations back.
func (c *migrateDownCommand) Run(ctx context.Context) error {
	if !c.Yes {
		return errors.New("what only these migrations have room for would be lost: make a backup, stop all processes, then say --yes")
	}
	return c.with(ctx, func(d *db.DB) error {
		return d.MigrateDown(ctx, c.Steps, func(m db.Migration) { printStep(os.Stdout, "down", m) })
	})
}

func printStep(w io.Writer, direction string, m db.Migration) {
	_, _ = fmt.Fprintf(w, "%-4s %-36s %v\n", direction, m.Name, m.Took.Round(time.Millisecond))
}

// with opens the database for something.
func (f databaseFlags) with(ctx context.Context, do func(d *db.DB) error) error {
	d, err := openDatabase(ctx, f.DatabaseURL)
	if err != nil {
		return err
	}
	return errors.Join(do(d), d.Close())
}
