package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestWatchThatIsClosedIsNoError: who closes a page, or said for how long to
// watch, is counted as that, and calls nobody out of bed.
func TestWatchThatIsClosedIsNoError(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t), seldom)
	host := p.as("host")
	room := p.room(host, public)
	counted := func(code string) float64 {
		return scrape(t, p.url)["anteroom_rpc_duration_seconds{code="+code+",procedure="+anteroomv1connect.RoomServiceWatchProcedure+"}"]
	}
	before := map[string]float64{}
	for _, code := range []string{"canceled", "deadline_exceeded", "unknown", "internal"} {
		before[code] = counted(code)
	}
	s := p.watch(host, room.GetId())
	s.snapshot()
	s.stop()
	await(t, watchLimit, "the end is counted", func() bool { return counted("canceled") == before["canceled"]+1 })

	bearing := bearer{p.token(auth.Identity{Subject: "host"}), roundTrip(func(r *http.Request) (*http.Response, error) {
		r.Header.Set("Connect-Timeout-Ms", "300")
		return http.DefaultTransport.RoundTrip(r)
	})}
	s = p.watch(client{RoomServiceClient: anteroomv1connect.NewRoomServiceClient(&http.Client{Transport: bearing}, p.url)}, room.GetId())
	s.snapshot()
	require.Nil(t, s.next())
	await(t, watchLimit, "the end is counted", func() bool { return counted("deadline_exceeded") == before["deadline_exceeded"]+1 })
	require.Equal(t, before["unknown"], counted("unknown"))
	require.Equal(t, before["internal"], counted("internal"))
}

// TestAlertsSpareStreams: a stream lasts long and ends as unavailable when a
// process stops; no alert counts it as a slow call or a failed one.
func TestAlertsSpareStreams(t *testing.T) {
	for _, path := range []string{"../../deploy/prometheus/alerts.yml", "../../deploy/grafana/anteroom.json"} {
		for line := range strings.Lines(textOf(t, path)) {
			if strings.Contains(line, "unavailable") && strings.Contains(line, "expr") || strings.Contains(line, "histogram_quantile") {
				require.Equal(t, strings.Count(line, "anteroom_rpc_"), strings.Count(strings.ReplaceAll(line, `\"`, `"`), `procedure!~".*/Watch"`), line)
			}
		}
	}
}
