// Package video is what Anteroom asks of those who move the media: LiveKit,
// Whereby and Daily. A provider mints passes, turns its webhooks into events of
// one shape and ends meetings; what only some of them can do is an interface of
// its own, such as Dialer.
package video

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// What a provider answers with, besides the errors of a PassRequest.
var (
	// ErrSignature: the webhook was not signed by the provider with a key we know.
	ErrSignature = fault.New(fault.Unauthenticated, "webhook_signature_invalid", "the webhook's signature is not valid")
	// ErrBody: the webhook is signed, and yet no event can be read from it.
	ErrBody = fault.New(fault.Invalid, "webhook_body_invalid", "the webhook's body is not valid")
	// ErrUnavailable: no answer, or none that can be trusted. What was asked may
	// have been done.
	ErrUnavailable = fault.New(fault.Unavailable, "provider_unavailable", "the video provider cannot be reached")
	// ErrRefused: the provider understood and did not do it.
	ErrRefused = fault.New(fault.Precondition, "provider_refused", "the video provider refused the request")
	// ErrRuleExists: another rule answers to the same PIN.
	ErrRuleExists = fault.New(fault.Exists, "rule_exists", "there is a dispatch rule with this PIN already")
	// ErrNoProvider: this installation does not have that provider.
	ErrNoProvider = fault.New(fault.Unimplemented, "provider_not_configured", "this video provider is not configured")
	// ErrNoDialer: the provider cannot take telephone callers.
	ErrNoDialer = fault.New(fault.Unimplemented, "provider_without_telephony", "this video provider has no dial-in by dispatch rules")
)

// Name of a provider, as it is in the database.
type Name string

// The providers.
const (
	LiveKit Name = "livekit"
	Whereby Name = "whereby"
	Daily   Name = "daily"
)

// Capabilities is what a frontend has to know of a provider.
type Capabilities struct {
	Token   bool // joined with a server URL and a token
	RoomURL bool // joined by opening a URL
}

// Provider moves the media of meetings. All methods may be called concurrently.
type Provider interface {
	Name() Name
	Capabilities() Capabilities

	// Pass lets one person into one room. It fails with ErrPassLifetime,
	// ErrPassIncomplete, ErrAttributeReserved or ErrPublishSource, and, where a
	// provider has to be asked, with ErrUnavailable or ErrRefused.
	Pass(ctx context.Context, r PassRequest) (Pass, error)

	// ParseWebhook verifies the body as it came over the wire and normalises it.
	// It fails with ErrSignature or ErrBody; a type that is not known is an event
	// of the kind Other.
	ParseWebhook(header http.Header, body []byte) (Event, error)

	// ParseEvent normalises the Body of an event of its own once more. It fails
	// with ErrBody.
	ParseEvent(body []byte) (Event, error)

	// EndMeeting sends everybody out of the room with this provider's name. When
	// there is no meeting it does nothing and succeeds. It fails with
	// ErrUnavailable or ErrRefused.
	EndMeeting(ctx context.Context, roomName string) error
}

// Dialer is a provider that lets telephone callers in by dispatch rules: who
// dials in and keys the rule's PIN is put into the rule's room.
type Dialer interface {
	// CreateRule makes a rule and gives its id. It fails with ErrRuleExists,
	// ErrRefused (there is no new rule) or ErrUnavailable (there may be one).
	// r.ID is not read.
	CreateRule(ctx context.Context, r Rule) (id string, err error)

	// DeleteRule removes a rule; one that is not there is no error. It fails with
	// ErrUnavailable or ErrRefused.
	DeleteRule(ctx context.Context, id string) error

	// ListRules gives all rules that the provider has, foreign ones included. It
	// fails with ErrUnavailable or ErrRefused.
	ListRules(ctx context.Context) ([]Rule, error)

	// SIPHealth asks what connects callers, where the provider knows how.
	SIPHealth(ctx context.Context) Health
}

// Rule sends callers who key its PIN into a room.
type Rule struct {
	ID       string // the provider's
	RoomName string // the provider's name of the room
	RoomID   string // Anteroom's id of the room, kept in the rule's metadata; "" when the rule is not Anteroom's
	PIN      string // digits; never logged
}

// Check finds what no provider may accept: without a PIN a rule would take all
// callers, without a room it would lead nowhere. It fails with ErrRefused.
func (r Rule) Check() error {
	if r.PIN == "" || r.RoomName == "" {
		return ErrRefused.Saying("a dispatch rule needs a PIN and a room")
	}
	return nil
}

// Providers are the configured ones.
type Providers map[Name]Provider

// Get finds a provider. It fails with ErrNoProvider.
func (p Providers) Get(name Name) (Provider, error) {
	provider, ok := p[name]
	if !ok {
		return nil, ErrNoProvider.With("provider", string(name))
	}
	return provider, nil
}

// Names gives the configured providers, with one of them first and the others in
// the order of the alphabet.
func (p Providers) Names(first Name) []Name {
	names := slices.Sorted(maps.Keys(p))
	slices.SortStableFunc(names, func(a, b Name) int {
		switch {
		case a == first && b != first:
			return -1
		case b == first && a != first:
			return 1
		}
		return 0
	})
	return names
}

// Dialer finds a provider that takes telephone callers. It fails with
// ErrNoProvider or ErrNoDialer.
func (p Providers) Dialer(name Name) (Dialer, error) {
	return capability[Dialer](p, name, ErrNoDialer)
}

// capability finds a provider that can do what not all can.
func capability[C any](p Providers, name Name, without *fault.Error) (C, error) {
	var none C
	provider, err := p.Get(name)
	if err != nil {
		return none, err
	}
	c, ok := provider.(C)
	if !ok {
		return none, without.With("provider", string(name))
	}
	return c, nil
}
