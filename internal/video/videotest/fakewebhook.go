package videotest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// The fake signs with HMAC-SHA256 under this key, in hex, in this header.
const (
	fakeKey    = "the fake's key"
	fakeHeader = "Fake-Signature"
)

// fakeKinds are the fake's words, which are LiveKit's.
var fakeKinds = map[string]video.EventKind{
	"room_started":                   video.RoomStarted,
	"room_finished":                  video.RoomFinished,
	"participant_joined":             video.ParticipantJoined,
	"participant_left":               video.ParticipantLeft,
	"participant_connection_aborted": video.ParticipantAborted,
	"track_published":                video.TrackPublished,
	"track_unpublished":              video.TrackUnpublished,
	"egress_started":                 video.EgressStarted,
	"egress_updated":                 video.EgressUpdated,
	"egress_ended":                   video.EgressEnded,
}

// Delivery is a webhook as it comes over the wire.
type Delivery struct {
	Header http.Header
	Body   []byte
}

// Webhook is the signed webhook that tells this event. The kind comes from the
// type; the provider and the body are not read.
func (f *Fake) Webhook(e video.Event) Delivery {
	e.Body = nil
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return Delivery{Header: f.Sign(body), Body: body}
}

// Sign gives the headers with which the fake posts a body.
func (f *Fake) Sign(body []byte) http.Header { return signFake(body, fakeKey) }

func signFake(body []byte, key string) http.Header {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return http.Header{
		fakeHeader:     {hex.EncodeToString(mac.Sum(nil))},
		"Content-Type": {"application/json"},
	}
}

// ParseWebhook reads what Webhook or Sign made.
func (f *Fake) ParseWebhook(header http.Header, body []byte) (video.Event, error) {
	f.mu.Lock()
	f.calls["ParseWebhook"]++
	f.mu.Unlock()
	if !hmac.Equal([]byte(header.Get(fakeHeader)), []byte(f.Sign(body).Get(fakeHeader))) {
		return video.Event{}, video.ErrSignature
	}
	return f.ParseEvent(body)
}

// ParseEvent reads what ParseWebhook has let through.
func (f *Fake) ParseEvent(body []byte) (video.Event, error) {
	var event video.Event
	if err := json.Unmarshal(body, &event); err != nil {
		return video.Event{}, video.ErrBody.Because(err)
	}
	if event.ID == "" || event.Type == "" {
		return video.Event{}, video.ErrBody
	}
	event.Provider, event.Kind, event.Body = f.name, fakeKinds[event.Type], body
	return event, nil
}
