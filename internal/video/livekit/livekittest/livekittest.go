// Package livekittest gives tests a real LiveKit, and webhooks signed as LiveKit
// signs them.
package livekittest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/livekit/protocol/auth"

	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
)

// The key of the servers that Start starts, and its secret.
const (
	APIKey    = "testkey"
	APISecret = "a-secret-for-tests-of-32-characters-or-more"
)

// Start runs a LiveKit until the test ends, with APIKey, posting its events to
// the URLs. The program is embedded.BinaryEnv's or the module's bin/livekit-server.
func Start(t testing.TB, webhookURLs ...string) *embedded.Server {
	t.Helper()
	return StartAs(t, embedded.Options{WebhookURLs: webhookURLs})
}

// StartBare runs one as LiveKit comes: without Redis, and so without SIP and egress.
func StartBare(t testing.TB) *embedded.Server {
	t.Helper()
	return StartAs(t, embedded.Options{Bare: true})
}

// StartBeside runs one more LiveKit on the Redis of another, as one of a cluster.
func StartBeside(t testing.TB, server *embedded.Server, webhookURLs ...string) *embedded.Server {
	t.Helper()
	return StartAs(t, embedded.Options{RedisAddr: server.RedisAddr(), WebhookURLs: webhookURLs})
}

// StartAs runs one with the options; its program, folder and first key are as
// those of Start.
func StartAs(t testing.TB, o embedded.Options) *embedded.Server {
	t.Helper()
	o.Binary, o.Dir, o.APIKey, o.APISecret = Binary(t), t.TempDir(), APIKey, APISecret
	server, err := embedded.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		if t.Failed() {
			t.Logf("LiveKit's log ends with:\n%s", server.Log())
		}
	})
	return server
}

// Provider speaks to a server of Start.
func Provider(t testing.TB, server *embedded.Server) *livekit.Provider {
	t.Helper()
	provider, err := livekit.New(livekit.Config{InternalURL: server.URL(), PublicURL: server.WSURL(), APIKey: APIKey, APISecret: APISecret})
	if err != nil {
		t.Fatal(err)
	}
	return provider
}

// Binary finds livekit-server from the folder of any package of the module.
func Binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(embedded.BinaryEnv); path != "" {
		return path
	}
	return filepath.Join(moduleRoot(t), "bin", embedded.BinaryName)
}

func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the working folder")
		}
		dir = parent
	}
}

// Sign gives the headers with which LiveKit posts this body: a token over its
// SHA-256, valid for five minutes, without the word Bearer. It panics when the
// key or the secret is empty.
func Sign(body []byte, key, secret string) http.Header {
	sum := sha256.Sum256(body)
	token, err := auth.NewAccessToken(key, secret).
		SetSha256(base64.StdEncoding.EncodeToString(sum[:])).
		SetValidFor(5 * time.Minute).
		ToJWT()
	if err != nil {
		panic(err)
	}
	return http.Header{
		"Authorization": {token},
		"Content-Type":  {"application/webhook+json"},
		"User-Agent":    {"LiveKit"},
	}
}
