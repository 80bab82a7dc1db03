package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// parse reads a command line as the program does.
func parse(t *testing.T, args ...string) (*cli, error) {
	t.Helper()
	var c cli
	s := newSettings()
	parser, err := newParser(t.Context(), &c, s)
	require.NoError(t, err)
	parsed, err := parser.Parse(args)
	require.NoError(t, err)
	return &c, s.check(parsed)
}

// file writes one and gives its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// enough are settings with which `anteroom serve` has nothing to say.
const enough = `
database-url: postgres://anteroom@db/anteroom
livekit-url: http://livekit:7880
livekit-api-key: key
livekit-api-secret: a secret from the file
secret: 0123456789012345678901234567890123456789
public-url: https://meet.example.org
`

func TestAFlagGoesBeforeTheEnvironmentBeforeTheFile(t *testing.T) {
	config := file(t, "anteroom.yaml", enough+`
pin-length: 7
stop-delay: 1m
dial-in-numbers: [+33199001234=Paris, +4930901820=Berlin]
telephony: true
`)
	c, err := parse(t, "serve", "--config", config)
	require.NoError(t, err)
	require.Equal(t, 7, c.Serve.PinLength)
	require.Equal(t, time.Minute, c.Serve.StopDelay)
	require.Equal(t, []string{"+33199001234=Paris", "+4930901820=Berlin"}, c.Serve.DialInNumbers, "a number is no number")
	require.Equal(t, "a secret from the file", c.Serve.LivekitAPISecret)
	require.Equal(t, ":8080", c.Serve.Listen, "the default")

	t.Setenv("ANTEROOM_CONFIG", config)
	t.Setenv("ANTEROOM_PIN_LENGTH", "8")
	t.Setenv("ANTEROOM_TELEPHONY", "false")
	t.Setenv("ANTEROOM_DIAL_IN_NUMBERS", "+12025550100")
	c, err = parse(t, "serve")
	require.NoError(t, err)
	require.Equal(t, 8, c.Serve.PinLength)
	require.False(t, c.Serve.Telephony)
	require.Equal(t, []string{"+12025550100"}, c.Serve.DialInNumbers)
	require.Equal(t, time.Minute, c.Serve.StopDelay)

	c, err = parse(t, "serve", "--pin-length", "9", "--telephony")
	require.NoError(t, err)
	require.Equal(t, 9, c.Serve.PinLength)
	require.True(t, c.Serve.Telephony)
}

func TestSecretsFromFiles(t *testing.T) {
	config := file(t, "anteroom.yaml", strings.Replace(enough, "livekit-api-secret: a secret from the file",
		"livekit-api-secret-file: "+file(t, "one", "the file's file\n"), 1))
	c, err := parse(t, "serve", "--config", config)
	require.NoError(t, err)
	require.Equal(t, "the file's file", c.Serve.LivekitAPISecret)

	t.Setenv("ANTEROOM_LIVEKIT_API_SECRET_FILE", file(t, "two", "the environment's file\r\n"))
	t.Setenv("ANTEROOM_LIVEKIT_OTHER_KEYS_FILE", file(t, "keys", "old:one\nolder:two\n"))
	c, err = parse(t, "serve", "--config", config)
	require.NoError(t, err)
	require.Equal(t, "the environment's file", c.Serve.LivekitAPISecret)
	made, found := c.Serve.gather()
	require.Empty(t, found)
	require.Equal(t, map[string]string{"old": "one", "older": "two"}, made.LiveKit.Keys)

	c, err = parse(t, "serve", "--config", config, "--livekit-api-secret-file", file(t, "three", "the command line's file"))
	require.NoError(t, err)
	require.Equal(t, "the command line's file", c.Serve.LivekitAPISecret)

	c, err = parse(t, "serve", "--config", config, "--livekit-api-secret", "the command line")
	require.NoError(t, err)
	require.Equal(t, "the command line", c.Serve.LivekitAPISecret)

	t.Setenv("ANTEROOM_LIVEKIT_API_SECRET", "the environment")
	_, err = parse(t, "serve", "--config", config)
	require.ErrorContains(t, err, "ANTEROOM_LIVEKIT_API_SECRET and ANTEROOM_LIVEKIT_API_SECRET_FILE are both set: keep one")
}

// TestAllProblemsAtOnce: one of each kind, and none is left for the next start.
func TestAllProblemsAtOnce(t *testing.T) {
	t.Setenv("ANTEROOM_PIN_LENGTH", "many")
	t.Setenv("ANTEROOM_TELEPHONY", "perhaps")
	t.Setenv("ANTEROOM_SECRET", "short")
	t.Setenv("ANTEROOM_LIVEKIT_URL", "redis://livekit")
	t.Setenv("ANTEROOM_DATABASE_URL_FILE", "/nowhere/at/all")
	config := file(t, "anteroom.yaml", `
livekit-uri: http://livekit:7880
sip-uri: {host: example.org}
livekit-api-key: key
livekit-api-key-file: x
livekit-other-keys: [without-a-secret]
recording-max-duration: long
`)
	_, err := parse(t, "serve", "--config", config, "--stop-delay", "soon", "--livekit-skip-tls-verify", "--tls-cert", "x.pem",
		"--dial-in-numbers", "12", "--recording-keys", "{nothing}")
	require.Error(t, err)
	for _, setting := range []string{
		"--pin-length, ANTEROOM_PIN_LENGTH: ", "--telephony, ANTEROOM_TELEPHONY: ", "--secret, ANTEROOM_SECRET: ", "--livekit-url, ANTEROOM_LIVEKIT_URL: ",
		"--database-url-file, ANTEROOM_DATABASE_URL_FILE: ", "livekit-uri: ", "--sip-uri, ANTEROOM_SIP_URI: ", "livekit-api-key-file: ",
		"--livekit-other-keys, ANTEROOM_LIVEKIT_OTHER_KEYS: ", "--recording-max-duration, ANTEROOM_RECORDING_MAX_DURATION: ",
		"--stop-delay, ANTEROOM_STOP_DELAY: ", "--livekit-skip-tls-verify, ANTEROOM_LIVEKIT_SKIP_TLS_VERIFY: ", "--tls-cert, ANTEROOM_TLS_CERT: ",
		"--dial-in-numbers, ANTEROOM_DIAL_IN_NUMBERS: ", "--recording-keys, ANTEROOM_RECORDING_KEYS: ", "--public-url, ANTEROOM_PUBLIC_URL: ",
		"--livekit-api-secret, ANTEROOM_LIVEKIT_API_SECRET: ",
	} {
		require.Equal(t, 1, strings.Count(err.Error(), "\n  "+setting), "%s in\n%v", setting, err)
	}
	ofTheTests := strings.Count(err.Error(), ": is in the environment and is no setting")
	require.Equal(t, 17, strings.Count(err.Error(), "\n  ")-ofTheTests, "%v", err)
	require.NotContains(t, err.Error(), "short", "no secret is repeated")
}

func TestAFileThatCannotBeRead(t *testing.T) {
	for _, path := range []string{"/nowhere/at/all", file(t, "broken.yaml", "a: [b\n"), file(t, "twice.yaml", "listen: x\nlisten: y\n")} {
		_, err := parse(t, "serve", "--config", path)
		require.ErrorContains(t, err, "--config, ANTEROOM_CONFIG: the file of settings cannot be read")
	}
}

func TestOtherCommandsMindTheirOwnSettingsAlone(t *testing.T) {
	t.Setenv("ANTEROOM_PIN_LENGTH", "many")
	_, err := parse(t, "migrate", "up", "--database-url", "sqlite:x")
	require.NoError(t, err)
	_, err = parse(t, "migrate", "up")
	require.ErrorContains(t, err, "--database-url, ANTEROOM_DATABASE_URL: which database?")
	_, err = parse(t, "dev")
	require.ErrorContains(t, err, "--pin-length, ANTEROOM_PIN_LENGTH: ")
}
