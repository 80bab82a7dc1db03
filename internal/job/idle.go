package job

import (
	"context"
	"fmt"
	"strings"
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
	left := ""
	for {
		now, err := q.left(ctx)
		switch {
		case err == nil && now == "":
			return nil
		case err == nil:
			left = now
		case ctx.Err() == nil:
			return fmt.Errorf("list the jobs that are left: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("jobs are left: %s: %w", left, ctx.Err())
		case <-tick.C:
		}
	}
}

// left are the jobs that are not done, by kind, state and how often they were tried.
func (q *Queue) left(ctx context.Context) (string, error) {
	due := "scheduled_at <= now()"
	if !q.db.IsPostgres() {
		due = "scheduled_at <= strftime('%Y-%m-%d %H:%M:%f', 'now')"
	}
	rows, err := q.db.SQL.QueryContext(ctx, `SELECT kind, state, attempt FROM river_job
		WHERE state IN ('available', 'running', 'retryable') OR state = 'scheduled' AND `+due)
	if err != nil {
		return "", err
	}
	defer func() { _ = rows.Close() }() // its error is Err's
	var left []string
	for rows.Next() {
		var kind, state string
		var attempt int
		if err := rows.Scan(&kind, &state, &attempt); err != nil {
			return "", err
		}
		left = append(left, fmt.Sprintf("%s is %s after %d attempts", kind, state, attempt))
	}
	return strings.Join(left, ", "), rows.Err()
}
