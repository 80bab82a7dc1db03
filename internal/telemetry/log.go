// Package telemetry tells outside what happens inside: log lines that name the
// request they belong to, traces, and reports of what went wrong.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// NewHandler writes log lines from a level on: as JSON for machines, else as
// text for people. Each carries what Note has put into its context and, while
// one is recorded, the trace that it belongs to.
func NewHandler(w io.Writer, json bool, level slog.Leveler) slog.Handler {
	options := &slog.HandlerOptions{Level: level}
	if json {
		return &contextual{slog.NewJSONHandler(w, options)}
	}
	return &contextual{slog.NewTextHandler(w, options)}
}

// contextual adds to a line what its context knows.
type contextual struct{ slog.Handler }

// Handle implements slog.Handler.
func (h *contextual) Handle(ctx context.Context, r slog.Record) error {
	r.AddAttrs(attributes(ctx)...)
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &contextual{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *contextual) WithGroup(name string) slog.Handler {
	return &contextual{h.Handler.WithGroup(name)}
}

// attributes are what a context knows about what is being done in it.
func attributes(ctx context.Context) []slog.Attr {
	var attrs []slog.Attr
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		attrs = n.all()
	}
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		attrs = append(attrs, slog.String("trace_id", span.TraceID().String()))
	}
	return attrs
}

type notesKey struct{}

// notes are what is known of one request or job. What is learnt on the way, such as who
// asks, is known to the lines that are written further out as well.
type notes struct {
	mu    sync.Mutex
	attrs []slog.Attr
}

func (n *notes) all() []slog.Attr {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.attrs)
}

// Begin opens a context in which one request or job is done.
func Begin(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, notesKey{}, &notes{attrs: attrs})
}

// Note adds to what is known of the request or job that is done in a context; it
// does nothing where none was begun.
func Note(ctx context.Context, attrs ...slog.Attr) {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.attrs = append(n.attrs, attrs...)
	}
}
