package webhook

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// maxError bounds what is kept of an error's text.
	maxError = 2000
	// applyTries is how often a job tries an event before it is given up: that is
	// about a quarter of an hour.
	applyTries = 25
	// spareTries are for those that a crash cuts short, so that no event is left
	// failed without a job.
	spareTries = 5
)

var retries = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_webhook_retries_total",
	Help: "Further tries of events that could not be applied at once, by outcome (applied, ignored, failed, dead). A dead one is given up: an operator has to look.",
}, []string{"provider", "outcome"})

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
		return i.jobs.Enqueue(ctx, tx, applyArgs{e.Provider, e.ID}, job.MaxAttempts(i.applyTries+spareTries))
	})
	return failed, err
}

// applyAgain tries a failed event once more; after the last try it is parked.
func (i *Inbox) applyAgain(ctx context.Context, args applyArgs, attempt job.Attempt) error {
	var became webhookevent.Outcome
	cause := i.db.InTx(ctx, func(tx *db.Tx) (err error) {
		became, err = i.applyStored(ctx, tx, args)
		return err
	})
	if cause != nil {
		return i.noteFailure(ctx, args, attempt, cause)
	}
	if became != "" {
		retries.WithLabelValues(string(args.Provider), became.String()).Inc()
	}
	return nil
}

// noteFailure keeps why a try failed, also when it took too long.
func (i *Inbox) noteFailure(ctx context.Context, args applyArgs, attempt job.Attempt, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	became, last := webhookevent.OutcomeFailed, attempt.Number >= i.applyTries
	if last {
		became = webhookevent.OutcomeDead
	}
	n, err := i.db.WebhookEvent.Update().Where(stored(args), webhookevent.OutcomeEQ(webhookevent.OutcomeFailed)).
		SetOutcome(became).SetError(shortened(cause)).AddAttempts(1).Save(ctx)
	if err != nil {
		return fmt.Errorf("%w (and it could not be noted: %w)", cause, err)
	}
	if n == 0 {
		return nil // a replay was quicker
	}
	retries.WithLabelValues(string(args.Provider), became.String()).Inc()
	if !last {
		return cause
	}
	i.log.ErrorContext(ctx, "webhook event is given up, replay it when the cause is mended", slog.String("provider", string(args.Provider)),
		slog.String("event_id", args.EventID), slog.Int("tries", attempt.Number), slog.Any("error", cause))
	return job.Cancel(cause)
}

// applyStored applies a failed event, and says what became of it; nothing when it
// is not failed any more.
func (i *Inbox) applyStored(ctx context.Context, tx *db.Tx, args applyArgs) (webhookevent.Outcome, error) {
	row, err := tx.WebhookEvent.Query().Where(stored(args), webhookevent.OutcomeEQ(webhookevent.OutcomeFailed)).Only(ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	e, err := i.read(row)
	if err != nil {
		return "", err
	}
	events, became := []video.Event{e}, webhookevent.OutcomeApplied
	rooms, _, err := lockRooms(ctx, tx, events, true)
	if err != nil {
		return "", err
	}
	if rooms[e.Room.Name] == nil { // it was never ours
		events, became = nil, webhookevent.OutcomeIgnored
	}
	if err := i.apply(ctx, tx, rooms, events); err != nil {
		return "", err
	}
	if err := i.redeem(ctx, tx, events); err != nil {
		return "", err
	}
	return became, tx.WebhookEvent.UpdateOneID(row.ID).SetOutcome(became).
		SetAppliedTime(i.now()).ClearError().AddAttempts(1).Exec(ctx)
}

// read makes a stored event anew.
func (i *Inbox) read(row *ent.WebhookEvent) (e video.Event, err error) {
	if e, err = i.parse(row); err != nil {
		return e, err
	}
	e.Provider, e.ID, e.Origin = video.Name(row.Provider), row.EventID, video.Origin(row.Origin)
	e.Body, e.ReceiveTime = row.Body, row.ReceivedTime
	return e, nil
}

// parse reads a body: the provider's, or what reconciling wrote.
func (i *Inbox) parse(row *ent.WebhookEvent) (e video.Event, err error) {
	for _, ours := range reconcileTypes {
		if row.Type == ours && row.Origin != webhookevent.OriginWebhook {
			err = json.Unmarshal(row.Body, &e)
			return e, err
		}
	}
	provider, err := i.providers.Get(video.Name(row.Provider))
	if err != nil {
		return e, err
	}
	return provider.ParseEvent(row.Body)
}

func stored(args applyArgs) predicate.WebhookEvent {
	return webhookevent.And(webhookevent.ProviderEQ(webhookevent.Provider(args.Provider)), webhookevent.EventID(args.EventID))
}

func shortened(err error) string {
	s := err.Error()
	return strings.ToValidUTF8(strings.ReplaceAll(s[:min(len(s), maxError)], "\x00", ""), "")
}
