package job

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"go.opentelemetry.io/otel/trace"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

var (
	finished = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "anteroom_jobs_total",
		Help: "Runs of jobs, by kind and outcome (completed, snoozed, cancelled, failed, discarded, panicked).",
	}, []string{"kind", "outcome"})
	duration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "anteroom_job_duration_seconds",
		Help:    "How long a run of a job took, by kind.",
		Buckets: prometheus.ExponentialBuckets(0.001, 4, 8), // to 16 s
	}, []string{"kind"})
)

// observer measures each run and logs the failed ones, without the arguments:
// they may be private.
type observer struct {
	river.MiddlewareDefaults
	log *slog.Logger
}

// Work implements rivertype.WorkerMiddleware.
func (o *observer) Work(ctx context.Context, j *rivertype.JobRow, work func(context.Context) error) error {
	start, outcome := time.Now(), "panicked"
	ctx = telemetry.Begin(ctx, slog.String("kind", j.Kind), slog.Int64("job_id", j.ID), slog.Int("attempt", j.Attempt))
	ctx, end := telemetry.Span(continued(ctx, j), "job "+j.Kind, trace.SpanKindConsumer)
	var err error
	defer func() {
		end(err)
		finished.WithLabelValues(j.Kind, outcome).Inc()
		duration.WithLabelValues(j.Kind).Observe(time.Since(start).Seconds())
	}()
	err = work(ctx)
	if outcome = outcomeOf(j, err); outcome == "cancelled" { // which HandleError is not told
		o.log.WarnContext(ctx, "job cancelled", append(attributes(j), "error", err)...)
	}
	return err
}

// continued goes on with the trace in which the job was enqueued.
func continued(ctx context.Context, j *rivertype.JobRow) context.Context {
	var kept origin
	if !telemetry.Tracing() || json.Unmarshal(j.Metadata, &kept) != nil {
		return ctx
	}
	return telemetry.Continue(ctx, kept.Trace)
}

// origin is what a job keeps of where it was enqueued.
type origin struct {
	Trace map[string]string `json:"anteroom_trace,omitempty"`
}

// originOf is the origin of jobs that are enqueued in a context; nil when there is
// nothing to keep.
func originOf(ctx context.Context) ([]byte, error) {
	carried := telemetry.Carry(ctx)
	if carried == nil {
		return nil, nil
	}
	return json.Marshal(origin{carried})
}

func outcomeOf(j *rivertype.JobRow, err error) string {
	switch {
	case err == nil:
		return "completed"
	case isA[*river.JobSnoozeError](err):
		return "snoozed"
	case isA[*river.JobCancelError](err):
		return "cancelled"
	case j.Attempt >= j.MaxAttempts:
		return "discarded"
	}
	return "failed"
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// HandleError implements river.ErrorHandler.
func (o *observer) HandleError(ctx context.Context, j *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if outcomeOf(j, err) == "discarded" {
		level = slog.LevelError
	}
	o.log.Log(ctx, level, "job failed", append(attributes(j), "outcome", outcomeOf(j, err), "error", err)...)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (o *observer) HandlePanic(ctx context.Context, j *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	o.log.ErrorContext(ctx, "job panicked", append(attributes(j), "panic", value, "stack", trace)...)
	return nil
}

func attributes(j *rivertype.JobRow) []any {
	return []any{"kind", j.Kind, "job_id", j.ID, "attempt", j.Attempt, "max_attempts", j.MaxAttempts}
}

// riverLog passes on River's own warnings, but for those that the observer tells.
type riverLog struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h riverLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler.
func (h riverLog) Handle(ctx context.Context, r slog.Record) error {
	for _, told := range []string{": Job errored", ": Job panicked", ": panic recovery"} {
		if strings.Contains(r.Message, told) {
			return nil
		}
	}
	if isCancelled(r) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// isCancelled is whether River tells of work that the end of the program has cut
// short, which is no fault.
func isCancelled(r slog.Record) (yes bool) {
	r.Attrs(func(a slog.Attr) bool {
		yes = a.Key == "error" && a.Value.String() == context.Canceled.Error()
		return !yes
	})
	return yes
}

// WithAttrs implements slog.Handler.
func (h riverLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return riverLog{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h riverLog) WithGroup(name string) slog.Handler { return riverLog{h.Handler.WithGroup(name)} }
