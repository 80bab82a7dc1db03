package main

import (
	"strings"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

// databaseFlags say which database.
type databaseFlags struct {
	DatabaseURL string `help:"The database: postgres://USER:PASSWORD@HOST/NAME, or sqlite:PATH for one process alone." env:"ANTEROOM_DATABASE_URL" placeholder:"URL" secret:""`
}

func (f databaseFlags) problems() []problem {
	if f.DatabaseURL == "" {
		return []problem{wrong("database-url", "which database? Say postgres://USER:PASSWORD@HOST/NAME or sqlite:PATH")}
	}
	return problemsIn(db.CheckURL(f.DatabaseURL), "database-url")
}

// livekitFlags say how LiveKit is reached.
type livekitFlags struct {
	LivekitURL           string   `help:"Where Anteroom reaches LiveKit's API: http://HOST:7880, best inside the cluster." env:"ANTEROOM_LIVEKIT_URL" placeholder:"URL"`
	LivekitPublicURL     string   `help:"Where browsers reach LiveKit: wss://HOST. --livekit-url when not said." env:"ANTEROOM_LIVEKIT_PUBLIC_URL" placeholder:"URL"`
	LivekitAPIKey        string   `help:"LiveKit's API key that signs passes and calls." env:"ANTEROOM_LIVEKIT_API_KEY" placeholder:"KEY"`
	LivekitAPISecret     string   `help:"Its secret." env:"ANTEROOM_LIVEKIT_API_SECRET" placeholder:"SECRET" secret:""`
	LivekitOtherKeys     []string `help:"Further API keys that LiveKit's webhooks may be signed with while keys are rotated." env:"ANTEROOM_LIVEKIT_OTHER_KEYS" placeholder:"KEY:SECRET" secret:""`
	LivekitSkipTLSVerify bool     `name:"livekit-skip-tls-verify" help:"DANGEROUS: believe whoever answers at LiveKit's https URL. Refused without --development." env:"ANTEROOM_LIVEKIT_SKIP_TLS_VERIFY"`
}

// livekit gives the configuration, and what is wrong with it.
func (f livekitFlags) livekit(development bool) (livekit.Config, []problem) {
	c := livekit.Config{
		InternalURL: f.LivekitURL, PublicURL: f.LivekitPublicURL, APIKey: f.LivekitAPIKey, APISecret: f.LivekitAPISecret,
		Keys: map[string]string{}, SkipTLSVerify: f.LivekitSkipTLSVerify,
	}
	found := f.missing()
	for name, url := range map[string]string{"livekit-url": f.LivekitURL, "livekit-public-url": f.LivekitPublicURL} {
		if err := livekit.CheckURL(url); url != "" && err != nil {
			found = append(found, wrong(name, "%v", err))
		}
	}
	for _, pair := range f.LivekitOtherKeys {
		key, secret, _ := strings.Cut(pair, ":")
		if key == "" || secret == "" {
			found = append(found, wrong("livekit-other-keys", "each is KEY:SECRET, separated by commas"))
			break
		}
		key, secret = strings.TrimSpace(key), strings.TrimSpace(secret)
		if key == f.LivekitAPIKey && secret != f.LivekitAPISecret {
			found = append(found, wrong("livekit-other-keys", "%s is --livekit-api-key, and a key of LiveKit has one secret", key))
		}
		c.Keys[key] = secret
	}
	if f.LivekitSkipTLSVerify && !development {
		found = append(found, wrong("livekit-skip-tls-verify", "is refused outside of development: give LiveKit a certificate that this machine trusts (SSL_CERT_FILE adds one)"))
	}
	return c, found
}

func (f livekitFlags) missing() (found []problem) {
	for _, s := range []struct{ name, value, say string }{
		{"livekit-url", f.LivekitURL, "where is LiveKit? Say http://HOST:7880"},
		{"livekit-api-key", f.LivekitAPIKey, "say one of the keys in LiveKit's configuration"},
		{"livekit-api-secret", f.LivekitAPISecret, "say the secret of the API key, best as a file"},
	} {
		if s.value == "" {
			found = append(found, wrong(s.name, "%s", s.say))
		}
	}
	return found
}
