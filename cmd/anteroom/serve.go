package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/server"
)

// serveCommand is `anteroom serve`.
type serveCommand struct {
	serveFlags `embed:""`
	Migrate    bool `help:"Bring the database up to date first. Without it, serve ends when migrations are pending." env:"ANTEROOM_MIGRATE" group:"Database"`

	verifiers []auth.Verifier
}

// Help shows how it is used.
func (serveCommand) Help() string {
	return `Examples:
  anteroom serve --config /etc/anteroom.yaml          settings from a file
  ANTEROOM_DATABASE_URL_FILE=/run/secrets/db anteroom serve
                                                      a secret from a file, all else from the environment
  anteroom serve --migrate                            one process, without a step of its own for migrations

A setting is taken from its flag, else from its variable in the environment, else from the file of
settings (--config), where it has the flag's name without dashes in front. Each secret can be in a file
of its own: --secret-file, ANTEROOM_SECRET_FILE, secret-file. All that is wrong is said at once.

It waits for a database and a LiveKit that are away. /healthz says that the process lives, /readyz
whether it can serve, and whom it waits for. SIGTERM: /readyz says no, requests are served for
--stop-delay more, then those that run may end, and jobs that run.`
}

// Run runs until ctx is done.
func (c *serveCommand) Run(ctx context.Context, parsed *kong.Context) error {
	handler, err := c.handler(os.Stderr)
	if err != nil {
		return err
	}
	log, stop, err := c.start(ctx, handler)
	if err != nil {
		return err
	}
	defer stop()
	config, _ := c.gather() // what is wrong was said
	config.Log, config.SignIn.OpenID.Log, config.Verifiers = log, log, c.verifiers
	for _, name := range notSettings(parsed.Model) {
		log.Warn("a variable of the environment is no setting", slog.String("variable", name))
	}
	s := &serving{config: config, migrate: c.Migrate, delay: c.StopDelay, standing: &standing{log: log}}
	s.gate = server.NewGate(s.standing.ready, s.standing.away)
	s.config.Ready = s.gate.Ready
	if c.TLSCert != "" {
		if s.certificate, err = server.OpenCertificate(c.TLSCert, c.TLSKey, log); err != nil {
			return fmt.Errorf("the TLS certificate cannot be read: %w; see --tls-cert and --tls-key", err)
		}
	}
	if c.LivekitSkipTLSVerify {
		log.Warn("DANGER: the certificate of LiveKit is not looked at (--livekit-skip-tls-verify); this is for development alone")
	}
	l, err := listen(c.Listen, "listen")
	if err != nil {
		return err
	}
	if c.MetricsListen != "" {
		if s.metrics, err = openMetrics(c.MetricsListen, s.standing); err != nil {
			return errors.Join(err, l.Close())
		}
	}
	defer s.endInTime(ctx)()
	return s.run(ctx, l)
}

// stopWithin is how long everything may take to end after --stop-delay: requests,
// jobs and what is closed after them.
const stopWithin = 30 * time.Second

// endInTime ends the process when it does not end by itself after ctx, as when a
// database hangs: jobs are begun anew by who runs them next. It gives what calls
// that off.
func (s *serving) endInTime(ctx context.Context) (ended func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		select {
		case <-done:
		case <-time.After(s.delay + stopWithin):
			s.config.Log.Error("cut off, as it did not end in time", slog.Duration("after", s.delay+stopWithin))
			os.Exit(1)
		}
	}()
	return func() { close(done) }
}

// serving is `anteroom serve` at work.
type serving struct {
	config      Config
	migrate     bool
	delay       time.Duration
	certificate *server.Certificate // nil for no TLS
	standing    *standing
	gate        *server.Gate
	metrics     *metricsDoor // nil where they are beside all else
}

// run serves from now on, at first only to say who is waited for, until ctx is
// done and those who have not heard of it have been served too.
func (s *serving) run(ctx context.Context, l net.Listener) error {
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	late, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	served := make(chan error, 1)
	go func() {
		err := server.ServeTLS(late, l, s.gate, s.config.Log, s.certificate)
		abort(err)
		served <- err
	}()
	defer s.metrics.serve(late, end, s.config.Log)()
	s.config.Log.InfoContext(ctx, "listening", slog.String("address", l.Addr().String()), slog.String("version", version))
	a, err := s.rise(ctx)
	if err != nil {
		end()
		return s.outcome(ctx, errors.Join(err, <-served))
	}
	defer context.AfterFunc(ctx, func() { s.drain(end) })()
	go s.standing.watchLiveKit(ctx, a.provider)
	return a.work(late, func() error {
		s.gate.Open(s.metrics.open(a.handler))
		return <-served
	})
}

// outcome tells an end that was asked for from one that was not.
func (s *serving) outcome(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// drain lets those who look at /readyz hear first that this process ends.
func (s *serving) drain(end func()) {
	s.config.Log.Info("stopping", slog.String("serves_for", s.delay.String()))
	s.gate.Drain()
	time.AfterFunc(s.delay, end)
}

// rise waits for the database and wires the program on it.
func (s *serving) rise(ctx context.Context) (a *app, err error) {
	var d *db.DB
	err = whileAway(ctx, s.config.Log, func() (err error) {
		if d, err = s.open(ctx); err != nil {
			s.standing.unreached(err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if a, err = assemble(ctx, s.config, d); err != nil {
		return nil, err
	}
	s.standing.reached(d)
	return a, nil
}

// open opens a database that is up to date and takes in what comes.
func (s *serving) open(ctx context.Context) (*db.DB, error) {
	d, err := openDatabase(ctx, s.config.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if err := s.upToDate(ctx, d); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	if err := takesWrites(ctx, d); err != nil {
		return nil, errors.Join(databaseIsRead.because(err), d.Close())
	}
	return d, nil
}

// upToDate sees that the database is migrated, or migrates it.
func (s *serving) upToDate(ctx context.Context, d *db.DB) error {
	if !s.migrate {
		return d.Migrated(ctx)
	}
	return d.MigrateUp(ctx, func(m db.Migration) {
		s.config.Log.InfoContext(ctx, "migrated", slog.String("migration", m.Name), slog.String("took", m.Took.String()))
	})
}
