package main

import (
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestMetricsOnAnAddressOfTheirOwn: there and nowhere else, and nothing else there
// but how the process is.
func TestMetricsOnAnAddressOfTheirOwn(t *testing.T) {
	lk := livekittest.Start(t)
	env := serveEnv(t, dbtest.SQLiteURL(t), lk.URL(), lk.WSURL())
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	env["ANTEROOM_METRICS_LISTEN"] = free.Addr().String()
	_, said, err := runs(t, env, "serve", "--migrate")
	require.Error(t, err)
	require.Contains(t, said, "choose another address with --metrics-listen")
	require.NoError(t, free.Close())

	p := startServe(t, env, "--migrate")
	p.awaitReady()
	apart := "http://" + env["ANTEROOM_METRICS_LISTEN"]
	require.Contains(t, scrape(t, apart), "anteroom_watchers")
	for url, want := range map[string]int{
		p.url + "/metrics": http.StatusNotFound, p.url + "/": http.StatusOK, p.url + "/healthz": http.StatusOK,
		apart + "/": http.StatusNotFound, apart + "/healthz": http.StatusOK, apart + "/readyz": http.StatusOK,
		apart + "/anteroom.v1.RoomService/GetClientConfig?encoding=json&message=%7B%7D": http.StatusNotFound,
	} {
		resp, _ := get(t, url)
		require.Equal(t, want, resp.StatusCode, url)
		require.NotEmpty(t, resp.Header.Get("X-Request-Id"), url)
	}
	p.stop()
}
