// Package webhook is the inbox for what providers tell us. An event, the state
// that it changes and the work that it causes are one transaction.
package webhook

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/time/rate"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// ErrAway says that nothing was stored, so that the provider sends again.
var ErrAway = fault.New(fault.Unavailable, "database_unavailable", "the event could not be stored: send it again")

// refusalInterval is how seldom the log tells of webhooks that were refused:
// anybody can post some.
const refusalInterval = 10 * time.Second

var received = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_webhooks_total",
	Help: "Webhooks received, by provider, type and outcome (applied, ignored, double, failed, refused).",
}, []string{"provider", "type", "outcome"})

var lag = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name:    "anteroom_webhook_lag_seconds",
	Help:    "How long after it happened an event came in, by provider. LiveKit states whole seconds.",
	Buckets: []float64{.1, .5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200},
}, []string{"provider"})

// Apply merges events into a noun's tables, in the intake's transaction. rooms
// are those of all the events, by the provider's name of them, and locked.
type Apply func(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) error

// Review is told, in each round of reconciling, what a provider held when it was
// asked.
type Review func(ctx context.Context, name video.Name, look video.Look) error

// Inbox is the noun.
type Inbox struct {
	db        *db.DB
	clock     clockwork.Clock
	log       *slog.Logger
	providers video.Providers
	jobs      *job.Queue
	applies   []Apply
	intake    intake
	refusals  rate.Sometimes // are logged
	patience  chan struct{}  // of those that wait for a room

	// What rounds of reconciling read of the account.
	believe func(ctx context.Context, name video.Name) (belief, error)
	ended   func(ctx context.Context, name video.Name, people, meetings []string) (map[string]bool, error)

	secondLook time.Duration // after a first one that raises doubts
	applyTries int           // of a failed event's job
	review     Review        // nil for none
	keepBodies time.Duration // 0 for ever
}

// New makes the noun and takes over its jobs. applies are called in order.
func New(d *db.DB, clock clockwork.Clock, log *slog.Logger, providers video.Providers, jobs *job.Queue, applies ...Apply) *Inbox {
	i := &Inbox{db: d, clock: clock, log: log, providers: providers, jobs: jobs, applies: applies, patience: make(chan struct{}, maxPatience)}
	i.refusals = rate.Sometimes{Interval: refusalInterval}
	i.intake.store, i.secondLook, i.applyTries = i.store, secondLook, applyTries
	i.believe, i.ended = i.readBelief, i.readEnded
	job.Handle(jobs, i.applyAgain)
	job.Handle(jobs, i.forget)
	job.HandleInterruptible(jobs, i.reconcileJob)
	jobs.Periodic(reconcileEvery, reconcileArgs{})
	return i
}

// OnLook has somebody told what rounds of reconciling see besides people. Called
// before the queue starts.
func (i *Inbox) OnLook(r Review) { i.review = r }

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
		if errors.Is(err, video.ErrSignature) { // what is wrong with a body may repeat it
			i.refusals.Do(func() {
				i.log.WarnContext(ctx, "a webhook was refused", slog.String("provider", string(name)), slog.Any("error", err))
			})
		}
		return err
	}
	e.ReceiveTime, e.Origin = i.now(), video.Told
	outcome, err := i.intake.take(ctx, e)
	if err != nil {
		return ErrAway.Because(err)
	}
	failpoint.Here("committed, not answered")
	if !e.Time.IsZero() {
		lag.WithLabelValues(string(name)).Observe(max(0, e.ReceiveTime.Sub(e.Time).Seconds()))
	}
	received.WithLabelValues(string(name), typeLabel(e), string(outcome)).Inc()
	return nil
}

func (i *Inbox) now() time.Time { return i.clock.Now().UTC().Truncate(time.Microsecond) }

// typeLabel keeps a metric's label bounded: a signed event may be of any type.
func typeLabel(e video.Event) string {
	if e.Kind == video.Other {
		return "other"
	}
	return e.Type
}
