// Package webhook is the inbox for what providers tell us. An event, the state
// that it changes and the work that it causes are one transaction.
package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// ErrAway says that nothing was stored, so that the provider sends again.
var ErrAway = fault.New(fault.Unavailable, "database_unavailable", "the event could not be stored: send it again")

var received = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_webhooks_total",
	Help: "Webhooks received, by provider, type and outcome (applied, ignored, double, failed, refused).",
}, []string{"provider", "type", "outcome"})

// Apply merges an event into a noun's tables, in the intake's transaction and
// under the room's lock.
type Apply func(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error

// Inbox is the noun.
type Inbox struct {
	db        *db.DB
	clock     clockwork.Clock
	log       *slog.Logger
	providers video.Providers
	jobs      *job.Queue
	applies   []Apply
}

// New makes the noun and takes over its jobs. applies are called in order.
func New(d *db.DB, clock clockwork.Clock, log *slog.Logger, providers video.Providers, jobs *job.Queue, applies ...Apply) *Inbox {
	i := &Inbox{d, clock, log, providers, jobs, applies}
	job.Handle(jobs, i.applyAgain)
	return i
}

// Receive takes a provider's POST. When it returns no error the event is
// stored: now, or at an earlier time of which this is a double. An event that
// the nouns cannot apply is stored all the same and tried again by a job.
func (i *Inbox) Receive(ctx context.Context, name video.Name, header http.Header, body []byte) error {
	provider, err := i.providers.Get(name)
	if err != nil {
		return err
	}
	e, err := provider.ParseWebhook(header, body)
	if err != nil {
		received.WithLabelValues(string(name), "", "refused").Inc()
		return err
	}
	outcome, err := i.take(ctx, e)
	if err != nil && !db.IsAway(err) && ctx.Err() == nil {
		outcome, err = i.keepFailed(ctx, e, err)
	}
	if err != nil {
		return ErrAway.Because(err)
	}
	received.WithLabelValues(string(name), typeLabel(e), outcome).Inc()
	return nil
}

// outcomeDouble is an event that was here before; it has no row of its own.
const outcomeDouble = "double"

// take stores and applies an event. It is stored first, so that a double ends
// there, with the outcome that its room's name lets expect.
func (i *Inbox) take(ctx context.Context, e video.Event) (outcome string, err error) {
	err = i.db.InTx(ctx, func(tx *db.Tx) error {
		outcome = string(webhookevent.OutcomeIgnored)
		if _, err := uuid.Parse(e.Room.Name); err == nil {
			outcome = string(webhookevent.OutcomeApplied)
		}
		isNew, err := i.insert(ctx, tx, e, outcome, "")
		if err != nil {
			return err
		}
		if !isNew {
			outcome = outcomeDouble
			return nil
		}
		room, err := lockRoom(ctx, tx, e)
		if err != nil {
			return err
		}
		if room == nil && outcome == string(webhookevent.OutcomeApplied) {
			outcome = string(webhookevent.OutcomeIgnored)
			return tx.WebhookEvent.Update().Where(stored(applyArgs{e.Provider, e.ID})).SetOutcome(webhookevent.OutcomeIgnored).Exec(ctx)
		}
		return i.apply(ctx, tx, room, e)
	})
	return outcome, err
}

// apply has every noun merge the event. A panic is a failure like others: the
// event must be kept all the same.
func (i *Inbox) apply(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if room == nil {
		return nil
	}
	for _, apply := range i.applies {
		if err := apply(ctx, tx, room, e); err != nil {
			return err
		}
	}
	return nil
}

// lockRoom finds our room of an event, deleted ones included; nil for rooms on
// the same provider that are not ours. Of the nouns' locks it is the first, so events
// of one room are applied one after the other.
func lockRoom(ctx context.Context, tx *db.Tx, e video.Event) (*ent.Room, error) {
	id, err := uuid.Parse(e.Room.Name)
	if err != nil {
		return nil, nil //nolint:nilerr // a name that is no id is a room of others
	}
	room, err := tx.Room.Query().Where(entroom.ID(id), entroom.ProviderEQ(entroom.Provider(e.Provider)), db.Lock).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return room, err
}

// insert stores an event unless it is a double.
func (i *Inbox) insert(ctx context.Context, tx *db.Tx, e video.Event, outcome, failure string) (bool, error) {
	now := i.clock.Now().UTC().Truncate(time.Microsecond)
	row := map[string]any{
		webhookevent.FieldID: uuid.Must(uuid.NewV7()), webhookevent.FieldProvider: e.Provider, webhookevent.FieldEventID: e.ID,
		webhookevent.FieldType: e.Type, webhookevent.FieldRoomName: e.Room.Name, webhookevent.FieldRoomSid: e.Room.SID,
		webhookevent.FieldParticipantSid: "", webhookevent.FieldEgressID: "", webhookevent.FieldBody: e.Body,
		webhookevent.FieldOrigin: webhookevent.OriginWebhook, webhookevent.FieldReceivedTime: now,
		webhookevent.FieldStatedTime: timeOrNil(e.Time), webhookevent.FieldAppliedTime: nil,
		webhookevent.FieldOutcome: outcome, webhookevent.FieldError: failure, webhookevent.FieldAttempts: 1,
	}
	if e.Participant != nil {
		row[webhookevent.FieldParticipantSid] = e.Participant.SID
	}
	if e.Egress != nil {
		row[webhookevent.FieldEgressID] = e.Egress.ID
	}
	if failure == "" {
		row[webhookevent.FieldAppliedTime] = now
	}
	return tx.InsertNew(ctx, webhookevent.Table, row)
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// typeLabel keeps a metric's label bounded: a signed event may be of any type.
func typeLabel(e video.Event) string {
	if e.Kind == video.Other {
		return "other"
	}
	return e.Type
}
