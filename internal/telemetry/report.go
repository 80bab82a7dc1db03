package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/getsentry/sentry-go"
)

// flushTimeout is how long the last reports may take on their way.
const flushTimeout = 5 * time.Second

// errDSN does not show the DSN: it has a key in it.
var errDSN = errors.New("the DSN for reports must look like https://KEY@HOST/PROJECT")

// Reports says where reports of errors go.
type Reports struct {
	DSN         string // of Sentry, or of what speaks as it does; "" reports nothing
	Environment string // production, staging …
	Version     string // of this program
}

// Check finds what is wrong with them.
func (r Reports) Check() error {
	if r.DSN == "" {
		return nil
	}
	if _, err := sentry.NewDsn(r.DSN); err != nil {
		return errDSN
	}
	return nil
}

// Report has each line that a log gets at level error sent as a report too, with
// its attributes and nothing else of what was asked or by whom. stop sends what
// is left; it is never nil.
func Report(h slog.Handler, r Reports) (_ slog.Handler, stop func(), err error) {
	if r.DSN == "" {
		return h, func() {}, nil
	}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: r.DSN, Environment: r.Environment, Release: "anteroom@" + r.Version,
		Integrations: func([]sentry.Integration) []sentry.Integration { return nil }, // they look at the machine
	})
	if err != nil {
		return h, func() {}, errDSN
	}
	return slog.NewMultiHandler(h, &reporter{client: client}), func() { client.Flush(flushTimeout) }, nil
}

// reporter is a log's handler that sends reports.
type reporter struct {
	client *sentry.Client
	attrs  []slog.Attr
}

// Enabled implements slog.Handler.
func (*reporter) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelError }

// Handle implements slog.Handler. Reports are grouped by the line's message and
// what was called, as an error's text may be another one each time.
func (h *reporter) Handle(ctx context.Context, r slog.Record) error {
	e := sentry.NewEvent()
	e.Level, e.Timestamp, e.Message = sentry.LevelError, r.Time, r.Message
	e.Fingerprint = []string{r.Message}
	details := map[string]any{}
	for _, a := range slices.Concat(h.attrs, attributes(ctx), attributesOf(r)) {
		switch a.Key {
		case "procedure", "kind":
			e.Fingerprint = append(e.Fingerprint, a.Value.String())
			e.Tags[a.Key] = a.Value.String()
		case "request_id", "trace_id", "principal":
			e.Tags[a.Key] = a.Value.String()
		default:
			details[a.Key] = a.Value.String()
		}
	}
	e.Contexts["details"] = details
	h.client.CaptureEvent(e, nil, nil)
	return nil
}

func attributesOf(r slog.Record) (attrs []slog.Attr) {
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// WithAttrs implements slog.Handler.
func (h *reporter) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &reporter{h.client, slices.Concat(h.attrs, attrs)}
}

// WithGroup implements slog.Handler; Anteroom's lines have no groups.
func (h *reporter) WithGroup(string) slog.Handler { return h }
