package job_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// leave is what a process that died leaves behind: a job that runs, and the lead.
func leave(t *testing.T, d *db.DB, name string) {
	t.Helper()
	enqueue(t, d, job.New(d, slog.New(slog.DiscardHandler)), greet{name}, job.MaxAttempts(1), job.At(time.Now().Add(time.Hour)))
	_, err := d.SQL.ExecContext(t.Context(), `UPDATE river_job
		SET state = 'running', attempt = 1, scheduled_at = now(), attempted_at = now(), attempted_by = ARRAY['one that lives', $1] WHERE state = 'scheduled'`, name)
	require.NoError(t, err)
	_, err = d.SQL.ExecContext(t.Context(), `INSERT INTO river_leader (elected_at, expires_at, leader_id)
		VALUES (now(), now() + interval '1 hour', $1) ON CONFLICT DO NOTHING`, name)
	require.NoError(t, err)
}

func TestJobsOfTheDeadAreTakenUp(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	leave(t, d, "dead")
	ran := make(chan int, 1)
	begin := time.Now()
	q, l := start(t, d, func(_ context.Context, _ greet, a job.Attempt) error { ran <- a.Number; return nil })
	select {
	case number := <-ran:
		require.Equal(t, 2, number)
	case <-time.After(job.RescueAfter / 4):
		require.Fail(t, "nobody took it up", l)
	}
	t.Logf("taken up after %v", time.Since(begin))
	require.NoError(t, q.Idle(t.Context()))
	assert.Contains(t, l.String(), "took up the jobs of a process that died")
	var leaders int
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM river_leader WHERE leader_id = 'dead'").Scan(&leaders))
	assert.Zero(t, leaders)
}

// TestJobsOfTheLivingAreLeftToThem also when their connection breaks.
func TestJobsOfTheLivingAreLeftToThem(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	runs := make(chan string, 10)
	finish := make(chan struct{})
	work := func(_ context.Context, g greet, _ job.Attempt) error {
		runs <- g.Name
		if g.Name == "Ada" {
			<-finish
		}
		return nil
	}
	first, _ := start(t, d, work)
	t.Cleanup(func() { close(finish) })
	enqueue(t, d, first, greet{"Ada"})
	require.Equal(t, "Ada", <-runs)
	start(t, d, work)
	_, err := d.SQL.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = $1", job.LockClass)
	require.NoError(t, err)
	leave(t, d, "dead")
	require.Equal(t, "dead", <-runs, "they have looked, and taken up nothing else")
	assert.Equal(t, 1, count(t, d, "state = 'running' AND attempt = 1"))
	assert.Equal(t, 2, count(t, d, "true"))
}

// TestAProcessLivesUntilItsLastJobHasEnded looks from without.
func TestAProcessLivesUntilItsLastJobHasEnded(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	locks := func() (n int) {
		require.NoError(t, d.SQL.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_locks k JOIN pg_database b ON b.oid = k.database
			WHERE b.datname = current_database() AND k.locktype = 'advisory' AND k.classid = $1`, job.LockClass).Scan(&n))
		return n
	}
	require.Zero(t, locks())
	running, finish := make(chan bool), make(chan bool)
	q := job.New(d, slog.New(slog.DiscardHandler))
	job.Handle(q, func(context.Context, greet, job.Attempt) error {
		running <- true
		<-finish
		return nil
	})
	require.NoError(t, q.Start(t.Context()))
	enqueue(t, d, q, greet{"Ada"})
	<-running
	stopped := make(chan error)
	go func() { stopped <- q.Stop(t.Context()) }()
	require.Equal(t, 1, locks())
	finish <- true
	require.NoError(t, <-stopped)
	require.Eventually(t, func() bool { return locks() == 0 }, 10*time.Second, 5*time.Millisecond, "the server notices that the connection is gone")
}
