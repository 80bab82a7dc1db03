package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

// telephonyFlags are the settings of the telephone's way in.
type telephonyFlags struct {
	Telephony     bool     `help:"Whether people may dial in at all." default:"true" negatable:"" env:"ANTEROOM_TELEPHONY"`
	PinLength     int      `help:"How many digits a PIN has, 4 to 16." default:"10" env:"ANTEROOM_PIN_LENGTH" placeholder:"N"`
	DialInNumbers []string `help:"Numbers that lead to this installation, E.164, each with an optional label: +33199001234=Paris. Separated by commas." env:"ANTEROOM_DIAL_IN_NUMBERS" placeholder:"NUMBER[=LABEL]"`
	SipHealthURL  string   `help:"Health URL of LiveKit's SIP service (livekit-sip's health_port). While it does not answer with 200, clients are told that nobody can dial in." env:"ANTEROOM_SIP_HEALTH_URL" placeholder:"URL"`
	SipURI        string   `help:"SIP address that reaches the trunk." env:"ANTEROOM_SIP_URI" placeholder:"sip:HOST"`
}

func (f telephonyFlags) config() (sip.Config, error) {
	c := sip.Config{On: f.Telephony, PinLength: f.PinLength, URI: f.SipURI}
	problems := []error{}
	if err := c.Check(); err != nil {
		problems = append(problems, fmt.Errorf("--pin-length: %w", err))
	}
	if f.SipURI != "" && !strings.HasPrefix(f.SipURI, "sip:") && !strings.HasPrefix(f.SipURI, "sips:") {
		problems = append(problems, errors.New("--sip-uri: a SIP address is written as sip:HOST"))
	}
	for _, s := range f.DialInNumbers {
		n, err := sip.ParseNumber(s)
		problems = append(problems, err)
		c.Numbers = append(c.Numbers, n)
	}
	return c, errors.Join(problems...)
}

// telephone says how it is found out whether LiveKit's SIP service lives.
func (f telephonyFlags) telephone(c *livekit.Config) error {
	c.SIPHealthURL = f.SipHealthURL
	if !isHealthURL(f.SipHealthURL) {
		return errors.New("the SIP service's health URL is not one of http or https")
	}
	return nil
}

// isHealthURL says whether a URL can be asked, or none is set.
func isHealthURL(raw string) bool {
	return raw == "" || isHTTP(raw)
}

// recordingFlags are the settings of recording.
type recordingFlags struct {
	RecordingMaxDuration time.Duration `help:"How long a recording may be; 0 for ever." default:"4h" env:"ANTEROOM_RECORDING_MAX_DURATION" placeholder:"DURATION"`
	RecordingRetention   time.Duration `help:"How long recordings are kept of rooms that do not say; 0 for ever." default:"0" env:"ANTEROOM_RECORDING_RETENTION" placeholder:"DURATION"`
	RecordingKeys        string        `help:"How the files of recordings are named in the store." default:"{prefix}/{room_id}/{recording_id}-{participant_id}-{track_id}-{time}.{ext}" env:"ANTEROOM_RECORDING_KEYS" placeholder:"TEMPLATE"`
	RecordingPrefix      string        `help:"The {prefix} of those names: a folder in the store." default:"" env:"ANTEROOM_RECORDING_PREFIX" placeholder:"FOLDER"`
	RecordingLayout      string        `help:"How the picture of a recording shows people, in the recorder's word: grid, speaker, single-speaker or that of an own template." default:"grid" env:"ANTEROOM_RECORDING_LAYOUT" placeholder:"LAYOUT"`
	RecordingPreset      string        `help:"How that picture is encoded: 720p30, 720p60, 1080p30 or 1080p60." default:"720p30" env:"ANTEROOM_RECORDING_PRESET" placeholder:"PRESET"`
	RecordingSound       string        `help:"The kind of file of recordings without a picture: ogg or mp4." default:"ogg" env:"ANTEROOM_RECORDING_SOUND" placeholder:"TYPE"`
	RecorderHealthURL    string        `help:"Answers with 200 while a recorder is well: the health port of LiveKit's egress service, or of what balances several." env:"ANTEROOM_RECORDER_HEALTH_URL" placeholder:"URL"`
	RecorderStartTimeout time.Duration `help:"How long a recorder may take to begin; LiveKit gives up after 23 seconds where there is none." default:"30s" env:"ANTEROOM_RECORDER_START_TIMEOUT" placeholder:"DURATION"`
	KeepExpired          bool          `help:"Leave recordings whose time has passed to the store's own rules." env:"ANTEROOM_KEEP_EXPIRED"`
}

func (f recordingFlags) recording() (recording.Config, error) {
	keys, err := storage.ParseTemplate(f.RecordingKeys, f.RecordingPrefix)
	c := recording.Config{
		MaxDuration: f.RecordingMaxDuration, Keys: keys, Retention: f.RecordingRetention, KeepExpired: f.KeepExpired,
		Layout: f.RecordingLayout, Preset: video.Preset(f.RecordingPreset), Sound: video.FileType(f.RecordingSound),
	}
	return c, errors.Join(err, c.Check())
}

// recorder says how LiveKit's recorder is reached.
func (f recordingFlags) recorder(c *livekit.Config) error {
	c.RecorderHealthURL, c.StartTimeout = f.RecorderHealthURL, f.RecorderStartTimeout
	if f.RecorderStartTimeout <= 0 {
		return errors.New("a recorder needs some time to begin: --recorder-start-timeout")
	}
	if !isHealthURL(f.RecorderHealthURL) {
		return errors.New("the recorder's health URL is not one of http or https")
	}
	return nil
}

// inboxFlags are the settings of what is kept of webhooks.
type inboxFlags struct {
	KeepEventBodies time.Duration `help:"How long the bodies of webhook events are kept, names and telephone numbers in them; those not applied yet stay. 0 keeps all." default:"720h" env:"ANTEROOM_KEEP_EVENT_BODIES" placeholder:"DURATION"`
}

// Config is what the program runs with, whichever command gathered it.
type Config struct {
	DatabaseURL string
	LiveKit     livekit.Config
	Telephony   sip.Config
	Storage     storage.Config
	Recording   recording.Config
	Secret      []byte // signs tickets; 32 random bytes
	Verifiers   []auth.Verifier
	SignIn      signInConfig
	Log         *slog.Logger
	Clock       clockwork.Clock
	Provider    video.Name    // of new rooms
	Heartbeat   time.Duration // of streams; 20 seconds when not said

	StorageToken string        // of a store's notifications; none are taken without
	StorageQueue string        // where more of them are; "" for nowhere
	KeepBodies   time.Duration // of webhook events; 0 for ever

	Ready func(ctx context.Context) error // nil while requests can be served; asks the database when not said
}
