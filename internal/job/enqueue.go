package job

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	return EnqueueAll(ctx, q, tx, []Args{args}, options...)
}

// EnqueueAll is Enqueue for many jobs; for none it does nothing. On Postgres it is one
// statement.
func EnqueueAll[T Args](ctx context.Context, q *Queue, tx *db.Tx, all []T, options ...Option) error {
	if q.err != nil {
		return fmt.Errorf("make the job queue: %w", q.err)
	}
	if len(all) == 0 {
		return nil
	}
	var opts river.InsertOpts
	for _, set := range options {
		set(&opts)
	}
	var err error
	if opts.Metadata, err = originOf(ctx); err != nil {
		return fmt.Errorf("keep the trace of %s: %w", all[0].Kind(), err)
	}
	params := make([]river.InsertManyParams, len(all))
	for i, args := range all {
		params[i] = river.InsertManyParams{Args: args, InsertOpts: &opts}
	}
	if _, err := q.client.InsertManyFastTx(ctx, tx.SQL, params); err != nil {
		return fmt.Errorf("enqueue %s: %w", all[0].Kind(), err)
	}
	tx.OnCommit(q.wake.call)
	return nil
}

// Periodic has a job enqueued when the queue starts and every so often from
// then on, by one process of all; called before Start. While the job waits or
// runs, there is no second one.
func (q *Queue) Periodic(every time.Duration, args Args) { q.periodic(every, args, true) }

// PeriodicLater is Periodic without the job at the start.
func (q *Queue) PeriodicLater(every time.Duration, args Args) { q.periodic(every, args, false) }

func (q *Queue) periodic(every time.Duration, args Args, atStart bool) {
	if q.err != nil {
		return // Start tells
	}
	unique := river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}
	q.client.PeriodicJobs().Add(river.NewPeriodicJob(jittered(every),
		func() (river.JobArgs, *river.InsertOpts) { return args, &river.InsertOpts{UniqueOpts: unique} },
		&river.PeriodicJobOpts{RunOnStart: atStart}))
}

// jittered is a schedule of about every so often, so that installations which
// started together do not ask a provider together for ever.
type jittered time.Duration

// Next implements river.PeriodicSchedule.
func (j jittered) Next(now time.Time) time.Time {
	every := time.Duration(j)
	return now.Add(every - every/10 + rand.N(every/5)) //nolint:gosec // jitter is no secret
}
