package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestTroubleshootingHasEverySymptom: the words of doctor and log are headings of the page.
func TestTroubleshootingHasEverySymptom(t *testing.T) {
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	require.NoError(t, err)
	var headings []string
	for line := range strings.Lines(string(page)) {
		if heading, is := strings.CutPrefix(line, "### "); is {
			headings = append(headings, strings.TrimSpace(heading))
		}
	}
	var known []string
	for _, s := range symptoms() {
		known = append(known, s.text)
		require.NotEmpty(t, s.do, s.text)
	}
	slices.Sort(headings)
	slices.Sort(known)
	require.Equal(t, known, headings)
}

// installation is all that a stranger has after an hour.
type installation struct {
	t      *testing.T
	env    map[string]string
	server *embedded.Server
	people *authtest.Provider
	serve  *process
}

// examine runs the doctor with some settings changed.
func (i *installation) examine(change map[string]string, args ...string) (byCheck map[string]finding, failed bool) {
	i.t.Helper()
	env := map[string]string{}
	for _, settings := range []map[string]string{i.env, change} {
		for name, value := range settings {
			env[name] = value
		}
	}
	out, said, err := runs(i.t, env, append([]string{"doctor", "--json", "--webhook-wait", "3s"}, args...)...)
	byCheck = map[string]finding{}
	for line := range strings.Lines(out) {
		var f finding
		require.NoError(i.t, json.Unmarshal([]byte(line), &f), line)
		byCheck[f.Check] = f
	}
	if err != nil {
		require.Contains(i.t, said, "not all is well")
	}
	return byCheck, err != nil
}

// requireFinding sees that the doctor found this, and failed if it is a failure.
func (i *installation) requireFinding(check string, is verdict, s symptom, change map[string]string, args ...string) {
	i.t.Helper()
	found, failed := i.examine(change, args...)
	require.Equal(i.t, is, found[check].Status, "%v", found)
	require.Equal(i.t, s.text, found[check].Text)
	require.Equal(i.t, s.do, found[check].Do)
	if is == verdictFail {
		require.True(i.t, failed)
	}
}

// install is a stranger's hour: LiveKit runs already, the database is empty.
func install(t *testing.T, databaseURL string) *installation {
	t.Helper()
	env := serveEnv(t, databaseURL, "", "")
	i := &installation{t: t, env: env, server: livekittest.Start(t, hookURL(env)), people: authtest.StartProvider(t)}
	livekittest.AddTrunk(t, i.server.URL())
	livekittest.StartEgressStandIn(t, i.server.RedisAddr())
	healthy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(healthy.Close)
	env["ANTEROOM_LIVEKIT_URL"], env["ANTEROOM_LIVEKIT_PUBLIC_URL"] = i.server.URL(), i.server.WSURL()
	env["ANTEROOM_SIP_HEALTH_URL"], env["ANTEROOM_DEVELOPMENT"] = healthy.URL, "true"
	env["ANTEROOM_OIDC_ISSUER"], env["ANTEROOM_OIDC_AUDIENCE"] = i.people.Issuer, "anteroom-api"

	i.requireFinding("migrations", verdictFail, pending, nil)
	out, said, err := runs(t, env, "migrate", "up")
	require.NoError(t, err, said)
	require.Contains(t, out, "the database is up to date")
	i.requireFinding("public url", verdictFail, publicAway, nil)
	i.requireFinding("webhooks", verdictFail, noWebhook, nil)
	i.serve = startServe(t, env)
	i.serve.awaitReady()
	return i
}

// TestAStrangersHour ends with a doctor who finds nothing; then one thing after the
// other breaks, and is named.
func TestAStrangersHour(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.EmptySQLiteURL, "postgres": dbtest.EmptyPostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			strangersHour(t, url(t))
		})
	}
}

func strangersHour(t *testing.T, databaseURL string) {
	i := install(t, databaseURL)
	found, failed := i.examine(nil)
	require.False(t, failed, "%v", found)
	for check, f := range found {
		if check == "mail" {
			require.Equal(t, verdictAbsent, f.Status)
			continue
		}
		require.Equal(t, verdictOK, f.Status, "%s: %+v", check, f)
	}
	for _, check := range []string{"database", "migrations", "public url", "store", "livekit", "clock livekit", "livekit url", "unmute", "webhooks", "sip redis", "sip trunks", "sip service", "recorder", "sign-in"} {
		require.Contains(t, found, check)
	}
	out, _, err := runs(t, i.env, "doctor")
	require.NoError(t, err)
	require.Contains(t, out, "ok     database      ")
	i.signIn()
	i.tellsElsewhere()
	i.otherClock()
	i.mailRefuses()
	i.bucketRefuses()
	i.sicken()
}

// signIn calls the API by the provider's tokens: one that is for Anteroom, and one
// that is not, of which the log says so.
func (i *installation) signIn() {
	t := i.t
	of := func(audience string) error {
		_, err := i.serve.with(i.people.Token(t, "somebody", audience)).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
		return err
	}
	require.NoError(t, of("anteroom-api"))
	requireReason(t, "unauthenticated", connect.CodeUnauthenticated, of("another-api"))
	await(t, readyLimit, "it is logged", func() bool {
		return strings.Contains(i.serve.log.String(), `"a token of the identity provider was refused","why":"audience"`)
	})
}

// sicken breaks each thing in turn.
func (i *installation) sicken() {
	t := i.t
	gone := map[string]string{"ANTEROOM_DATABASE_URL": "postgres://nobody@" + freeAddress(t) + "/none"}
	i.requireFinding("database", verdictFail, databaseIsAway, gone)
	i.requireFinding("webhooks", verdictWarn, webhookUnseen, gone)
	i.requireFinding("livekit", verdictFail, livekitRefuses, map[string]string{"ANTEROOM_LIVEKIT_API_SECRET": "another-secret-of-32-characters-or-more"})
	i.requireFinding("livekit", verdictFail, livekitIsAway, map[string]string{"ANTEROOM_LIVEKIT_URL": "http://" + freeAddress(t)})
	i.requireFinding("livekit url", verdictFail, livekitPublic, map[string]string{"ANTEROOM_LIVEKIT_PUBLIC_URL": "ws://" + freeAddress(t)})
	other := livekittest.StartBare(t)
	i.requireFinding("livekit url", verdictFail, livekitOther, map[string]string{"ANTEROOM_LIVEKIT_PUBLIC_URL": other.WSURL()})
	bare := map[string]string{"ANTEROOM_LIVEKIT_URL": other.URL(), "ANTEROOM_LIVEKIT_PUBLIC_URL": other.WSURL(), "ANTEROOM_RECORDER_HEALTH_URL": "http://" + freeAddress(t)}
	i.requireFinding("sip", verdictFail, noRedis, bare)
	i.requireFinding("unmute", verdictWarn, noUnmute, bare)
	i.requireFinding("recorder", verdictFail, recorderSick, bare)
	i.requireFinding("webhooks", verdictFail, noWebhook, bare) // of a LiveKit that tells nobody
	i.requireFinding("sip", verdictAbsent, sipOff, nil, "--no-telephony")
	i.requireFinding("sip service", verdictFail, sipSick, map[string]string{"ANTEROOM_SIP_HEALTH_URL": "http://" + freeAddress(t)})
	i.requireFinding("livekit url", verdictWarn, publicPlain, map[string]string{"ANTEROOM_DEVELOPMENT": "false"})
	i.requireFinding("clock livekit", verdictFail, clocksDiffer, map[string]string{"ANTEROOM_LIVEKIT_URL": shiftedProxy(t, i.server.URL())})
	i.requireFinding("sign-in", verdictAbsent, noOpenID, map[string]string{"ANTEROOM_OIDC_ISSUER": "", "ANTEROOM_OIDC_AUDIENCE": ""})
	i.requireFinding("sign-in", verdictFail, openIDAway, map[string]string{"ANTEROOM_OIDC_ISSUER": i.people.Issuer + "/another"})
	i.requireFinding("store", verdictAbsent, storeNone, map[string]string{"ANTEROOM_STORAGE_URL": ""})
	i.requireFinding("store", verdictFail, storeUnwritable, map[string]string{"ANTEROOM_STORAGE_URL": "file://" + unwritable(t)})
	i.requireFinding("store", verdictFail, storeUnreadable, map[string]string{"ANTEROOM_STORAGE_URL": "file://" + t.TempDir()}) // not the one of serve
	i.wrongWebhookKey()
	i.serve.stop()
}

// wrongWebhookKey has serve know another secret than LiveKit signs with: the
// doctor sees that nothing comes, and the log of serve says why.
func (i *installation) wrongWebhookKey() {
	t := i.t
	i.serve.stop()
	env := map[string]string{}
	for name, value := range i.env {
		env[name] = value
	}
	env["ANTEROOM_LIVEKIT_API_SECRET"] = "another-secret-of-32-characters-or-more"
	wrong := startServe(t, env)
	wrong.awaitSaid(http.StatusServiceUnavailable, livekitKey)
	i.requireFinding("webhooks", verdictFail, noWebhook, nil)
	await(t, readyLimit, "it is logged", func() bool { return strings.Contains(wrong.log.String(), "a webhook was refused") })
	require.Contains(t, wrong.log.String(), livekitKey)
	wrong.stop()
	i.serve = startServe(t, i.env)
	i.serve.awaitReady()
}

// shiftedProxy leads to LiveKit, whose clock it has two minutes ahead.
func shiftedProxy(t *testing.T, to string) string {
	t.Helper()
	u, err := url.Parse(to)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) },
		ModifyResponse: func(r *http.Response) error {
			r.Header.Set("Date", time.Now().Add(2*time.Minute).UTC().Format(http.TimeFormat))
			return nil
		},
	}
	s := httptest.NewServer(proxy)
	t.Cleanup(s.Close)
	return s.URL
}

// unwritable is a folder in which nobody can write, not even root: a file is where
// the doctor's folder would be.
func unwritable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "anteroom-doctor"), nil, 0o600))
	return dir
}
