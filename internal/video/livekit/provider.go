// Package livekit is the provider that speaks to a LiveKit server. It and the
// packages below it are the only ones that know LiveKit.
package livekit

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// DefaultTimeout is how long a call to LiveKit may take. One of its servers
// without Redis answers after 12 s or not at all.
const DefaultTimeout = 5 * time.Second

// Config is how LiveKit is reached.
type Config struct {
	InternalURL string            // for our calls: http or https (ws and wss are read as these)
	PublicURL   string            // for browsers: wss or ws (http and https are read as these); InternalURL when empty
	APIKey      string            // signs passes and calls
	APISecret   string            // secret
	Keys        map[string]string // further API keys and their secrets, accepted for webhooks alone; may be nil
	Timeout     time.Duration     // of each call; DefaultTimeout when zero
	Store       Store             // where captures go
	Clock       clockwork.Clock   // the real one when nil

	StartTimeout      time.Duration // of the start of a capture; DefaultStartTimeout when zero
	RecorderHealthURL string        // answers GET with 200 while a recorder is well; "" when nobody does
	SIPHealthURL      string        // the same of LiveKit's SIP service
	SkipTLSVerify     bool          // for development alone: believe whoever answers
}

// Provider is LiveKit, a video.Provider that can all that there is an interface for.
type Provider struct {
	publicURL         string
	apiKey, apiSecret string
	webhookKeys       map[string]string // secrets by API key
	timeout           time.Duration
	startTimeout      time.Duration
	recorderHealthURL string
	sipHealthURL      string
	internalURL       string
	tls               *tls.Config // nil for Go's own
	store             Store
	client            *http.Client
	clock             clockwork.Clock
	rooms             livekit.RoomService
	sip               livekit.SIP
	egress            livekit.Egress
}

var (
	_ video.Provider  = (*Provider)(nil)
	_ video.Dialer    = (*Provider)(nil)
	_ video.Looker    = (*Provider)(nil)
	_ video.Recorder  = (*Provider)(nil)
	_ video.Announcer = (*Provider)(nil)
)

// New checks the configuration. It does not call LiveKit.
func New(c Config) (*Provider, error) {
	if c.APIKey == "" || c.APISecret == "" {
		return nil, errors.New("livekit: an API key and its secret are needed")
	}
	internal, err := withScheme(c.InternalURL, "http")
	if err != nil {
		return nil, fmt.Errorf("livekit: internal URL: %w", err)
	}
	if c.PublicURL == "" {
		c.PublicURL = c.InternalURL
	}
	public, err := withScheme(c.PublicURL, "ws")
	if err != nil {
		return nil, fmt.Errorf("livekit: public URL: %w", err)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = DefaultStartTimeout
	}
	if c.Clock == nil {
		c.Clock = clockwork.NewRealClock()
	}
	keys := map[string]string{}
	maps.Copy(keys, c.Keys)
	keys[c.APIKey] = c.APISecret
	trust := trusting(c.SkipTLSVerify)
	client := newHTTPClient(trust)
	return &Provider{
		publicURL:         public,
		apiKey:            c.APIKey,
		apiSecret:         c.APISecret,
		webhookKeys:       keys,
		timeout:           c.Timeout,
		startTimeout:      c.StartTimeout,
		recorderHealthURL: c.RecorderHealthURL,
		sipHealthURL:      c.SIPHealthURL,
		internalURL:       internal,
		tls:               trust,
		store:             c.Store,
		client:            client,
		clock:             c.Clock,
		rooms:             livekit.NewRoomServiceProtobufClient(internal, client),
		sip:               livekit.NewSIPProtobufClient(internal, client),
		egress:            livekit.NewEgressProtobufClient(internal, client),
	}, nil
}

// Name is video.LiveKit.
func (p *Provider) Name() video.Name { return video.LiveKit }

// Capabilities of LiveKit.
func (p *Provider) Capabilities() video.Capabilities {
	return video.Capabilities{Token: true}
}

// CheckURL finds out whether a URL can be LiveKit's.
func CheckURL(raw string) error {
	_, err := withScheme(raw, "http")
	return err
}

// withScheme gives the URL the scheme http or ws, with or without TLS as it had.
func withScheme(raw, plain string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("this is not a URL") // without it: there may be a password in it
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = plain
	case "https", "wss":
		u.Scheme = plain + "s"
	default:
		return "", fmt.Errorf("%q does not begin with http, https, ws or wss", u.Redacted())
	}
	if u.Host == "" {
		return "", fmt.Errorf("%q names no host", u.Redacted())
	}
	return u.String(), nil
}

// trusting is how LiveKit's certificate is looked at; nil is Go's own way.
func trusting(anybody bool) *tls.Config {
	if !anybody {
		return nil
	}
	return &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12} //nolint:gosec // it has to be asked for, and only in development
}

// newHTTPClient keeps connections of its own to LiveKit.
func newHTTPClient(trust *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:     trust,
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     time.Minute,
		ForceAttemptHTTP2:   true,
	}}
}
