package job

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// Option says how one job is enqueued.
type Option func(*river.InsertOpts)

// At is the earliest time at which the job may run; at once otherwise.
func At(t time.Time) Option { return func(o *river.InsertOpts) { o.ScheduledAt = t } }

// MaxAttempts is how often the job is tried; 25 times otherwise, which is
// about a quarter of an hour.
func MaxAttempts(n int) Option { return func(o *river.InsertOpts) { o.MaxAttempts = n } }

// Enqueue makes a job part of a transaction: it exists if that commits, and
// runs soon after. It is one statement.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, args Args, options ...Option) error {
	if q.err != nil {
		return fmt.Errorf("make the job queue: %w", q.err)
	}
	var opts river.InsertOpts
	for _, set := range options {
		set(&opts)
	}
	if _, err := q.client.InsertTx(ctx, tx.SQL, args, &opts); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	tx.OnCommit(q.wake.call)
	return nil
}

// Periodic has a job enqueued when the queue starts and every so often from
// then on, by one process of all; called before Start. While the job waits or
// runs, there is no second one.
func (q *Queue) Periodic(every time.Duration, args Args) {
	if q.err != nil {
		return // Start tells
	}
	unique := river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(river.PeriodicInterval(every),
		func() (river.JobArgs, *river.InsertOpts) { return args, &river.InsertOpts{UniqueOpts: unique} },
		&river.PeriodicJobOpts{RunOnStart: true}))
}
