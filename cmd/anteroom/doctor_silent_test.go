package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// beside is a doctor's patient of which no `anteroom serve` runs.
func beside(t *testing.T, databaseURL, livekitURL, publicURL string) *installation {
	t.Helper()
	env := serveEnv(t, databaseURL, livekitURL, publicURL)
	env["ANTEROOM_DEVELOPMENT"] = "true"
	return &installation{t: t, env: env}
}

// refusing leads to LiveKit but for some of its procedures, at which it answers as a
// LiveKit does that has no node left.
func refusing(t *testing.T, to string, procedures ...string) string {
	t.Helper()
	u, err := url.Parse(to)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u) }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, p := range procedures {
			if strings.HasSuffix(r.URL.Path, "/"+p) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusServiceUnavailable)
				_, _ = io.WriteString(w, `{"code":"unavailable","msg":"could not find any available nodes"}`)
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestDoctorOfALiveKitThatAnswersOnly: that it lists its rooms is not enough, and what
// else fails is not passed over.
func TestDoctorOfALiveKitThatAnswersOnly(t *testing.T) {
	lk := livekittest.Start(t)
	at := refusing(t, lk.URL(), "CreateRoom", "ListSIPInboundTrunk", "StartWebEgress")
	i := beside(t, dbtest.SQLiteURL(t), at, lk.WSURL())
	found, failed := i.examine(nil)
	require.True(t, failed)
	require.Equal(t, verdictOK, found["livekit"].Status)
	for check, s := range map[string]symptom{"livekit room": roomCannotBeMade, "sip": livekitIsAway, "recorder": livekitIsAway} {
		require.Equal(t, verdictFail, found[check].Status, "%s: %v", check, found)
		require.Equal(t, s.text, found[check].Text)
		require.Contains(t, found[check].Detail, "could not find any available nodes")
	}
}

// TestDoctorOfWhatAnswersForAnother: a page is no health, and what it says is not
// repeated line by line.
func TestDoctorOfWhatAnswersForAnother(t *testing.T) {
	page := "<html>\n" + strings.Repeat("<p>a page of another program</p>\n", 1000)
	answering := func(status int) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, page)
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	away := "http://" + freeAddress(t)
	i := beside(t, dbtest.SQLiteURL(t), away, away)
	i.env["ANTEROOM_PUBLIC_URL"], i.env["ANTEROOM_OIDC_ISSUER"], i.env["ANTEROOM_OIDC_AUDIENCE"] = answering(http.StatusOK), answering(http.StatusNotFound), "anteroom-api"
	i.requireFinding("public url", verdictFail, publicAway, nil)
	i.requireFinding("sign-in", verdictFail, openIDAway, nil)
	found, _ := i.examine(nil)
	require.Contains(t, found["sign-in"].Detail, "404")
	for _, f := range found {
		require.NotContains(t, f.Detail, "\n")
		require.Less(t, len(f.Detail), 1000, "%s", f.Check)
	}
}

// TestDoctorOfADatabaseThatIsOnlyRead: a standby answers, has all migrations, and
// takes nothing in.
func TestDoctorOfADatabaseThatIsOnlyRead(t *testing.T) {
	away := "http://" + freeAddress(t)
	database, err := url.Parse(dbtest.PostgresURL(t))
	require.NoError(t, err)
	i := beside(t, database.String(), away, away)
	found, _ := i.examine(nil)
	require.Equal(t, verdictOK, found["database"].Status)
	q := database.Query()
	q.Set("default_transaction_read_only", "on")
	database.RawQuery = q.Encode()
	i.env["ANTEROOM_DATABASE_URL"] = database.String()
	i.requireFinding("database", verdictFail, databaseIsRead, nil)
	found, _ = i.examine(nil)
	require.Equal(t, verdictOK, found["migrations"].Status)
}

// TestDoctorOfBuckets: a bucket that is not there is said to be that, also where it is
// the archive of a folder.
func TestDoctorOfBuckets(t *testing.T) {
	away := "http://" + freeAddress(t)
	i := beside(t, dbtest.SQLiteURL(t), away, away)
	bucket := storagetest.S3(t, "")
	i.env["ANTEROOM_STORAGE_ACCESS_KEY"], i.env["ANTEROOM_STORAGE_SECRET_KEY"] = storagetest.AccessKey, storagetest.SecretKey
	misspelt := strings.Replace(bucket, "s3://recordings", "s3://recordigns", 1)

	i.requireFinding("store", verdictFail, storeUnwritable, map[string]string{"ANTEROOM_STORAGE_URL": misspelt})
	found, _ := i.examine(map[string]string{"ANTEROOM_STORAGE_URL": misspelt})
	require.Contains(t, found["store"].Detail, "NoSuchBucket")

	found, _ = i.examine(map[string]string{"ANTEROOM_STORAGE_ARCHIVE_URL": bucket})
	require.Equal(t, verdictOK, found["archive"].Status, "%v", found)
	i.requireFinding("archive", verdictFail, storeUnwritable, map[string]string{"ANTEROOM_STORAGE_ARCHIVE_URL": misspelt})
}
