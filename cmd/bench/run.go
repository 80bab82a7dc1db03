package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// runCommand is `bench`.
type runCommand struct {
	Database    []string      `help:"Which databases." default:"sqlite,postgres" enum:"sqlite,postgres"`
	Connections []int         `help:"How many clients at once." default:"1,8,32"`
	Only        []string      `help:"Only these operations, and what they are compared with." placeholder:"NAME"`
	Slice       time.Duration `help:"How long one operation is measured at a time." default:"1s"`
	Rounds      int           `help:"How many slices each operation gets." default:"5"`
	Rooms       int           `help:"How many rooms there are." default:"200"`
	Rules       int           `help:"How many dispatch rules are waited for, one after the other." default:"20"`
	Watchers    int           `help:"How many watch one room at once; 0 leaves that out." default:"1000"`
	Telephony   bool          `help:"Whether the program has telephony." default:"true" negatable:""`
	Compression bool          `help:"Whether clients ask for compressed answers, as browsers do."`
	Program     string        `help:"The anteroom to measure; built from this module when not given." type:"existingfile" placeholder:"PATH"`
	JSON        string        `name:"json" help:"Also write the report as JSON." type:"path" placeholder:"FILE"`
}

// Run measures everything, then prints.
func (c *runCommand) Run(ctx context.Context) (err error) {
	if c.Slice <= 0 || c.Rounds < 1 || c.Rooms < 1 || slices.Min(c.Connections) < 1 {
		return errors.New("--slice, --rounds, --rooms and --connections must be above zero")
	}
	folder, err := os.MkdirTemp("", "anteroom-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := c.build(ctx, folder); err != nil {
		return err
	}
	r := newReport(c)
	for _, name := range c.Database {
		if err := c.measure(ctx, name, filepath.Join(folder, name), r); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	r.finish()
	if err := r.print(os.Stdout); err != nil {
		return err
	}
	return r.write(c.JSON)
}

// build makes the program as it is in the working tree.
func (c *runCommand) build(ctx context.Context, folder string) error {
	if c.Program != "" {
		return nil
	}
	say("building anteroom…")
	c.Program = filepath.Join(folder, "anteroom")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", c.Program, "./cmd/anteroom")
	build.Stderr = os.Stderr
	return build.Run()
}

// measure runs all operations on one database.
func (c *runCommand) measure(ctx context.Context, name, folder string, r *report) (err error) {
	say("%s: starting…", name)
	b, err := startBench(ctx, c, name, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	operations := b.operations(c.Only)
	for _, connections := range c.Connections {
		cells, err := b.rounds(ctx, operations, connections)
		if err != nil {
			return err
		}
		r.Cells = append(r.Cells, cells...)
	}
	if c.Watchers > 0 && (len(c.Only) == 0 || slices.Contains(c.Only, nameFanOut)) {
		f, err := b.fanOut(ctx, c.Watchers)
		if err != nil {
			return err
		}
		r.FanOuts = append(r.FanOuts, f)
	}
	if !c.Telephony || c.Rules == 0 {
		return nil
	}
	t, err := b.ruleTimes(ctx, c.Rules)
	r.Rules = append(r.Rules, t)
	return err
}

// say tells a person how far it is; the report alone is on standard output.
func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stderr, format+"\n", args...) }

func machine() string {
	return fmt.Sprintf("%d cores, %s/%s, %s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
}
