package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
)

const (
	// forgetEvery is how often bodies are looked for that have become too old.
	forgetEvery = 24 * time.Hour
	// forgetPage is how many events one statement passes.
	forgetPage = 500
	// forgetPages is how many pages one job turns; the next goes on from there.
	forgetPages = 50
)

// forgetArgs asks to remove the old bodies of events after a given one.
type forgetArgs struct {
	After uuid.UUID `json:"after,omitzero"`
}

// Kind is permanent: jobs outlive programs.
func (forgetArgs) Kind() string { return "webhook.forget" }

// KeepBodies has the bodies of events removed that were stored longer ago than
// this, but for those that are not applied yet; without, or with 0, they are
// kept. Called before the queue starts.
func (i *Inbox) KeepBodies(age time.Duration) {
	if i.keepBodies = age; age > 0 {
		i.jobs.Periodic(forgetEvery, forgetArgs{})
	}
}

// forget removes old bodies. It goes by id, in which the time is, through all old
// events: no index has to know which of them have a body.
func (i *Inbox) forget(ctx context.Context, args forgetArgs, _ job.Attempt) error {
	if i.keepBodies <= 0 {
		return nil
	}
	before := firstOf(i.now().Add(-i.keepBodies))
	for range forgetPages {
		page, err := i.db.WebhookEvent.Query().Where(webhookevent.IDGT(args.After), webhookevent.IDLT(before)).
			Order(webhookevent.ByID()).Limit(forgetPage).IDs(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		last := page[len(page)-1]
		err = i.db.WebhookEvent.Update().Where(
			webhookevent.IDGT(args.After), webhookevent.IDLTE(last), webhookevent.BodyNotNil(),
			webhookevent.OutcomeIn(webhookevent.OutcomeApplied, webhookevent.OutcomeIgnored),
		).ClearBody().Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove old bodies: %w", err)
		}
		args.After = last
	}
	return i.db.InTx(ctx, func(tx *db.Tx) error { return i.jobs.Enqueue(ctx, tx, args) })
}
