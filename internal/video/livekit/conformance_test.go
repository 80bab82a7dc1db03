package livekit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

func TestLiveKitPassesTheSuite(t *testing.T) {
	server, deliveries := startWithWebhooks(t)
	known, err := os.ReadFile("testdata/room_started.json")
	require.NoError(t, err)
	videotest.Run(t, videotest.Harness{
		Provider:    livekittest.Provider(t, server),
		Unreachable: unreachable(t),
		Sign: func(body []byte) http.Header {
			return livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
		},
		Forge: func(body []byte) http.Header {
			return livekittest.Sign(body, livekittest.APIKey, "another secret, as long as the real one")
		},
		Known:   known,
		Unknown: []byte(`{"event":"room_painted","id":"EV_1","createdAt":"1795224602","colour":{"name":"red"}}`),
		NoID:    []byte(`{"event":"room_started","room":{"sid":"RM_1","name":"demo"}}`),
		AddForeignRule: func(t *testing.T, pin string) string {
			return livekittest.AddForeignRule(t, server.URL(), pin)
		},
		AddEgress:  func(t *testing.T, e video.Egress) { storeEgress(t, server.RedisAddr(), e) },
		Join:       func(t *testing.T, pass video.Pass) func() { return livekittest.Join(t, pass) },
		Deliveries: deliveries,
	})
}

// startWithWebhooks runs a LiveKit and gives what it posts.
func startWithWebhooks(t *testing.T) (*embedded.Server, <-chan videotest.Delivery) {
	t.Helper()
	deliveries := make(chan videotest.Delivery, 1000)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			deliveries <- videotest.Delivery{Header: r.Header, Body: body}
		}
	}))
	t.Cleanup(receiver.Close)
	return livekittest.Start(t, receiver.URL), deliveries
}

// unreachable is a provider whose port was closed a moment ago.
func unreachable(t *testing.T) *livekit.Provider {
	t.Helper()
	nobody := httptest.NewServer(http.NotFoundHandler())
	nobody.Close()
	provider, err := livekit.New(livekit.Config{
		InternalURL: nobody.URL, APIKey: livekittest.APIKey, APISecret: livekittest.APISecret,
	})
	require.NoError(t, err)
	return provider
}
