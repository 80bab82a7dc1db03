package videotest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// request is a good one, for a room of its own.
func request() video.PassRequest {
	return video.PassRequest{
		PassID:           uuid.NewString(),
		RoomName:         uuid.NewString(),
		Identity:         uuid.NewString(),
		DisplayName:      "Ada <Lovelace>",
		Role:             "member",
		CanPublish:       true,
		Attributes:       map[string]string{"team": "engines"},
		Expires:          time.Now().Add(time.Hour),
		EmptyTimeout:     10 * time.Second,
		DepartureTimeout: time.Second,
	}
}

func (h Harness) describe(t *testing.T) {
	require.NotEmpty(t, h.Provider.Name())
	c := h.Provider.Capabilities()
	require.True(t, c.Token != c.RoomURL, "joined by a token or by a URL")
}

func (h Harness) passes(t *testing.T) {
	pass, err := h.Provider.Pass(t.Context(), request())
	require.NoError(t, err)
	if h.Provider.Capabilities().Token {
		require.NotEmpty(t, pass.Token)
		require.True(t, strings.HasPrefix(pass.ServerURL, "ws"), pass.ServerURL)
	} else {
		require.True(t, strings.HasPrefix(pass.RoomURL, "https://"), "a room's URL")
	}
	for name, c := range map[string]struct {
		change   func(*video.PassRequest)
		expected error
	}{
		"two hours":       {func(r *video.PassRequest) { r.Expires = time.Now().Add(2 * time.Hour) }, nil},
		"too long":        {func(r *video.PassRequest) { r.Expires = time.Now().Add(2*time.Hour + time.Minute) }, video.ErrPassLifetime},
		"expired":         {func(r *video.PassRequest) { r.Expires = time.Now().Add(-time.Second) }, video.ErrPassLifetime},
		"no expiry":       {func(r *video.PassRequest) { r.Expires = time.Time{} }, video.ErrPassLifetime},
		"nobody":          {func(r *video.PassRequest) { r.Identity = "" }, video.ErrPassIncomplete},
		"nowhere":         {func(r *video.PassRequest) { r.RoomName = "" }, video.ErrPassIncomplete},
		"no id":           {func(r *video.PassRequest) { r.PassID = "" }, video.ErrPassIncomplete},
		"our attribute":   {func(r *video.PassRequest) { r.Attributes = map[string]string{video.AttributePass: "x"} }, video.ErrAttributeReserved},
		"SIP's attribute": {func(r *video.PassRequest) { r.Attributes = map[string]string{"sip.callID": "x"} }, video.ErrAttributeReserved},
		"one source":      {func(r *video.PassRequest) { r.PublishSources = []string{video.Microphone} }, nil},
		"unknown source":  {func(r *video.PassRequest) { r.PublishSources = []string{"smell"} }, video.ErrPublishSource},
	} {
		t.Run(name, func(t *testing.T) {
			r := request()
			c.change(&r)
			_, err := h.Provider.Pass(t.Context(), r)
			require.ErrorIs(t, err, c.expected)
		})
	}
}

func (h Harness) endMeeting(t *testing.T) {
	require.NoError(t, h.Provider.EndMeeting(t.Context(), uuid.NewString()))
	require.ErrorIs(t, h.Unreachable.EndMeeting(t.Context(), uuid.NewString()), video.ErrUnavailable)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, h.Provider.EndMeeting(canceled, uuid.NewString()), video.ErrUnavailable)
}
