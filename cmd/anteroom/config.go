package main

import (
	"errors"
	"log/slog"
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
	SipURI        string   `help:"SIP address that reaches the trunk." env:"ANTEROOM_SIP_URI" placeholder:"sip:HOST"`
}

func (f telephonyFlags) config() (sip.Config, error) {
	c := sip.Config{On: f.Telephony, PinLength: f.PinLength, URI: f.SipURI}
	problems := []error{c.Check()}
	for _, s := range f.DialInNumbers {
		n, err := sip.ParseNumber(s)
		problems = append(problems, err)
		c.Numbers = append(c.Numbers, n)
	}
	return c, errors.Join(problems...)
}

// recordingFlags are the settings of recording.
type recordingFlags struct {
	RecordingMaxDuration time.Duration `help:"How long a recording may be; 0 for ever." default:"4h" env:"ANTEROOM_RECORDING_MAX_DURATION" placeholder:"DURATION"`
	RecordingRetention   time.Duration `help:"How long recordings are kept of rooms that do not say; 0 for ever." default:"0" env:"ANTEROOM_RECORDING_RETENTION" placeholder:"DURATION"`
	RecordingKeys        string        `help:"How the files of recordings are named in the store." default:"{prefix}/{room_id}/{recording_id}-{participant_id}-{track_id}-{time}.{ext}" env:"ANTEROOM_RECORDING_KEYS" placeholder:"TEMPLATE"`
	RecordingPrefix      string        `help:"The {prefix} of those names: a folder in the store." default:"" env:"ANTEROOM_RECORDING_PREFIX" placeholder:"FOLDER"`
	KeepExpired          bool          `help:"Leave recordings whose time has passed to the store's own rules." env:"ANTEROOM_KEEP_EXPIRED"`
}

func (f recordingFlags) recording() (recording.Config, error) {
	keys, err := storage.ParseTemplate(f.RecordingKeys, f.RecordingPrefix)
	return recording.Config{
		MaxDuration: f.RecordingMaxDuration, Keys: keys, Retention: f.RecordingRetention, KeepExpired: f.KeepExpired,
	}, err
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
	KeepBodies  time.Duration // of webhook events; 0 for ever
}
