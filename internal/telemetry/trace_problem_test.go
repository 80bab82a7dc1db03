package telemetry_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// TestTracesThatCannotBeSent are in the log, as lines like any other.
func TestTracesThatCannotBeSent(t *testing.T) {
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }))
	defer refusing.Close()
	var out bytes.Buffer
	log := slog.New(telemetry.NewHandler(&out, true, slog.LevelInfo))
	stop, err := telemetry.StartTracing(t.Context(), telemetry.Traces{Endpoint: refusing.URL + "/v1/traces", Share: 1}, log)
	require.NoError(t, err)
	_, end := telemetry.Span(t.Context(), "lost", trace.SpanKindServer)
	end(nil)
	require.NoError(t, stop(t.Context()))
	line := lineOf(t, &out)
	require.Equal(t, "WARN", line["level"])
	require.Contains(t, line["error"], "400")
}

// TestBadTraceEndpoint is an error, and no reason to send to this machine.
func TestBadTraceEndpoint(t *testing.T) {
	for _, endpoint := range []string{"::bad", "localhost:4318", "http://", "ftp://collector/v1/traces"} {
		stop, err := telemetry.StartTracing(t.Context(), telemetry.Traces{Endpoint: endpoint, Share: 1}, slog.New(slog.DiscardHandler))
		require.ErrorContains(t, err, "http://HOST:4318/v1/traces")
		require.NoError(t, stop(t.Context()))
	}
}
