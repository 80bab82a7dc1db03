package telemetry_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// TestLogNamesTheRequest: each line carries what is known of its request, also what
// was learnt further in; lines of other requests do not.
func TestLogNamesTheRequest(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(telemetry.NewHandler(&out, true, slog.LevelInfo)).With("at", "door")
	ctx := telemetry.Begin(t.Context(), slog.String("request_id", "one"))
	func(ctx context.Context) { telemetry.Note(ctx, slog.String("principal", "guest")) }(ctx)
	log.InfoContext(ctx, "heard", "n", 1)
	require.Equal(t, map[string]any{"level": "INFO", "msg": "heard", "at": "door", "n": 1.0, "request_id": "one", "principal": "guest"}, lineOf(t, &out))
	telemetry.Note(t.Context(), slog.String("principal", "nobody's"))
	log.InfoContext(t.Context(), "heard")
	require.Equal(t, map[string]any{"level": "INFO", "msg": "heard", "at": "door"}, lineOf(t, &out))
	log.DebugContext(ctx, "too fine")
	require.Empty(t, out.String())
}

func lineOf(t *testing.T, out *bytes.Buffer) (line map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.Contains(t, line, "time")
	delete(line, "time")
	out.Reset()
	return line
}

// received is a server that keeps the bodies it is sent.
func received(t *testing.T) (url string, bodies <-chan []byte) {
	t.Helper()
	got := make(chan []byte, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			unzipped, err := gzip.NewReader(body)
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			body = unzipped
		}
		all, _ := io.ReadAll(body)
		got <- all
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

// TestErrorsAreReported: what is logged as an error goes out as a report with what
// is known of its request; warnings do not, and nothing does without a DSN.
func TestErrorsAreReported(t *testing.T) {
	url, bodies := received(t)
	dsn := strings.Replace(url, "http://", "http://key@", 1) + "/7"
	var out bytes.Buffer
	h, stop, err := telemetry.Report(telemetry.NewHandler(&out, true, slog.LevelInfo), telemetry.Reports{DSN: dsn, Environment: "test", Version: "1.2"})
	require.NoError(t, err)
	log := slog.New(h)
	ctx := telemetry.Begin(t.Context(), slog.String("request_id", "one"))
	log.WarnContext(ctx, "only a warning")
	log.ErrorContext(ctx, "internal error", "procedure", "/p", "error", errors.New("it broke"))
	stop()
	report := string(<-bodies)
	for _, part := range []string{`"internal error"`, `"it broke"`, `"request_id":"one"`, `"procedure":"/p"`, `"anteroom@1.2"`, `"environment":"test"`} {
		require.Contains(t, report, part)
	}
	require.NotContains(t, report, "only a warning")
	require.Equal(t, 2, strings.Count(out.String(), "\n"), "the log has both")
	require.Empty(t, bodies)
}

// TestBadDSN: what is wrong with it is said, and not what it is: it has a key in it.
func TestBadDSN(t *testing.T) {
	_, stop, err := telemetry.Report(slog.DiscardHandler, telemetry.Reports{DSN: "https://secret@"})
	require.ErrorContains(t, err, "must look like")
	require.NotContains(t, err.Error(), "secret")
	stop()
}

// TestTraces: spans go to the collector as children of those that they began in,
// also across what was kept in between, and log lines name their trace.
func TestTraces(t *testing.T) {
	url, bodies := received(t)
	require.False(t, telemetry.Tracing())
	stop, err := telemetry.StartTracing(t.Context(), telemetry.Traces{Endpoint: url + "/v1/traces", Share: 1, Version: "1.2"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.True(t, telemetry.Tracing())
	ctx, end := telemetry.Span(t.Context(), "outer", trace.SpanKindServer)
	kept := telemetry.Carry(ctx)
	var out bytes.Buffer
	slog.New(telemetry.NewHandler(&out, true, slog.LevelInfo)).InfoContext(ctx, "heard")
	end(nil)
	_, end = telemetry.Span(telemetry.Continue(t.Context(), kept), "later", trace.SpanKindConsumer)
	end(errors.New("it broke"))
	require.NoError(t, stop(t.Context()))

	var sent collector.ExportTraceServiceRequest
	require.NoError(t, proto.Unmarshal(<-bodies, &sent))
	spans := sent.GetResourceSpans()[0].GetScopeSpans()[0].GetSpans()
	require.Len(t, spans, 2)
	outer, later := spans[0], spans[1]
	require.Equal(t, "outer", outer.GetName())
	require.Equal(t, "later", later.GetName())
	require.Equal(t, outer.GetTraceId(), later.GetTraceId())
	require.Equal(t, outer.GetSpanId(), later.GetParentSpanId())
	require.Equal(t, "it broke", later.GetEvents()[0].GetAttributes()[1].GetValue().GetStringValue())
	require.Equal(t, trace.TraceID(outer.GetTraceId()).String(), lineOf(t, &out)["trace_id"])
}

// TestGauges: a gauge is read at each scrape; one that fails leaves the others.
func TestGauges(t *testing.T) {
	var out bytes.Buffer
	n := 0.0
	c := telemetry.Gauges(slog.New(telemetry.NewHandler(&out, true, slog.LevelInfo)),
		telemetry.Gauge{Name: "people", Help: "People.", Labels: []string{"kind"}, Read: func(context.Context) ([]telemetry.Value, error) {
			n++
			return []telemetry.Value{{Number: n, Labels: []string{"web"}}}, nil
		}},
		telemetry.Gauge{Name: "broken", Help: "Broken.", Read: func(context.Context) ([]telemetry.Value, error) {
			return nil, errors.New("away")
		}},
	)
	for _, want := range []string{"1", "2"} {
		require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader("# HELP people People.\n# TYPE people gauge\npeople{kind=\"web\"} "+want+"\n")))
	}
	require.Contains(t, out.String(), `"metric":"broken"`)
	require.NoError(t, prometheus.NewRegistry().Register(c))
}
