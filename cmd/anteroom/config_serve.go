package main

import (
	"context"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/server"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// minSecret is how many characters the installation's secret has at least.
const minSecret = 32

// serverFlags say how this process is reached, and ends.
type serverFlags struct {
	Listen        string        `help:"Address to serve on." default:":8080" env:"ANTEROOM_LISTEN" placeholder:"HOST:PORT"`
	MetricsListen string        `help:"Address to serve /metrics on, which is then not on the other one: keep it from the internet." env:"ANTEROOM_METRICS_LISTEN" placeholder:"HOST:PORT"`
	PublicURL     string        `help:"Where browsers reach Anteroom: https://HOST." env:"ANTEROOM_PUBLIC_URL" placeholder:"URL"`
	Secret        string        `help:"Signs links and the tickets of guests; the same in all processes, 32 random characters or more: openssl rand -base64 48." env:"ANTEROOM_SECRET" placeholder:"TEXT" secret:""`
	TLSCert       string        `name:"tls-cert" help:"Certificate in PEM, its chain after it, where no proxy does TLS; read anew when it changes." env:"ANTEROOM_TLS_CERT" placeholder:"FILE"`
	TLSKey        string        `name:"tls-key" help:"Its key, in PEM." env:"ANTEROOM_TLS_KEY" placeholder:"FILE"`
	StopDelay     time.Duration `help:"How long to go on serving after the end was asked for, while /readyz says no: as long as load balancers take to notice." default:"5s" env:"ANTEROOM_STOP_DELAY" placeholder:"DURATION"`
	Development   bool          `help:"This is no production: lets through what is refused otherwise." env:"ANTEROOM_DEVELOPMENT"`
}

func (f serverFlags) problems() (found []problem) {
	if len(f.Secret) < minSecret {
		found = append(found, wrong("secret", "has %d characters and needs %d: make one with `openssl rand -base64 48`, best in a file", len(f.Secret), minSecret))
	}
	for name, address := range map[string]string{"listen": f.Listen, "metrics-listen": f.MetricsListen} {
		if !isAddress(address) && (address != "" || name == "listen") {
			found = append(found, wrong(name, "is not an address to listen on, as :8080 or 127.0.0.1:8080"))
		}
	}
	if u, _ := url.Parse(f.PublicURL); !isHTTP(f.PublicURL) || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		found = append(found, wrong("public-url", "where do browsers reach Anteroom? Say https://HOST"))
	}
	if (f.TLSCert == "") != (f.TLSKey == "") {
		found = append(found, wrong("tls-cert", "--tls-cert and --tls-key belong together: say both, or none"))
	} else if f.TLSCert != "" {
		if _, err := server.OpenCertificate(f.TLSCert, f.TLSKey, nil); err != nil {
			found = append(found, wrong("tls-cert", "the certificate cannot be read: %v", err))
		}
	}
	if f.StopDelay < 0 {
		found = append(found, wrong("stop-delay", "cannot be negative"))
	}
	return found
}

// isHTTP is whether a URL can be asked for something.
func isHTTP(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// isAddress is whether something can be listened on, as far as it tells itself.
func isAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = net.DefaultResolver.LookupPort(context.Background(), "tcp", port)
	return err == nil
}

// serveFlags are all settings of `anteroom serve`.
type serveFlags struct {
	serverFlags    `embed:"" group:"Server"`
	databaseFlags  `embed:"" group:"Database"`
	livekitFlags   `embed:"" group:"LiveKit"`
	telephonyFlags `embed:"" group:"Telephony"`
	recordingFlags `embed:"" group:"Recordings"`
	storageFlags   `embed:"" group:"Recordings"`
	signInFlags    `embed:"" group:"Signing in"`
	tellingFlags   `embed:"" group:"Telling people"`
	inboxFlags     `embed:"" group:"Inbox"`
	logFlags       `embed:"" group:"Seeing what happens"`
	telemetryFlags `embed:"" group:"Seeing what happens"`
}

// problems are all that is wrong with them.
func (f *serveFlags) problems() []problem {
	_, found := f.gather()
	return found
}

// gather makes what the program runs with, as far as the settings say it, and
// finds all that is wrong with them.
func (f *serveFlags) gather() (Config, []problem) {
	found := append(f.serverFlags.problems(), f.databaseFlags.problems()...)
	provider, more := f.livekit(f.Development)
	found = append(found, more...)
	telephony, err := f.config()
	found = append(found, problemsIn(err, "dial-in-numbers")...)
	found = append(found, problemsIn(f.telephone(&provider), "sip-health-url")...)
	recorded, err := f.recording()
	found = append(found, problemsIn(err, "recording-keys")...)
	found = append(found, problemsIn(f.recorder(&provider), "recorder-health-url")...)
	clock := clockwork.NewRealClock()
	if f.PublicURL != "" { // what is wrong with it is said already
		found = append(found, problemsIn(f.telling(&recorded, f.PublicURL, clock), "mail-url")...)
	}
	signIn, err := f.signIn(f.PublicURL, f.Development, clock, slog.Default())
	found = append(found, problemsIn(err, "oidc-issuer")...)
	found = append(found, problemsIn(f.checkTelemetry(), "trace-share")...)
	if f.KeepEventBodies < 0 {
		found = append(found, wrong("keep-event-bodies", "cannot be negative; 0 keeps all"))
	}
	provider.Clock = clock
	c := Config{
		DatabaseURL: f.DatabaseURL, LiveKit: provider, Telephony: telephony, Recording: recorded, Secret: []byte(f.Secret),
		Clock: clock, Provider: video.LiveKit, KeepBodies: f.KeepEventBodies, SignIn: signIn,
	}
	c.Storage.PublicURL = f.PublicURL
	if f.StorageURL == "" {
		found = append(found, problemsIn(f.checkNoStorage(), "storage-url")...)
	} else {
		found = append(found, problemsIn(f.fillStorage(&c), "storage-url")...)
	}
	return c, found
}
