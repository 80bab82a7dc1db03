package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/ent/pin"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// restCommand is `bench rest`: what a program that nobody uses needs.
type restCommand struct {
	Database []string      `help:"Which databases." default:"sqlite,postgres" enum:"sqlite,postgres"`
	Rooms    int           `help:"How many rooms there are." default:"100000"`
	For      time.Duration `help:"How long it is watched." default:"20s"`
	Program  string        `help:"The anteroom to measure." type:"existingfile" required:"" placeholder:"PATH"`
}

// Run prints a line for each database.
func (c *restCommand) Run(ctx context.Context) error {
	for _, name := range c.Database {
		if err := c.measure(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (c *restCommand) measure(ctx context.Context, name string) (err error) {
	folder, err := os.MkdirTemp("", "anteroom-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	url := "sqlite:" + filepath.Join(folder, "anteroom.db")
	if name == "postgres" {
		server, err := dbtest.StartPostgres(ctx, dbtest.Options{})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		url = server.URL("postgres")
	}
	say("%s: making %d rooms…", name, c.Rooms)
	if err := c.fill(ctx, url); err != nil {
		return err
	}
	var ready programReady
	program, err := startChild(ctx, &ready, c.Program, "dev", "--json", "--data", filepath.Join(folder, "data"),
		"--listen", "127.0.0.1:0", "--database-url", url)
	if err != nil {
		return err
	}
	defer program.stop()
	return c.watch(ctx, name, program.pid())
}

// watch lets the program be, and reads what it used meanwhile.
func (c *restCommand) watch(ctx context.Context, name string, pid int) error {
	before, err := processClock(pid)()
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(c.For):
	}
	after, err1 := processClock(pid)()
	memory, err2 := resident(pid)
	fmt.Printf("%s: with %d rooms and nobody there, %d MB resident (wanted: at most 100) and %.1f ms of CPU a second\n",
		name, c.Rooms, memory>>20, milliseconds(after-before)/c.For.Seconds())
	return errors.Join(err1, err2)
}

// resident reads VmRSS of /proc/PID/status (proc(5)), in bytes.
func resident(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "VmRSS:" {
			kilobytes, err := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("the kernel does not say how much memory a process uses")
}

// fill makes rooms as CreateRoom does: each with an owner and a PIN.
func (c *restCommand) fill(ctx context.Context, url string) (err error) {
	d, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	now := time.Now()
	owner, err := d.User.Create().SetIssuer("bench").SetSubject("owner").SetFirstSeenTime(now).SetUpdateTime(now).Save(ctx)
	if err != nil {
		return err
	}
	const batch = 1000
	for first := 0; first < c.Rooms; first += batch {
		if err := d.InTx(ctx, func(tx *db.Tx) error { return fillRooms(ctx, tx, owner.ID, first, min(batch, c.Rooms-first)) }); err != nil {
			return err
		}
	}
	return nil
}

func fillRooms(ctx context.Context, tx *db.Tx, owner uuid.UUID, first, n int) error {
	var rooms, accesses, pins [][]any
	now := time.Now()
	for i := first; i < first+n; i++ {
		id := uuid.Must(uuid.NewV7())
		rooms = append(rooms, []any{id, fmt.Sprint("room-number-", i), fmt.Sprint("Room number ", i), "public", `{"dial_in":true}`, "livekit", owner, now, now})
		accesses = append(accesses, []any{uuid.Must(uuid.NewV7()), id, owner, "owner", now})
		pins = append(pins, []any{uuid.Must(uuid.NewV7()), id, "default", fmt.Sprintf("%010d", i), now})
	}
	for _, table := range []struct {
		db.Rows
		rows [][]any
	}{
		{db.Rows{Table: entroom.Table, Columns: []string{
			entroom.FieldID, entroom.FieldSlug, entroom.FieldName, entroom.FieldAccessLevel, entroom.FieldSettings,
			entroom.FieldProvider, entroom.FieldCreatorID, entroom.FieldCreateTime, entroom.FieldUpdateTime,
		}}, rooms},
		{db.Rows{Table: access.Table, Columns: []string{
			access.FieldID, access.FieldRoomID, access.FieldUserID, access.FieldRole, access.FieldCreateTime,
		}}, accesses},
		{db.Rows{Table: pin.Table, Columns: []string{
			pin.FieldID, pin.FieldRoomID, pin.FieldPinSpace, pin.FieldDigits, pin.FieldCreateTime,
		}}, pins},
	} {
		table.Conflict = "DO NOTHING"
		if _, err := tx.InsertRows(ctx, table.Rows, table.rows); err != nil {
			return err
		}
	}
	return nil
}
