package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// serveArgs has the test binary be `anteroom`, with tokens of the tests accepted.
const serveArgs = "ANTEROOM_TEST_COMMAND"

// beCommand is what such a process does.
func beCommand(args string) {
	time.Local = time.UTC
	var list []string
	if err := json.Unmarshal([]byte(args), &list); err != nil {
		panic(err)
	}
	os.Exit(untilSignal(list, func(c *cli) {
		c.Serve.verifiers = []auth.Verifier{auth.NewDevTokens(testSecret, clockwork.NewRealClock())}
		if by, err := time.ParseDuration(os.Getenv(doctorAhead)); err == nil {
			c.Doctor.clock = ahead{clockwork.NewRealClock(), by}
		}
	}))
}

// asCommand is a command line of the program, in an environment of its own.
func asCommand(t *testing.T, env map[string]string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	list, err := json.Marshal(args)
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), serveArgs+"="+string(list))
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// runs runs a command line to its end, and gives what it said.
func runs(t *testing.T, env map[string]string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := asCommand(t, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// serveEnv are settings beside the tests' LiveKit, complete.
func serveEnv(t *testing.T, databaseURL, livekitURL, publicURL string) map[string]string {
	t.Helper()
	listen := freeAddress(t)
	return map[string]string{
		"ANTEROOM_LISTEN":             listen,
		"ANTEROOM_PUBLIC_URL":         "http://" + listen,
		"ANTEROOM_DATABASE_URL":       databaseURL,
		"ANTEROOM_SECRET_FILE":        file(t, "secret", strings.Repeat("s3cret! ", 6)+"\n"),
		"ANTEROOM_LIVEKIT_URL":        livekitURL,
		"ANTEROOM_LIVEKIT_PUBLIC_URL": publicURL,
		"ANTEROOM_LIVEKIT_API_KEY":    livekittest.APIKey,
		"ANTEROOM_LIVEKIT_API_SECRET": livekittest.APISecret,
		"ANTEROOM_STORAGE_URL":        "file://" + t.TempDir(),
		"ANTEROOM_STOP_DELAY":         "0s",
	}
}

// startServe starts `anteroom serve`, which need not be ready yet.
func startServe(t *testing.T, env map[string]string, args ...string) *process {
	t.Helper()
	p := &process{
		program: &program{
			t: t, url: "http://" + env["ANTEROOM_LISTEN"], tokens: auth.NewDevTokens(testSecret, clockwork.NewRealClock()), log: &lockedBuffer{},
		},
		cmd: asCommand(t, env, append([]string{"serve"}, args...)...), ended: make(chan error, 1),
	}
	p.cmd.Stderr = p.log
	require.NoError(t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("process %d said:\n%s", p.cmd.Process.Pid, p.log)
		}
	})
	return p
}

// readyz is what it says of itself; 0 when it does not answer.
func (p *program) readyz() (status int, text string) {
	p.t.Helper()
	resp, err := http.Get(p.url + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, strings.TrimSpace(string(raw))
}

// awaitReady waits until it serves.
func (p *program) awaitReady() {
	p.t.Helper()
	await(p.t, readyLimit, "it is ready", func() bool {
		status, _ := p.readyz()
		return status == http.StatusOK
	})
}

// awaitSaid waits for /readyz to say something.
func (p *program) awaitSaid(status int, text string) {
	p.t.Helper()
	await(p.t, readyLimit, "/readyz says: "+text, func() bool {
		s, said := p.readyz()
		return s == status && said == text
	})
}

// TestServeWaitsForPostgresAndLiveKit starts with both away, has one come after the
// other, and takes them away again.
func TestServeWaitsForPostgresAndLiveKit(t *testing.T) {
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{})
	if err != nil {
		dbtest.PostgresURL(t) // skips, or fails in CI
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	lk := livekittest.Start(t)
	proxy := startProxy(t, lk.URL())
	proxy.refuse(true)
	server.Halt()

	p := startServe(t, serveEnv(t, server.URL("postgres"), proxy.url, lk.WSURL()), "--migrate")
	p.awaitSaid(http.StatusServiceUnavailable, databaseAway)
	resp, err := http.Get(p.url + "/healthz")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode, "it lives")
	resp, err = http.Get(p.url + "/anteroom.v1.RoomService/GetClientConfig?encoding=json&message=%7B%7D")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)

	require.NoError(t, server.Resume(t.Context()))
	p.awaitSaid(http.StatusServiceUnavailable, livekitAway)
	proxy.refuse(false)
	p.awaitSaid(http.StatusOK, "ok")

	proxy.refuse(true)
	p.awaitSaid(http.StatusOK, "ok\n"+livekitAway)
	server.Halt()
	p.awaitSaid(http.StatusServiceUnavailable, databaseAway)
	require.NoError(t, server.Resume(t.Context()))
	proxy.refuse(false)
	p.awaitSaid(http.StatusOK, "ok")
	p.stop()
	for _, said := range []string{databaseAway, "the database answers", livekitAway, "LiveKit answers", "listening", "stopping"} {
		require.Contains(t, p.log.String(), said)
	}
}

func TestServeEndsWhenMigrationsArePending(t *testing.T) {
	t.Parallel() // it waits more than it works
	lk := livekittest.Start(t)
	for name, url := range map[string]string{"sqlite": dbtest.SQLiteURL(t), "postgres": dbtest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			env := serveEnv(t, url, lk.URL(), lk.WSURL())
			d := dbtest.Open(t, url)
			require.NoError(t, d.MigrateDown(t.Context(), 1, nil))
			out, _, err := runs(t, env, "migrate", "status")
			require.Error(t, err)
			require.Equal(t, 1, strings.Count(out, "pending"), out)
			_, said, err := runs(t, env, "serve")
			require.Error(t, err)
			require.Contains(t, said, "anteroom: migrations are pending: run `anteroom migrate up`\n")

			out, said, err = runs(t, env, "migrate", "up")
			require.NoError(t, err, said)
			require.Contains(t, out, "the database is up to date; 1 migrations were applied")
			out, _, err = runs(t, env, "migrate", "status", "--json")
			require.NoError(t, err)
			require.NotContains(t, out, `"applied":false`)
			p := startServe(t, env)
			p.awaitReady()
			p.stop()

			_, said, err = runs(t, env, "migrate", "down")
			require.Error(t, err)
			require.Contains(t, said, "--yes")
			out, said, err = runs(t, env, "migrate", "down", "--yes")
			require.NoError(t, err, said)
			require.Equal(t, 1, strings.Count(out, "down "), out)
			p = startServe(t, env, "--migrate")
			p.awaitReady()
			p.stop()
		})
	}
}

func TestServeSaysAllThatIsWrongAndEnds(t *testing.T) {
	_, said, err := runs(t, map[string]string{"ANTEROOM_PIN_LENGTH": "x"}, "serve")
	require.Error(t, err)
	require.Contains(t, said, "these settings are wrong:\n")
	require.Contains(t, said, "\n  --pin-length, ANTEROOM_PIN_LENGTH: ")
	require.Contains(t, said, "\n  --database-url, ANTEROOM_DATABASE_URL: ")

	lk := livekittest.Start(t)
	env := serveEnv(t, dbtest.SQLiteURL(t), lk.URL(), lk.WSURL())
	taken, err := net.Listen("tcp", env["ANTEROOM_LISTEN"])
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	_, said, err = runs(t, env, "serve")
	require.Error(t, err)
	require.Contains(t, said, "is in use")
}

// TestWebhooksOfEveryKeyAreTaken: keys are rotated without a webhook that is lost,
// and passes are signed with the first.
func TestWebhooksOfEveryKeyAreTaken(t *testing.T) {
	lk := livekittest.Start(t)
	env := serveEnv(t, dbtest.SQLiteURL(t), lk.URL(), lk.WSURL())
	env["ANTEROOM_LIVEKIT_OTHER_KEYS"] = "next:the-next-secret,last:the-last-secret"
	p := startServe(t, env)
	p.awaitReady()
	for key, secret := range map[string]string{livekittest.APIKey: livekittest.APISecret, "next": "the-next-secret", "last": "the-last-secret"} {
		body := event("room_started", "elsewhere", "RM_"+key, "", "", time.Now())
		status, answer := p.post(body, livekittest.Sign(body, key, secret))
		require.Equal(t, http.StatusOK, status, answer)
	}
	body := event("room_started", "elsewhere", "RM_x", "", "", time.Now())
	status, _ := p.post(body, livekittest.Sign(body, "next", "another-secret"))
	require.Equal(t, http.StatusUnauthorized, status)
	p.stop()
}

// hookURL is where a LiveKit posts to a program that will serve there.
func hookURL(env map[string]string) string {
	return "http://" + env["ANTEROOM_LISTEN"] + anteroomv1connect.WebhookServiceReceiveLiveKitProcedure
}
