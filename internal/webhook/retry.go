package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// maxError bounds what is kept of an error's text.
const maxError = 2000

// applyArgs asks for one more try of a failed event.
type applyArgs struct {
	Provider video.Name `json:"provider"`
	EventID  string     `json:"event_id"`
}

// Kind is permanent: jobs outlive programs.
func (applyArgs) Kind() string { return "webhook.apply" }

// keepFailed stores an event that the nouns could not apply, in a transaction
// of its own, with a job that tries again.
func (i *Inbox) keepFailed(ctx context.Context, e video.Event, cause error) (outcome, error) {
	i.log.ErrorContext(ctx, "webhook event not applied, will be tried again",
		slog.String("event_id", e.ID), slog.String("type", e.Type), slog.Any("error", cause))
	err := i.db.InTx(ctx, func(tx *db.Tx) error {
		written, err := tx.InsertRows(ctx, eventRows, [][]any{i.row(e, failed, shortened(cause))})
		if err != nil || len(written) == 0 {
			return err
		}
		return i.jobs.Enqueue(ctx, tx, applyArgs{e.Provider, e.ID})
	})
	return failed, err
}

// applyAgain tries a failed event once more; after the last try it is parked.
func (i *Inbox) applyAgain(ctx context.Context, args applyArgs, attempt job.Attempt) error {
	cause := i.db.InTx(ctx, func(tx *db.Tx) error { return i.applyStored(ctx, tx, args) })
	if cause == nil {
		return nil
	}
	outcome := webhookevent.OutcomeFailed
	if attempt.Number >= attempt.Max {
		outcome = webhookevent.OutcomeDead
		i.log.ErrorContext(ctx, "webhook event is given up", slog.String("event_id", args.EventID), slog.Any("error", cause))
	}
	err := i.db.WebhookEvent.Update().Where(stored(args)).
		SetOutcome(outcome).SetError(shortened(cause)).AddAttempts(1).Exec(ctx)
	if err != nil {
		return fmt.Errorf("%w (and it could not be noted: %w)", cause, err)
	}
	return cause
}

func (i *Inbox) applyStored(ctx context.Context, tx *db.Tx, args applyArgs) error {
	row, err := tx.WebhookEvent.Query().Where(stored(args), webhookevent.OutcomeEQ(webhookevent.OutcomeFailed)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	e, err := i.read(row)
	if err != nil {
		return err
	}
	events := []video.Event{e}
	rooms, _, err := lockRooms(ctx, tx, events, true)
	if err != nil {
		return err
	}
	if rooms[e.Room.Name] == nil {
		events = nil // it was never ours
	}
	if err := i.apply(ctx, tx, rooms, events); err != nil {
		return err
	}
	return tx.WebhookEvent.UpdateOneID(row.ID).SetOutcome(webhookevent.OutcomeApplied).
		SetAppliedTime(i.clock.Now().UTC()).SetError("").AddAttempts(1).Exec(ctx)
}

// read makes a stored event anew.
func (i *Inbox) read(row *ent.WebhookEvent) (e video.Event, err error) {
	if row.Origin == webhookevent.OriginReconcile {
		err = json.Unmarshal(row.Body, &e)
		return e, err
	}
	provider, err := i.providers.Get(video.Name(row.Provider))
	if err != nil {
		return e, err
	}
	e, err = provider.ParseEvent(row.Body)
	e.ReceiveTime = row.ReceivedTime
	return e, err
}

func stored(args applyArgs) predicate.WebhookEvent {
	return webhookevent.And(webhookevent.ProviderEQ(webhookevent.Provider(args.Provider)), webhookevent.EventID(args.EventID))
}

func shortened(err error) string {
	s := err.Error()
	return strings.ToValidUTF8(strings.ReplaceAll(s[:min(len(s), maxError)], "\x00", ""), "")
}
