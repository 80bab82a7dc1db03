package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireWrong sees that each of some settings is said to be wrong once, and no other.
func requireWrong(t *testing.T, err error, names ...string) {
	t.Helper()
	require.Error(t, err)
	for _, name := range names {
		require.Equal(t, 1, strings.Count(err.Error(), "\n  --"+name+", "), "%s in\n%v", name, err)
	}
	require.Equal(t, len(names), strings.Count(err.Error(), "\n  --"), "%v", err)
}

// TestWhatCanBeCheckedIsChecked: nothing that a setting itself tells to be wrong
// waits for the start.
func TestWhatCanBeCheckedIsChecked(t *testing.T) {
	config := file(t, "anteroom.yaml", enough)
	_, err := parse(t, "config", "--check", "--config", config)
	require.NoError(t, err)
	_, err = parse(t, "config", "--check", "--config", config,
		"--database-url", "mysql://root:hidden@db/anteroom", "--listen", "nonsense", "--metrics-listen", "here:http:8080",
		"--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem",
		"--report-dsn", "https://hidden@", "--trace-endpoint", "::bad", "--trace-share", "2",
		"--storage-url", "file:///tmp", "--storage-archive-url", "ftp://x", "--storage-notifications", "kafka://x", "--storage-link-lifetime", "1000h",
		"--log-level", "nonsense", "--recording-titles", "nonsense", "--recorder-health-url", "x")
	requireWrong(t, err, "database-url", "listen", "metrics-listen", "tls-cert", "report-dsn", "trace-endpoint", "trace-share",
		"storage-archive-url", "storage-notifications", "storage-link-lifetime", "log-level", "recording-titles", "recorder-health-url")
	require.NotContains(t, err.Error(), "hidden", "no secret is repeated")

	for _, url := range []string{"postgres://db/anteroom?pool_max_conns=none", "postgres://db/anteroom?sslmode=perhaps", "sqlite:", "db"} {
		_, err = parse(t, "migrate", "up", "--database-url", url)
		requireWrong(t, err, "database-url")
	}
	for _, endpoint := range []string{"localhost:4318", "collector", "http://", "grpc://collector:4317", "http://collector:port/v1/traces"} {
		_, err = parse(t, "config", "--check", "--config", config, "--trace-endpoint", endpoint)
		requireWrong(t, err, "trace-endpoint")
	}
}

// TestPublicURLOfTheConsole: people can sign in there, or it is said at once.
func TestPublicURLOfTheConsole(t *testing.T) {
	config := file(t, "anteroom.yaml", enough)
	check := func(url string, more ...string) error {
		_, err := parse(t, append([]string{"config", "--check", "--config", config, "--public-url", url}, more...)...)
		return err
	}
	console := []string{"--oidc-issuer", "https://login.example.org", "--oidc-client-id", "anteroom"}
	for _, url := range []string{"http://meet.example.org", "https://meet.example.org/rooms"} {
		require.NoError(t, check(url))
		requireWrong(t, check(url, console...), "public-url")
	}
	for _, url := range []string{"https://meet.example.org", "https://meet.example.org/", "http://localhost:8080"} {
		require.NoError(t, check(url, console...))
	}
}

// TestAFileHidesNoOtherProblem: a value of the wrong kind, or none of those that
// there are, is one problem among others.
func TestAFileHidesNoOtherProblem(t *testing.T) {
	config := file(t, "anteroom.yaml", strings.Replace(enough, "public-url: https://meet.example.org", `
log-level: nonsense
log-format: [json, text]
public-url: [a]
pin-length: [4, 5]
listen: nonsense
recording-titles: nonsense
`, 1))
	_, err := parse(t, "config", "--check", "--config", config)
	requireWrong(t, err, "log-level", "log-format", "public-url", "pin-length", "listen", "recording-titles")
	t.Setenv("ANTEROOM_LOG_LEVEL", "loud")
	_, err = parse(t, "serve", "--config", file(t, "right.yaml", enough), "--log-format", "morse")
	requireWrong(t, err, "log-level", "log-format")
}

// TestASecretAndItsFile: where both are given in one place, neither is ignored.
func TestASecretAndItsFile(t *testing.T) {
	config := file(t, "anteroom.yaml", enough)
	long := strings.Repeat("x", minSecret)
	_, err := parse(t, "serve", "--config", config, "--secret", long, "--secret-file", file(t, "secret", long))
	requireWrong(t, err, "secret")
	require.ErrorContains(t, err, "--secret and --secret-file are both said: keep one")
	t.Setenv("ANTEROOM_SECRET_FILE", "/nowhere/at/all")
	_, err = parse(t, "serve", "--config", config, "--secret", long)
	require.NoError(t, err, "a flag goes before the environment")
}

// TestVariablesOfNoSetting are told, but for those that Kubernetes makes of a
// Service with such a name.
func TestVariablesOfNoSetting(t *testing.T) {
	for name, value := range map[string]string{
		"ANTEROOM_OIDC_ISUER": "https://login.example.org", "ANTEROOM_PIN_LENGTH": "8", "ANTEROOM_SECRET_FILE": file(t, "secret", strings.Repeat("x", minSecret)), "ANTEROOM_LISTEN_FILE": "x",
		"ANTEROOM_SERVICE_HOST": "10.0.0.1", "ANTEROOM_SERVICE_PORT": "80", "ANTEROOM_SERVICE_PORT_HTTP": "80", "ANTEROOM_PORT": "tcp://10.0.0.1:80",
		"ANTEROOM_PORT_80_TCP": "tcp://10.0.0.1:80", "ANTEROOM_PORT_80_TCP_PROTO": "tcp", "ANTEROOM_PORT_80_TCP_PORT": "80", "ANTEROOM_PORT_80_TCP_ADDR": "10.0.0.1",
		"ANTEROOM_METRICS_SERVICE_HOST": "10.0.0.2", "ANTEROOM_METRICS_PORT_9090_UDP_ADDR": "10.0.0.2", "ANTEROOM_PORT_NUMBER": "1",
	} {
		t.Setenv(name, value)
	}
	var c cli
	s := newSettings()
	parser, err := newParser(t.Context(), &c, s)
	require.NoError(t, err)
	strange := strings.Join(notSettings(parser.Model), " ")
	for _, name := range []string{"ANTEROOM_OIDC_ISUER", "ANTEROOM_LISTEN_FILE", "ANTEROOM_PORT_NUMBER"} {
		require.Contains(t, strange, name)
	}
	for _, name := range []string{"ANTEROOM_PIN_LENGTH", "ANTEROOM_SECRET_FILE", "ANTEROOM_SERVICE", "ANTEROOM_PORT ", "ANTEROOM_PORT_80", "ANTEROOM_METRICS"} {
		require.NotContains(t, strange+" ", name)
	}
	out, said, err := runs(t, map[string]string{"ANTEROOM_OIDC_ISUER": "x"}, "config", "--check", "--config", file(t, "anteroom.yaml", enough))
	require.NoError(t, err, said)
	require.Contains(t, out, "the settings are right")
	require.Contains(t, said, "ANTEROOM_OIDC_ISUER")
}
