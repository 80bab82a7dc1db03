package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync/atomic"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Traces says where spans go.
type Traces struct {
	// Endpoint is a collector that takes OTLP over HTTP, as a URL with its path
	// (https://collector:4318/v1/traces); "" traces nothing.
	Endpoint string
	// Share is how many of the traces that begin here are kept, from 0 to 1. One that a
	// caller began is kept if the caller keeps it.
	Share   float64
	Version string // of this program
}

// errEndpoint does not show the endpoint: there may be a password in it.
var errEndpoint = errors.New("a collector of traces is http://HOST:4318/v1/traces, or https://…")

// Check finds what is wrong with the endpoint. The exporter would send to
// localhost instead.
func (t Traces) Check() error {
	if t.Endpoint == "" {
		return nil
	}
	u, err := url.Parse(t.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errEndpoint
	}
	return nil
}

// tracing is whether spans go anywhere, as OpenTelemetry itself does not say.
var tracing atomic.Bool

// Tracing says whether spans are recorded, for those whom it costs something to
// make them.
func Tracing() bool { return tracing.Load() }

// StartTracing sends spans from now on, in the background; what goes wrong with
// that is in the log. stop sends what is left; it is never nil.
func StartTracing(ctx context.Context, t Traces, log *slog.Logger) (stop func(context.Context) error, err error) {
	stop = func(context.Context) error { return nil }
	if err := t.Check(); err != nil || t.Endpoint == "" {
		return stop, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces could not be sent", slog.Any("error", err)) }))
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(t.Endpoint))
	if err != nil {
		return stop, fmt.Errorf("send traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(t.Share))),
		sdktrace.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "anteroom"), attribute.String("service.version", t.Version),
		)),
	)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	tracing.Store(true)
	return provider.Shutdown, nil
}

// Span begins a span; end ends it, with the error if there is one. While nothing
// is traced it costs next to nothing.
func Span(ctx context.Context, name string, kind trace.SpanKind, attrs ...attribute.KeyValue) (_ context.Context, end func(error)) {
	ctx, span := otel.Tracer("github.com/anteroom-dev/anteroom").Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(attrs...))
	return ctx, func(err error) {
		if err != nil {
			span.RecordError(err)
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}

// Carry is the trace of a context in a form that can be kept: nil while nothing is
// traced.
func Carry(ctx context.Context) map[string]string {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return nil
	}
	carrier := propagation.MapCarrier{}
	otel.GetTextMapPropagator().Inject(ctx, carrier)
	return carrier
}

// Continue goes on with a trace that Carry kept.
func Continue(ctx context.Context, kept map[string]string) context.Context {
	return otel.GetTextMapPropagator().Extract(ctx, propagation.MapCarrier(kept))
}
