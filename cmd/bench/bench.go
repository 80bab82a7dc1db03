package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// bench is everything that runs while one database is measured.
type bench struct {
	command  *runCommand
	database string // "sqlite" or "postgres"
	program  *child
	echo     *child
	postgres *dbtest.Postgres // nil on SQLite
	ready    programReady
	echoURL  string
	bare     *bareDatabase
	jobs     *db.DB // the program's database, to see when its jobs are done
	rooms    []string
	slugs    []string
}

// programReady is the line that `anteroom dev --json` prints.
type programReady struct {
	URL              string `json:"url"`
	UserToken        string `json:"user_token"`
	LivekitURL       string `json:"livekit_url"`
	LivekitAPIKey    string `json:"livekit_api_key"`
	LivekitAPISecret string `json:"livekit_api_secret"`
}

func startBench(ctx context.Context, c *runCommand, database, folder string) (*bench, error) {
	b := &bench{command: c, database: database}
	if err := b.start(ctx, folder); err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

func (b *bench) start(ctx context.Context, folder string) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	ours, bare, err := b.urls(ctx, folder)
	if err != nil {
		return err
	}
	if err := b.startProgram(ctx, ours, folder); err != nil {
		return err
	}
	if err := b.startEcho(ctx); err != nil {
		return err
	}
	if b.jobs, err = db.Open(ctx, ours); err != nil {
		return err
	}
	if b.bare, err = openBare(ctx, bare); err != nil {
		return err
	}
	return b.makeRooms(ctx)
}

// urls names two databases on the same disk and the same server: the program's
// and the bare one.
func (b *bench) urls(ctx context.Context, folder string) (ours, bare string, err error) {
	if b.database == "sqlite" {
		return "sqlite:" + filepath.Join(folder, "anteroom.db"), "sqlite:" + filepath.Join(folder, "bare.db"), nil
	}
	if b.postgres, err = dbtest.StartPostgres(ctx, dbtest.Options{Durable: true}); err != nil {
		return "", "", err
	}
	admin, err := db.Open(ctx, b.postgres.URL("postgres"))
	if err != nil {
		return "", "", err
	}
	_, err1 := admin.SQL.ExecContext(ctx, "CREATE DATABASE anteroom")
	_, err2 := admin.SQL.ExecContext(ctx, "CREATE DATABASE bare")
	return b.postgres.URL("anteroom"), b.postgres.URL("bare"), errors.Join(err1, err2, admin.Close())
}

func (b *bench) startProgram(ctx context.Context, databaseURL, folder string) (err error) {
	args := []string{"dev", "--json", "--data", filepath.Join(folder, "data"), "--listen", "127.0.0.1:0", "--database-url", databaseURL}
	if !b.command.Telephony {
		args = append(args, "--no-telephony")
	}
	b.program, err = startChild(ctx, &b.ready, b.command.Program, args...)
	return err
}

func (b *bench) startEcho(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	var ready echoReady
	b.echo, err = startChild(ctx, &ready, self, "echo")
	b.echoURL = ready.URL
	return err
}

// stop ends everything that was started.
func (b *bench) stop() (err error) {
	if b.bare != nil {
		err = b.bare.Close()
	}
	if b.jobs != nil {
		err = errors.Join(err, b.jobs.Close())
	}
	for _, c := range []*child{b.echo, b.program} {
		if c != nil {
			c.stop()
		}
	}
	if b.postgres != nil {
		err = errors.Join(err, b.postgres.Stop())
	}
	return err
}

// databaseClock is Postgres'; SQLite works within its user.
func (b *bench) databaseClock() clock {
	if b.postgres == nil {
		return noClock
	}
	return familyClock(b.postgres.Pid())
}

// operations are all that is measured, each near what it is compared with.
func (b *bench) operations(only []string) []operation {
	inbox := b.newInbox()
	all := []operation{
		b.echoOperation(), b.joinOperation(nameJoin, b.ready.UserToken), b.joinOperation(nameJoinGuest, ""),
		b.pairOperation(), b.createOperation(),
		b.insertOperation(), inbox.firstOperation(), inbox.repeatedOperation(),
	}
	if len(only) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(o operation) bool { return !o.wanted(only, all) })
}

// wanted is whether an operation was asked for, is what one of those is
// compared with, or makes what the repeated webhooks repeat.
func (o operation) wanted(only []string, all []operation) bool {
	if slices.Contains(only, o.name) || o.name == nameFirst && slices.Contains(only, nameRepeated) {
		return true
	}
	return slices.ContainsFunc(all, func(other operation) bool {
		return other.base == o.name && slices.Contains(only, other.name)
	})
}

// The operations' names.
const (
	nameEcho      = "echo"
	nameJoin      = "join-room"
	nameJoinGuest = "join-room-guest"
	namePair      = "two-row-transaction"
	nameCreate    = "create-room"
	nameInsert    = "one-row-insert"
	nameFirst     = "receive-livekit-first"
	nameRepeated  = "receive-livekit-repeated"
)
