package livekit_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	lksdk "github.com/livekit/server-sdk-go/v2"
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
	dir := t.TempDir()
	standIn := livekittest.StartEgressStandIn(t, server.RedisAddr())
	videotest.Run(t, videotest.Harness{
		Provider:    recordingInto(t, server, livekit.Store{Dir: dir}),
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
		AddEgress: func(t *testing.T, e video.Egress) { storeEgress(t, server.RedisAddr(), e) },
		Join:      func(t *testing.T, pass video.Pass) func() { return livekittest.Join(t, pass) },
		Speak: func(t *testing.T, pass video.Pass) (string, func()) {
			room := livekittest.JoinRoom(t, pass, &lksdk.RoomCallback{})
			track := livekittest.PublishVoice(t, room)
			return track, func() { require.NoError(t, room.LocalParticipant.UnpublishTrack(track)) }
		},
		Deliveries: deliveries,
		Play:       standIn.Play,
		ReadCaptured: func(t *testing.T, path string) []byte {
			content, err := os.ReadFile(filepath.Join(dir, path))
			require.NoError(t, err)
			return content
		},
		Metadata: func(t *testing.T, roomName string) string { return livekittest.RoomMetadata(t, server.URL(), roomName) },
	})
}

// recordingInto is a provider of the server whose captures go into this store.
func recordingInto(t *testing.T, server *embedded.Server, store livekit.Store) *livekit.Provider {
	t.Helper()
	provider, err := livekit.New(livekit.Config{
		InternalURL: server.URL(), PublicURL: server.WSURL(), APIKey: livekittest.APIKey, APISecret: livekittest.APISecret,
		Store: store,
	})
	require.NoError(t, err)
	return provider
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
