package job

import (
	"context"
	"fmt"
	"time"
)

const (
	idlePoll    = 20 * time.Millisecond
	idleTimeout = 30 * time.Second
)

// Idle waits until there is no work left, for tests: no job runs, waits to run
// or waits to be tried again. A job for a later time does not count, but one
// that is snoozed for a few seconds does.
func (q *Queue) Idle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, idleTimeout)
	defer cancel()
	tick := time.NewTicker(idlePoll)
	defer tick.Stop()
	for {
		left, err := q.left(ctx)
		if err != nil {
			return fmt.Errorf("count the jobs that are left: %w", err)
		}
		if left == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d jobs are left: %w", left, ctx.Err())
		case <-tick.C:
		}
	}
}

func (q *Queue) left(ctx context.Context) (left int, err error) {
	due := "scheduled_at <= now()"
	if !q.db.IsPostgres() {
		due = "scheduled_at <= strftime('%Y-%m-%d %H:%M:%f', 'now')"
	}
	err = q.db.SQL.QueryRowContext(ctx, `SELECT count(*) FROM river_job
		WHERE state IN ('available', 'running', 'retryable') OR state = 'scheduled' AND `+due).Scan(&left)
	return left, err
}
