// Command bench measures what an operation of Anteroom costs beside the bare
// work that is in it: a Connect echo, a committed row, a transaction of two.
//
// It starts the real program with a real LiveKit, on SQLite and on Postgres,
// and measures in short slices by turns, so that whatever else the machine does
// falls on both sides of a ratio.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type cli struct {
	Run       runCommand       `cmd:"" default:"withargs" help:"Measure, and print a table."`
	Reconcile reconcileCommand `cmd:"" help:"Measure what a reconcile costs while all is well."`
	Rest      restCommand      `cmd:"" help:"Measure a program with many rooms that nobody uses."`
	Echo      echoCommand      `cmd:"" hidden:"" help:"Serve the bare echo until standard input ends."`
	Held      heldCommand      `cmd:"" hidden:"" help:"Serve a Redis with people in it until standard input ends."`
}

func main() {
	time.Local = time.UTC // as the program does: SQLite compares times as text
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed := kong.Parse(&cli{},
		kong.Name("bench"), kong.Description("Measures Anteroom beside the bare work in it."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}
