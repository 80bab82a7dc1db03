package job_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

type greet struct {
	Name string `json:"name"`
}

func (greet) Kind() string { return "test.greet" }

// log collects what is logged, from any goroutine.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start runs a queue with one handler until the test ends.
func start(t *testing.T, d *db.DB, work func(context.Context, greet, job.Attempt) error) (*job.Queue, *log) {
	t.Helper()
	var l log
	q := job.New(d, slog.New(slog.NewTextHandler(&l, nil)))
	job.Handle(q, work)
	require.NoError(t, q.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, q.Stop(context.WithoutCancel(t.Context()))) })
	return q, &l
}

func enqueue(t *testing.T, d *db.DB, q *job.Queue, args job.Args, options ...job.Option) {
	t.Helper()
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		return q.Enqueue(t.Context(), tx, args, options...)
	}))
}

func count(t *testing.T, d *db.DB, where string) (n int) {
	t.Helper()
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE "+where).Scan(&n))
	return n
}

func TestRunsWhatIsCommitted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan string, 10)
		q, l := start(t, d, func(_ context.Context, g greet, a job.Attempt) error {
			ran <- fmt.Sprintf("%s %d/%d", g.Name, a.Number, a.Max)
			return nil
		})
		enqueue(t, d, q, greet{"Ada"})
		enqueue(t, d, q, greet{"Bo"}, job.MaxAttempts(3))
		require.NoError(t, q.Idle(t.Context()))
		assert.ElementsMatch(t, []string{"Ada 1/25", "Bo 1/3"}, []string{<-ran, <-ran})
		assert.Empty(t, l.String())
	})
}

func TestNothingOfARolledBackTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, _ := start(t, d, func(context.Context, greet, job.Attempt) error { panic("it ran") })
		changedMind := errors.New("changed my mind")
		err := d.InTx(t.Context(), func(tx *db.Tx) error {
			require.NoError(t, q.Enqueue(t.Context(), tx, greet{"Ada"}))
			return changedMind
		})
		require.ErrorIs(t, err, changedMind)
		assert.Zero(t, count(t, d, "true"))
	})
}

func TestFailureIsTriedAgainSoonAndLoggedWithoutArguments(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before := job.Finished(t, "test.greet", "failed")
		runs := make(chan time.Time, 3)
		q, l := start(t, d, func(_ context.Context, _ greet, a job.Attempt) error {
			runs <- time.Now()
			if a.Number == 1 {
				return errors.New("not in the mood")
			}
			return nil
		})
		enqueue(t, d, q, greet{"a private name"})
		require.NoError(t, q.Idle(t.Context()))
		first, second := <-runs, <-runs
		assert.InDelta(t, 1.0, second.Sub(first).Seconds(), 0.9)
		assert.Equal(t, 1, bytes.Count([]byte(l.String()), []byte("\n")), l.String())
		assert.Contains(t, l.String(), `level=WARN msg="job failed" kind=test.greet`)
		assert.Contains(t, l.String(), `attempt=1 max_attempts=25 outcome=failed error="not in the mood"`)
		assert.NotContains(t, l.String(), "private")
		assert.InDelta(t, before+1, job.Finished(t, "test.greet", "failed"), 0)
	})
}

func TestPanicIsAFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, l := start(t, d, func(context.Context, greet, job.Attempt) error { panic("oh no") })
		enqueue(t, d, q, greet{"Ada"}, job.MaxAttempts(1))
		require.NoError(t, q.Idle(t.Context()))
		assert.Equal(t, 1, count(t, d, "state = 'discarded'"))
		assert.Contains(t, l.String(), `level=ERROR msg="job panicked"`)
		assert.Contains(t, l.String(), "job_test.go")
	})
}

func TestSnoozeIsNoAttempt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var runs atomic.Int32
		q, l := start(t, d, func(_ context.Context, _ greet, a job.Attempt) error {
			assert.Equal(t, 1, a.Number)
			assert.True(t, a.Last())
			if runs.Add(1) < 3 {
				return job.Snooze(10 * time.Millisecond)
			}
			return nil
		})
		enqueue(t, d, q, greet{"Ada"}, job.MaxAttempts(1))
		require.NoError(t, q.Idle(t.Context()))
		assert.EqualValues(t, 3, runs.Load())
		assert.Empty(t, l.String())
	})
}

func TestCancelEndsIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		q, l := start(t, d, func(context.Context, greet, job.Attempt) error { return job.Cancel(errors.New("no such room")) })
		enqueue(t, d, q, greet{"Ada"})
		require.NoError(t, q.Idle(t.Context()))
		assert.Equal(t, 1, count(t, d, "state = 'cancelled'"))
		assert.Contains(t, l.String(), `msg="job cancelled"`)
	})
}

func TestAtWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan time.Time, 1)
		q, _ := start(t, d, func(context.Context, greet, job.Attempt) error { ran <- time.Now(); return nil })
		enqueue(t, d, q, greet{"tomorrow"}, job.At(time.Now().Add(24*time.Hour)))
		require.NoError(t, q.Idle(t.Context()), "a job for tomorrow is no work left")
		assert.Empty(t, ran)
	})
}

func TestPeriodicRunsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan string, 10)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.Handle(q, func(_ context.Context, g greet, _ job.Attempt) error { ran <- g.Name; return nil })
		q.Periodic(time.Hour, greet{"hourly"})
		require.NoError(t, q.Start(t.Context()))
		assert.Equal(t, "hourly", <-ran)
		require.NoError(t, q.Stop(t.Context()))
		assert.Empty(t, ran)
	})
}

func TestPeriodicLaterWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan string, 10)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.Handle(q, func(_ context.Context, g greet, _ job.Attempt) error { ran <- g.Name; return nil })
		q.PeriodicLater(time.Hour, greet{"later"})
		q.PeriodicLater(time.Second, greet{"soon"})
		q.Periodic(time.Hour, greet{"now"})
		require.NoError(t, q.Start(t.Context()))
		assert.Equal(t, "now", <-ran)
		assert.Equal(t, "soon", <-ran)
		require.NoError(t, q.Stop(t.Context()))
	})
}

func TestTwoProcessesShareTheWork(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	const jobs = 200
	var runs sync.Map
	work := func(_ context.Context, g greet, _ job.Attempt) error {
		if _, twice := runs.LoadOrStore(g.Name, true); twice {
			t.Errorf("%s ran twice", g.Name)
		}
		return nil
	}
	q, _ := start(t, d, work)
	start(t, d, work)
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		for i := range jobs {
			if err := q.Enqueue(t.Context(), tx, greet{fmt.Sprint(i)}); err != nil {
				return err
			}
		}
		return nil
	}))
	require.NoError(t, q.Idle(t.Context()))
	assert.Equal(t, jobs, count(t, d, "state = 'completed'"))
}

func TestStopWaitsForWhatRuns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running, finish := make(chan bool), make(chan bool)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.Handle(q, func(ctx context.Context, _ greet, _ job.Attempt) error {
			running <- true
			<-finish
			return ctx.Err()
		})
		require.NoError(t, q.Start(t.Context()))
		enqueue(t, d, q, greet{"Ada"})
		<-running
		stopped := make(chan error)
		go func() { stopped <- q.Stop(t.Context()) }()
		select {
		case err := <-stopped:
			t.Fatal("it did not wait", err)
		case finish <- true:
		}
		require.NoError(t, <-stopped)
		assert.Equal(t, 1, count(t, d, "state = 'completed'"))
	})
}

// TestStopInterrupts: what may be begun anew does not hold up the end, and is
// done by who comes next.
func TestStopInterrupts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running, again := make(chan bool), make(chan bool, 1)
		start := func(work func(ctx context.Context) error) *job.Queue {
			q := job.New(d, slog.New(slog.DiscardHandler))
			job.HandleInterruptible(q, func(ctx context.Context, _ greet, _ job.Attempt) error { return work(ctx) })
			require.NoError(t, q.Start(t.Context()))
			return q
		}
		first := start(func(ctx context.Context) error {
			running <- true
			<-ctx.Done()
			return ctx.Err()
		})
		enqueue(t, d, first, greet{"Ada"})
		<-running
		require.NoError(t, first.Stop(t.Context()))
		second := start(func(context.Context) error {
			again <- true
			return nil
		})
		require.True(t, <-again)
		require.NoError(t, second.Stop(t.Context()))
		assert.Equal(t, 1, count(t, d, "state = 'completed' AND attempt = 1"), "it was no failure")
	})
}

func TestStopCancelsWhatDoesNotEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		running := make(chan bool)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.Handle(q, func(ctx context.Context, _ greet, _ job.Attempt) error {
			running <- true
			<-ctx.Done()
			return ctx.Err()
		})
		require.NoError(t, q.Start(t.Context()))
		enqueue(t, d, q, greet{"Ada"})
		<-running
		impatient, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		require.ErrorIs(t, q.Stop(impatient), context.DeadlineExceeded)
		assert.Equal(t, 1, count(t, d, "state IN ('available', 'retryable')"), "it will be tried again")
	})
}

func TestInterruptedJobsAreTakenUpOnSQLite(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t))
	q := job.New(d, slog.New(slog.DiscardHandler))
	enqueue(t, d, q, greet{"Ada"}, job.MaxAttempts(1))
	_, err := d.SQL.ExecContext(t.Context(), "UPDATE river_job SET state = 'running', attempt = 1")
	require.NoError(t, err)
	ran := make(chan int, 1)
	q, _ = start(t, d, func(_ context.Context, _ greet, a job.Attempt) error { ran <- a.Number; return nil })
	require.NoError(t, q.Idle(t.Context()))
	assert.Equal(t, 2, <-ran)
}

func TestRefusesLocalTime(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t))
	time.Local = time.FixedZone("elsewhere", 3600)
	defer func() { time.Local = time.UTC }()
	q := job.New(d, slog.New(slog.DiscardHandler))
	job.Handle(q, func(context.Context, greet, job.Attempt) error { return nil })
	require.ErrorIs(t, q.Start(t.Context()), job.ErrLocalTime)
}

// TestEnqueueIsOneStatement counts what the connection prepared: every
// statement with arguments.
func TestEnqueueIsOneStatement(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	q := job.New(d, slog.New(slog.DiscardHandler))
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		statements := func() (texts string) {
			require.NoError(t, tx.SQL.QueryRowContext(t.Context(),
				"SELECT coalesce(string_agg(statement, ';'), '') FROM pg_prepared_statements").Scan(&texts))
			return texts
		}
		require.Empty(t, statements())
		require.NoError(t, q.Enqueue(t.Context(), tx, greet{"Ada"}))
		assert.Equal(t, 1, strings.Count(statements(), "INSERT INTO"))
		assert.NotContains(t, statements(), "notify")
		return nil
	}))
}

// TestLongJob: it may take as long as was said, and ends when the queue does, to
// be begun anew by the next.
func TestLongJob(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		begun, left := make(chan struct{}), make(chan time.Duration, 1)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.HandleLong(q, time.Hour, func(ctx context.Context, _ greet, _ job.Attempt) error {
			end, _ := ctx.Deadline()
			left <- time.Until(end)
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		require.NoError(t, q.Start(t.Context()))
		enqueue(t, d, q, greet{"Ada"})
		<-begun
		require.Greater(t, <-left, 30*time.Minute)
		require.NoError(t, q.Stop(context.WithoutCancel(t.Context())))
		require.Equal(t, 1, count(t, d, "state IN ('available', 'scheduled')"))
		again := make(chan struct{})
		q = job.New(d, slog.New(slog.DiscardHandler))
		job.HandleLong(q, time.Hour, func(context.Context, greet, job.Attempt) error { close(again); return nil })
		require.NoError(t, q.Start(t.Context()))
		<-again
		require.NoError(t, q.Stop(context.WithoutCancel(t.Context())))
	})
}
