package livekit_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestStoriesReadAsTheyAreTold: an event goes through LiveKit's JSON unchanged, and
// nothing of the password in it stays.
func TestStoriesReadAsTheyAreTold(t *testing.T) {
	provider := local(t, nil)
	rapid.Check(t, func(r *rapid.T) {
		for _, told := range videotest.Stories("a", "b").Draw(r, "story").Told {
			body := livekittest.Body(told.Event)
			event, err := provider.ParseWebhook(sign(body), body)
			require.NoError(r, err)
			require.False(r, bytes.Contains(event.Body, []byte("a TURN password")))
			event.Body = nil
			require.Equal(r, told.Event, event, "%s", body)
		}
	})
}
