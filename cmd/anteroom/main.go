// Command anteroom is the control plane for meeting rooms.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // days begin at midnight somewhere, also where the system knows no time zones

	"github.com/alecthomas/kong"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// version is set when the program is built.
var version = "unknown"

// cli is the command line.
type cli struct {
	Version kong.VersionFlag `help:"Print the version and end."`
	File    string           `name:"config" help:"File of settings, YAML: each under its flag's name." env:"ANTEROOM_CONFIG" placeholder:"FILE"`

	Serve     serveCommand     `cmd:"" help:"Run Anteroom in production, beside an existing LiveKit."`
	Dev       devCommand       `cmd:"" help:"Run everything on this machine for trying out and development: LiveKit, its Redis, SQLite and the console."`
	Config    configCommand    `cmd:"" help:"List all settings, or check them."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database up to date, or back."`
	Doctor    doctorCommand    `cmd:"" help:"Look at all that Anteroom needs, and say what is wrong and what to do."`
	Reconcile reconcileCommand `cmd:"" help:"Ask LiveKit once what is true, mend what no webhook told, and say what that was."`
	Storage   storageCommand   `cmd:"" help:"Look after the files of recordings."`
	APIKey    apiKeyCommand    `cmd:"" name:"apikey" help:"Make, list and revoke the keys by which internal tools call the API."`
}

func main() {
	// River writes local times on SQLite, so local must be UTC before anything
	// looks at a clock.
	time.Local = time.UTC //nolint:gosmopolitan // see above
	collectLess()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := command(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "anteroom:", err)
		os.Exit(exitCode(err))
	}
}

// exitCode is 1 for an error of ours that does not say another.
func exitCode(err error) int {
	var coded interface{ exitCode() int }
	if errors.As(err, &coded) {
		return coded.exitCode()
	}
	return 1
}

// collectLess trades memory for time: what lives is small here and what is made
// for each request is much, so collecting at twice the living heap is often.
// GOGC says otherwise.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// logTo writes a log for people to read.
func logTo(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelWarn
	if verbose {
		level = slog.LevelInfo
	}
	return slog.New(telemetry.NewHandler(w, false, level))
}

// command runs one command line until it ends or ctx is done.
func command(ctx context.Context, args []string, change ...func(*cli)) error {
	var c cli
	s := newSettings()
	parser, err := newParser(ctx, &c, s)
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return fmt.Errorf("%w (see anteroom --help)", err)
	}
	if err := s.check(parsed); err != nil {
		return err
	}
	for _, f := range change {
		f(&c)
	}
	if err := parsed.Run(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

func newParser(ctx context.Context, c *cli, s *settings) (*kong.Kong, error) {
	return kong.New(c, append(s.options(),
		kong.Name("anteroom"), kong.Description("The control plane for meeting rooms."),
		kong.Vars{"version": version}, kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)...)
}
