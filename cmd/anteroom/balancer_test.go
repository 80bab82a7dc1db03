package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// lookAtReady is how often a balancer asks for /readyz.
const lookAtReady = 20 * time.Millisecond

// balancer leads requests to processes in turn, to those that say they are ready.
type balancer struct {
	url     string
	targets []*target
	turn    atomic.Int64
}

type target struct {
	proxy *httputil.ReverseProxy
	ready atomic.Bool
	took  atomic.Int64 // requests
}

func startBalancer(t *testing.T, urls ...string) *balancer {
	t.Helper()
	b := &balancer{}
	done := make(chan struct{})
	var looking sync.WaitGroup
	for _, raw := range urls {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		to := &target{proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
		b.targets = append(b.targets, to)
		looking.Go(func() { to.look(raw, done) })
	}
	s := httptest.NewServer(b)
	b.url = s.URL
	t.Cleanup(func() {
		close(done)
		looking.Wait()
		s.CloseClientConnections()
		s.Close()
	})
	return b
}

func (to *target) look(url string, done chan struct{}) {
	tick := time.NewTicker(lookAtReady)
	defer tick.Stop()
	for {
		resp, err := http.Get(url + "/readyz")
		to.ready.Store(err == nil && resp.StatusCode == http.StatusOK)
		if err == nil {
			_ = resp.Body.Close()
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

// ServeHTTP implements http.Handler.
func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	turn := int(b.turn.Add(1)) // once: others take turns meanwhile
	for n := range b.targets {
		to := b.targets[(turn+n)%len(b.targets)]
		if to.ready.Load() {
			to.took.Add(1)
			to.proxy.ServeHTTP(w, r)
			return
		}
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// TestTwoServesBehindABalancer is the main job with each request, and each
// webhook, at whichever process comes next.
func TestTwoServesBehindABalancer(t *testing.T) {
	databaseURL := dbtest.PostgresURL(t)
	hooks := startProxy(t, "http://127.0.0.1:1")
	lk := livekittest.Start(t, hooks.url+"/anteroom.v1.WebhookService/ReceiveLiveKit")
	proxy := startProxy(t, lk.URL())
	one, other := startServe(t, serveEnv(t, databaseURL, proxy.url, lk.WSURL())), startServe(t, serveEnv(t, databaseURL, proxy.url, lk.WSURL()))
	one.awaitReady()
	other.awaitReady()
	b := startBalancer(t, one.url, other.url)
	await(t, readyLimit, "both are seen", func() bool { return b.targets[0].ready.Load() && b.targets[1].ready.Load() })
	hooks.leadTo(t, b.url)
	pinWorks(t, &program{t: t, url: b.url, tokens: one.tokens, server: lk, proxy: proxy, hooks: hooks, db: dbtest.Open(t, databaseURL), log: one.log})
	for _, to := range b.targets {
		require.Positive(t, to.took.Load())
	}
	one.stop()
	other.stop()
}

// TestStoppingUnderLoadDropsNoRequest has one of two processes end, and start
// again, while requests come as fast as they can.
func TestStoppingUnderLoadDropsNoRequest(t *testing.T) {
	const clients, least = 8, 200
	databaseURL := dbtest.PostgresURL(t)
	lk := livekittest.Start(t)
	envs := []map[string]string{serveEnv(t, databaseURL, lk.URL(), lk.WSURL()), serveEnv(t, databaseURL, lk.URL(), lk.WSURL())}
	var serves []*process
	for _, env := range envs {
		env["ANTEROOM_STOP_DELAY"] = "2s" // a hundred looks
		serves = append(serves, startServe(t, env))
	}
	serves[0].awaitReady()
	serves[1].awaitReady()
	b := startBalancer(t, serves[0].url, serves[1].url)
	await(t, readyLimit, "both are seen", func() bool { return b.targets[0].ready.Load() && b.targets[1].ready.Load() })

	p := &program{t: t, url: b.url, tokens: serves[0].tokens}
	var asked, failed atomic.Int64
	done := make(chan struct{})
	var all sync.WaitGroup
	for range clients {
		host := p.as("host")
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				_, err := host.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "Under load"})
				if asked.Add(1); err != nil {
					failed.Add(1)
					t.Logf("failed: %v", err)
				}
			}
		})
	}
	more := func() {
		now := asked.Load()
		await(t, readyLimit, "requests are served", func() bool { return asked.Load() > now+least })
	}
	for n := range serves {
		more()
		serves[n].stop()
		more()
		serves[n] = startServe(t, envs[n])
		serves[n].awaitReady()
		await(t, readyLimit, "it is seen again", b.targets[n].ready.Load)
	}
	close(done)
	all.Wait()
	t.Logf("%d requests were served", asked.Load())
	require.Zero(t, failed.Load())
	d := dbtest.Open(t, databaseURL)
	require.EqualValues(t, asked.Load(), d.Room.Query().CountX(t.Context()), "each room that was asked for is there once")
	for _, s := range serves {
		s.stop()
	}
}
