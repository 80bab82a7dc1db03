package main

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// collected is a collector of traces that keeps the spans it is sent, by their trace.
type collected struct {
	url string

	mu     sync.Mutex
	traces map[string]map[string]*otlp.Span // by the span's name
}

func startCollector(t *testing.T) *collected {
	t.Helper()
	c := &collected{traces: map[string]map[string]*otlp.Span{}}
	s := httptest.NewServer(c)
	t.Cleanup(s.Close)
	c.url = s.URL + "/v1/traces"
	return c
}

// ServeHTTP takes OTLP over HTTP.
func (c *collected) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	text, err := io.ReadAll(body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(text, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range sent.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				id := string(span.GetTraceId())
				if c.traces[id] == nil {
					c.traces[id] = map[string]*otlp.Span{}
				}
				c.traces[id][span.GetName()] = span
			}
		}
	}
}

// with is a trace that has spans of all those names.
func (c *collected) with(names ...string) map[string]*otlp.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, spans := range c.traces {
		n := 0
		for _, name := range names {
			if spans[name] != nil {
				n++
			}
		}
		if n == len(names) {
			return spans
		}
	}
	return nil
}

// TestTraces: one trace shows a webhook, the statements that stored it, the job
// that it made necessary and what LiveKit was asked then; and nothing secret.
func TestTraces(t *testing.T) {
	for name, database := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			c := startCollector(t)
			d := startDev(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--database-url", database, "--trace-endpoint", c.url)
			user := d.client(t, d.UserToken)
			made, err := user.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "Traced", AccessLevel: restricted})
			require.NoError(t, err)
			joined, err := user.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: made.GetRoom().GetId()})
			require.NoError(t, err)
			pass := joined.GetPass()
			leave := livekittest.Join(t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
			var spans map[string]*otlp.Span
			await(t, settleLimit, "a trace from the webhook to LiveKit", func() bool {
				spans = c.with("anteroom.v1.WebhookService/ReceiveLiveKit", "sql.conn.exec", "job sip.settle", "livekit CreateSIPDispatchRule")
				return spans != nil
			})
			leave()
			require.Equal(t, spans["job sip.settle"].GetSpanId(), spans["livekit CreateSIPDispatchRule"].GetParentSpanId())
			dialIn, err := user.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: made.GetRoom().GetId()})
			require.NoError(t, err)
			d.stop(t, syscall.SIGTERM)
			require.NotNil(t, c.with("anteroom.v1.SipService/GetDialIn"), "what came last is sent too")
			for _, spans := range c.traces {
				for _, span := range spans {
					require.NotContains(t, span.String(), dialIn.GetPin())
					require.NotContains(t, span.String(), pass.GetToken())
				}
			}
		})
	}
}
