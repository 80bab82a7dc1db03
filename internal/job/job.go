// Package job does work in the background that must not be lost: River,
// wrapped thin. A job is enqueued in the transaction that makes it necessary
// and runs at least once, on one process at a time, until it succeeds or its
// attempts are used up; so it must be safe to run twice.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/anteroom-dev/anteroom/internal/db"
)

const (
	defaultWorkers     = 16
	defaultMaxAttempts = 25
	jobTimeout         = time.Minute
	rescueAfter        = 2 * time.Minute // from when a running job is not believed to run, whoever lives
	pollInterval       = 100 * time.Millisecond
	fetchCooldown      = 10 * time.Millisecond
	hardStopTimeout    = 5 * time.Second
	keepCompleted      = time.Hour // so that the table stays small
)

// ErrLocalTime says that the program runs in local time, in which River on
// SQLite would start retries at the wrong hour. Set time.Local = time.UTC.
var ErrLocalTime = errors.New("job: time.Local is not time.UTC")

// Args are a job's typed arguments, kept as JSON. Their Kind is permanent:
// jobs of an older release are still in the database. They may say how they
// are enqueued by river.JobArgsWithInsertOpts.
type Args = river.JobArgs

// Attempt says which run of a job this is.
type Attempt struct {
	Number int // 1 for the first
	Max    int // after this one it is given up
}

// Last is whether the job is given up when this attempt fails.
func (a Attempt) Last() bool { return a.Number >= a.Max }

// Queue enqueues jobs and, once started, runs them.
type Queue struct {
	db      *db.DB
	log     *slog.Logger
	workers *river.Workers
	client  *river.Client[*sql.Tx]
	wake    waker
	err     error  // New's, told by whoever needs the client
	unwatch func() // ends what Start began

	stopping  context.Context // done when Stop is called
	interrupt func()
}

// Setting changes how a queue is made.
type Setting func(*river.Config)

// Workers is how many jobs run at once in this process; 16 otherwise.
func Workers(n int) Setting {
	return func(c *river.Config) { c.Queues[river.QueueDefault] = river.QueueConfig{MaxWorkers: n} }
}

// New makes a queue on a migrated database. It can enqueue at once; to run
// jobs it is given its handlers, then started.
func New(d *db.DB, log *slog.Logger, settings ...Setting) *Queue {
	q := &Queue{db: d, log: slog.New(newSeldom(log.Handler())), workers: river.NewWorkers(), wake: make(waker, 1), unwatch: func() {}}
	q.stopping, q.interrupt = context.WithCancel(context.Background())
	config := q.config()
	for _, set := range settings {
		set(config)
	}
	q.client, q.err = river.NewClient(q.driver(), config)
	return q
}

func (q *Queue) config() *river.Config {
	o := &observer{log: q.log}
	return &river.Config{
		Queues:                      map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: defaultWorkers}},
		Workers:                     q.workers,
		MaxAttempts:                 defaultMaxAttempts,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: keepCompleted,
		FetchPollInterval:           pollInterval,
		FetchCooldown:               fetchCooldown,
		RetryPolicy:                 backoff{},
		ErrorHandler:                o,
		Middleware:                  []rivertype.Middleware{o},
		Logger:                      slog.New(riverLog{q.log.Handler()}),
		SkipUnknownJobCheck:         true, // a process may enqueue what only others run
	}
}

// Handle says what runs the jobs of a kind; called before Start, once for each
// kind. An error has the job run again later, unless it is Snooze's or
// Cancel's. The context ends after a minute.
func Handle[T Args](q *Queue, work func(ctx context.Context, args T, attempt Attempt) error) {
	river.AddWorker(q.workers, river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error {
		return work(ctx, j.Args, Attempt{Number: j.Attempt, Max: j.MaxAttempts})
	}))
}

// HandleInterruptible is Handle for jobs that take long and may be begun anew at
// any time: their context also ends when the queue is stopped, and then they are
// done by who runs jobs next.
func HandleInterruptible[T Args](q *Queue, work func(ctx context.Context, args T, attempt Attempt) error) {
	Handle(q, interruptible(q, work))
}

func interruptible[T Args](q *Queue, work func(ctx context.Context, args T, attempt Attempt) error) func(context.Context, T, Attempt) error {
	return func(ctx context.Context, args T, attempt Attempt) error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(q.stopping, cancel)()
		err := work(ctx, args, attempt)
		if err != nil && q.stopping.Err() != nil {
			return Snooze(time.Second)
		}
		return err
	}
}

// HandleLong is HandleInterruptible for jobs that take as long as is said here,
// which no other process takes up before: one that was killed is told apart.
func HandleLong[T Args](q *Queue, timeout time.Duration, work func(ctx context.Context, args T, attempt Attempt) error) {
	river.AddWorker(q.workers, &longWorker[T]{timeout: timeout, work: interruptible(q, work)})
}

type longWorker[T Args] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
	work    func(ctx context.Context, args T, attempt Attempt) error
}

// Timeout implements river.Worker.
func (w *longWorker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

// Work implements river.Worker.
func (w *longWorker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	return w.work(ctx, j.Args, Attempt{Number: j.Attempt, Max: j.MaxAttempts})
}

// Snooze is returned by a handler to be called again later: not a failure, and
// not an attempt.
func Snooze(d time.Duration) error { return river.JobSnooze(d) }

// Cancel is returned by a handler that failed and need not be tried again.
func Cancel(err error) error { return river.JobCancel(err) }

// Start begins to run jobs, until Stop. One that failed may be tried again.
func (q *Queue) Start(ctx context.Context) error {
	if q.err != nil {
		return fmt.Errorf("make the job queue: %w", q.err)
	}
	if time.Local != time.UTC {
		return ErrLocalTime
	}
	if err := q.adopt(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("take up interrupted jobs: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		q.unwatch()
		return errors.Join(fmt.Errorf("start the job queue: %w", err), q.reset(ctx))
	}
	return nil
}

// reset has a start that failed be none: River takes itself for started then, and would
// say at the next that all is well, and run nothing.
func (q *Queue) reset(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStopTimeout)
	defer cancel()
	return q.client.Stop(ctx)
}

// adopt makes jobs available that ran in a process that was killed: on Postgres
// within seconds and from now on, as there may be others. SQLite has one process
// only, so there they can be nobody else's.
func (q *Queue) adopt(ctx context.Context) error {
	if q.db.IsPostgres() {
		return q.watchOthers(ctx)
	}
	giveBack, err := q.db.Claim()
	if err != nil {
		return err
	}
	_, err = q.db.SQL.ExecContext(ctx, `UPDATE river_job
		SET state = 'available', max_attempts = max(max_attempts, attempt + 1) WHERE state = 'running'`)
	if err == nil {
		_, err = q.db.SQL.ExecContext(ctx, "DELETE FROM river_leader")
	}
	if err != nil {
		giveBack()
		return err
	}
	q.unwatch = giveBack
	return nil
}

// watchOthers lets other processes see that this one lives, and looks whether
// they do.
func (q *Queue) watchOthers(ctx context.Context) error {
	l := &living{queue: q, name: q.client.ID()}
	if err := l.hold(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.watch(ctx)
	}()
	q.unwatch = func() {
		cancel()
		<-ended
	}
	return nil
}

// Stop takes no more jobs and waits for those that run. When the context ends
// first, theirs are cancelled, and its error is returned.
func (q *Queue) Stop(ctx context.Context) error {
	if q.err != nil {
		return nil // it never started
	}
	q.interrupt()
	defer q.unwatch() // as long as a job runs, this process lives
	err := q.client.Stop(ctx)
	if err == nil {
		return nil
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStopTimeout)
	defer cancel()
	return errors.Join(err, q.client.StopAndCancel(hard))
}
