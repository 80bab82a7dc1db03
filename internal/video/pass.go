package video

import (
	"slices"
	"strings"
	"time"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// MaxPassLifetime is how long a pass may be valid. It limits when one can enter,
// not how long one can stay.
const MaxPassLifetime = 2 * time.Hour

// Attributes that a pass gives its participant. Providers that know no
// attributes leave them out.
const (
	AttributePass = "anteroom.pass" // the pass's id
	AttributeRole = "anteroom.role" // PassRequest.Role
)

// reserved are the beginnings of attribute names that clients may not choose:
// ours, and those by which telephone callers are told.
var reserved = []string{"anteroom.", "sip.", "lk."}

// What a participant may publish, for PassRequest.PublishSources.
const (
	Camera           = "camera"
	Microphone       = "microphone"
	ScreenShare      = "screen_share"
	ScreenShareAudio = "screen_share_audio"
)

// What is wrong with a PassRequest.
var (
	// ErrPassLifetime: the pass has expired already, or is good for too long.
	ErrPassLifetime = fault.New(fault.Invalid, "pass_lifetime_invalid", "a pass expires in the future, within two hours")
	// ErrPassIncomplete: the pass, the room or the person has no name.
	ErrPassIncomplete = fault.New(fault.Invalid, "pass_incomplete", "a pass needs an id, a room and an identity")
	// ErrAttributeReserved: the name of an attribute is not the client's to choose.
	ErrAttributeReserved = fault.New(fault.Invalid, "attribute_reserved", "attributes may not begin with anteroom., sip. or lk.")
	// ErrPublishSource: there is no such thing to publish.
	ErrPublishSource = fault.New(fault.Invalid, "publish_source_invalid", "unknown publish source")
)

// PassRequest says who is let in where, and with which rights.
type PassRequest struct {
	PassID         string
	RoomName       string // the provider's name of the room
	Identity       string // unique in the room; who comes with one that is there replaces it
	DisplayName    string
	Role           string            // told to the others in the room; gives no right
	CanPublish     bool              // media and data; false for viewers
	PublishSources []string          // restricts CanPublish; empty for all
	Attributes     map[string]string // the client's, told to the others in the room
	Expires        time.Time         // at most MaxPassLifetime ahead

	// How the room is made, where entering makes it. Zero leaves it to the provider.
	MaxParticipants  uint32
	EmptyTimeout     time.Duration // closed when nobody came
	DepartureTimeout time.Duration // closed when everybody has left
}

// Check finds what no provider may accept at that time.
func (r PassRequest) Check(now time.Time) error {
	if r.PassID == "" || r.RoomName == "" || r.Identity == "" {
		return ErrPassIncomplete
	}
	if lifetime := r.Expires.Sub(now); lifetime <= 0 || lifetime > MaxPassLifetime {
		return ErrPassLifetime
	}
	for name := range r.Attributes {
		if slices.ContainsFunc(reserved, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			return ErrAttributeReserved.With("attribute", name)
		}
	}
	for _, source := range r.PublishSources {
		if !ValidSource(source) {
			return ErrPublishSource.With("source", source)
		}
	}
	return nil
}

// ValidSource tells whether there is such a thing to publish.
func ValidSource(source string) bool {
	switch source {
	case Camera, Microphone, ScreenShare, ScreenShareAudio:
		return true
	}
	return false
}

// Pass is what a person takes to the provider: a server and a token, or a URL.
type Pass struct {
	ServerURL string // for browsers: wss, or ws without TLS
	Token     string // secret
	RoomURL   string // secret where it carries a token
}
