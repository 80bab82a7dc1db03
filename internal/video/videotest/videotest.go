// Package videotest holds the suite that every provider passes, and the one fake,
// which passes it too.
package videotest

import (
	"net/http"
	"testing"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Harness is what the suite needs of a provider.
type Harness struct {
	Provider    video.Provider // without rules and meetings
	Unreachable video.Provider // the same one, called where nobody answers

	Sign    func(body []byte) http.Header // as the provider signs
	Forge   func(body []byte) http.Header // as the provider signs, with another key
	Known   []byte                        // a body of the kind video.RoomStarted, with all that such a one states
	Unknown []byte                        // a body of a type that nobody knows
	NoID    []byte                        // a body of a known type, without the event's id

	// AddForeignRule makes a rule with this PIN as somebody else would, and gives
	// its id. Nil where the provider is no video.Dialer.
	AddForeignRule func(t *testing.T, pin string) string

	// AddEgress makes the provider hold an egress that is at work. Nil where no test
	// can.
	AddEgress func(t *testing.T, e video.Egress)

	// Play has the captures that start from now on go this way. Nil where no test
	// can record; then ReadCaptured is not needed.
	Play func(scenario Scenario)
	// ReadCaptured gives the captured file with this key.
	ReadCaptured func(t *testing.T, path string) []byte
	// Metadata is what those in a room are told as its metadata. Nil where the
	// provider is no video.Announcer.
	Metadata func(t *testing.T, roomName string) string

	// Join comes in with a pass. Nil where no test can; then Deliveries is not
	// needed.
	Join func(t *testing.T, pass video.Pass) (leave func())
	// Speak comes in with a pass and publishes a microphone, until hush. Nil where no
	// test can.
	Speak func(t *testing.T, pass video.Pass) (track string, hush func())
	// Deliveries are the webhooks that the provider posts.
	Deliveries <-chan Delivery
}

// Run is the suite.
func Run(t *testing.T, h Harness) {
	t.Run("Describe", h.describe)
	t.Run("Pass", h.passes)
	t.Run("Webhook", h.webhooks)
	t.Run("EndMeeting", h.endMeeting)
	if dialer, ok := h.Provider.(video.Dialer); ok {
		t.Run("Dialer", dialerSuite{h, dialer}.run)
	}
	if looker, ok := h.Provider.(video.Looker); ok {
		t.Run("Looker", lookerSuite{h, looker}.run)
	}
	if recorder, ok := h.Provider.(video.Recorder); ok {
		t.Run("Recorder", recorderSuite{h, recorder}.run)
	}
	if announcer, ok := h.Provider.(video.Announcer); ok {
		t.Run("Announcer", announcerSuite{h, announcer}.run)
	}
	if h.Join != nil {
		t.Run("Meeting", h.meeting)
	}
}
