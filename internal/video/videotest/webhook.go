package videotest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

func (h Harness) webhooks(t *testing.T) {
	t.Run("known", func(t *testing.T) {
		event := h.parse(t, Delivery{h.Sign(h.Known), h.Known})
		require.Equal(t, video.RoomStarted, event.Kind)
		require.NotEmpty(t, event.Room.Name)
		require.NotEmpty(t, event.Room.SID)
		require.False(t, event.Room.StartTime.IsZero())
		require.False(t, event.Time.IsZero())
		require.Nil(t, event.Participant)
		require.Nil(t, event.Track)
		require.Nil(t, event.Egress)
	})
	t.Run("unknown type", func(t *testing.T) {
		event := h.parse(t, Delivery{h.Sign(h.Unknown), h.Unknown})
		require.Equal(t, video.Other, event.Kind)
	})
	for name, c := range map[string]struct {
		header   http.Header
		body     []byte
		expected error
	}{
		"unsigned":     {http.Header{}, h.Known, video.ErrSignature},
		"another key":  {h.Forge(h.Known), h.Known, video.ErrSignature},
		"changed body": {h.Sign(h.Known), append(bytes.Clone(h.Known), ' '), video.ErrSignature},
		"no body":      {h.Sign(h.Known), nil, video.ErrSignature},
		"empty":        {h.Sign(nil), nil, video.ErrBody},
		"cut off":      {h.Sign(h.Known[:len(h.Known)/2]), h.Known[:len(h.Known)/2], video.ErrBody},
		"a list":       {h.Sign([]byte("[]")), []byte("[]"), video.ErrBody},
		"no id":        {h.Sign(h.NoID), h.NoID, video.ErrBody},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Provider.ParseWebhook(c.header, c.body)
			require.ErrorIs(t, err, c.expected)
		})
	}
}

// parse reads a webhook and checks what holds for all events.
func (h Harness) parse(t *testing.T, d Delivery) video.Event {
	t.Helper()
	event, err := h.Provider.ParseWebhook(d.Header, d.Body)
	require.NoError(t, err)
	require.Equal(t, h.Provider.Name(), event.Provider)
	require.NotEmpty(t, event.ID)
	require.NotEmpty(t, event.Type)
	require.True(t, json.Valid(event.Body))
	again, err := h.Provider.ParseWebhook(d.Header, d.Body)
	require.NoError(t, err)
	require.Equal(t, event, again, "the same webhook is the same event")
	kept, err := h.Provider.ParseEvent(event.Body)
	require.NoError(t, err)
	event.Body, kept.Body = nil, nil
	require.Equal(t, event, kept, "what is kept of a webhook is the same event")
	return event
}
