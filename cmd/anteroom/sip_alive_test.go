package main

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestSIPIsWatched: whether LiveKit's SIP service lives is in the metrics, and who
// reads them does not ask it; one that hangs is away, and holds nobody up.
func TestSIPIsWatched(t *testing.T) {
	const alive = "anteroom_sip_alive{provider=livekit}"
	var hangs atomic.Bool
	service := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if hangs.Load() {
			<-r.Context().Done()
		}
	}))
	defer service.Close()
	p := start(t, dbtest.SQLiteURL(t), func(c *Config) { c.LiveKit.SIPHealthURL = service.URL })
	await(t, watchLimit, "it is there", func() bool { return scrape(t, p.url)[alive] == 1 })
	hangs.Store(true)
	await(t, watchLimit, "it is away", func() bool {
		begin := time.Now()
		now := scrape(t, p.url)
		require.Less(t, time.Since(begin), 4*time.Second)
		return now[alive] == 0
	})
	require.Contains(t, scrape(t, p.url), alive)
	hangs.Store(false)
	await(t, watchLimit, "it is back", func() bool { return scrape(t, p.url)[alive] == 1 })
}

// TestSIPIsNotWatched where nobody said how.
func TestSIPIsNotWatched(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	require.NotContains(t, scrape(t, p.url), "anteroom_sip_alive{provider=livekit}")
}
