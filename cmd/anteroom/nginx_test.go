package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// startNginx runs one with an example of the documentation, in which some words
// are replaced, and gives its address.
func startNginx(t *testing.T, example string, replace ...string) (address string) {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("nginx is not installed")
	}
	require.NoError(t, err, "nginx is not installed")
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "nginx", example))
	require.NoError(t, err)
	for n := 0; n < len(replace); n += 2 {
		require.Contains(t, string(text), replace[n])
	}
	dir := t.TempDir()
	location := filepath.Join(dir, example)
	require.NoError(t, os.WriteFile(location, []byte(strings.NewReplacer(replace...).Replace(string(text))), 0o600))
	address = freeAddress(t)
	who := ""
	if os.Geteuid() == 0 {
		who = "user root;"
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(fmt.Sprintf(`%s
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {}
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server { listen %s; include %s; }
}`, who, address, location)), 0o600))
	cmd := exec.Command(program, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("nginx said:\n%s", said.String())
		}
	})
	await(t, recordingLimit, "nginx listens", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return address
}

// ask sends a request whose target is not made better on the way.
func ask(t *testing.T, address, method, target, host string, headers ...string) (*http.Response, string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = c.Close() }()
	require.NoError(t, c.SetDeadline(time.Now().Add(recordingLimit)))
	text := method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
	for n := 0; n+1 < len(headers); n += 2 {
		text += headers[n] + ": " + headers[n+1] + "\r\n"
	}
	_, err = io.WriteString(c, text+"\r\n")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	require.NoError(t, err, target)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err, target)
	return resp, string(body)
}

const (
	filmOfMine  = "0123456789 this one is mine"
	filmOfThem  = "9876543210 and this is not for me"
	nobodyNamed = "proxy-stranger"
)

// showing is a program behind nginx, with two recordings in its store: one for a
// member and one for somebody else.
type showing struct {
	*studio
	address      string
	mine, theirs string // keys
	member       string // a token
}

func (s *studio) show(t *testing.T, address string) showing {
	t.Helper()
	owner := s.as("proxy-owner")
	_, mine := s.saved(owner)
	_, theirs := s.saved(s.as("proxy-other"))
	_, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
		Recording: mine.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER,
		Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: "proxy-member@example.org"},
	})
	require.NoError(t, err)
	show := showing{
		studio: s, address: address, mine: mine.GetFiles()[0].GetKey(), theirs: theirs.GetFiles()[0].GetKey(),
		member: "Bearer " + s.token(auth.Identity{Subject: "proxy-member", Email: "proxy-member@example.org"}),
	}
	require.NoError(t, s.app.store.Write(t.Context(), show.mine, strings.NewReader(filmOfMine)))
	require.NoError(t, s.app.store.Write(t.Context(), show.theirs, strings.NewReader(filmOfThem)))
	return show
}

// TestBehindNginx: the media endpoint as nginx asks it, with a folder and with a
// bucket, by the examples of the documentation.
func TestBehindNginx(t *testing.T) {
	t.Run("folder", func(t *testing.T) {
		s := startFake(t, dbtest.SQLiteURL(t))
		address := startNginx(t, "folder.conf", "127.0.0.1:8080", strings.TrimPrefix(s.url, "http://"), "/srv/recordings/", s.files+"/")
		showing := s.show(t, address)
		t.Run("type", showing.namesSound)
		showing.all(t)
	})
	t.Run("bucket", func(t *testing.T) {
		bucket := storagetest.S3(t, "")
		at, err := url.Parse(bucket)
		require.NoError(t, err)
		endpoint := at.Query().Get("endpoint")
		s := startFake(t, dbtest.PostgresURL(t), func(c *Config) {
			c.Storage.URL, c.Storage.Clock = bucket, clockwork.NewRealClock()
		})
		address := startNginx(t, "bucket.conf", "127.0.0.1:8080", strings.TrimPrefix(s.url, "http://"),
			"https://recordings.s3.eu-west-3.amazonaws.com/", endpoint+"/recordings/",
			" recordings.s3.eu-west-3.amazonaws.com;", " "+strings.TrimPrefix(endpoint, "http://")+";")
		s.show(t, address).all(t)
	})
}

func (s showing) all(t *testing.T) {
	t.Run("who may", s.whoMaySee)
	t.Run("ranges", s.ranges)
	t.Run("tricks", s.tricks)
	t.Run("away", s.away)
}

// namesSound: with nosniff, browsers play only what is said to be sound or a film.
func (s showing) namesSound(t *testing.T) {
	resp, _ := ask(t, s.address, http.MethodGet, storage.MediaPath+s.mine, "example.org", "Authorization", s.member)
	require.Equal(t, "audio/ogg", resp.Header.Get("Content-Type"))
}

func (s showing) whoMaySee(t *testing.T) {
	for _, c := range []struct {
		name, token, key string
		status           int
	}{
		{"the member", s.member, s.mine, 200},
		{"the owner", "Bearer " + s.token(auth.Identity{Subject: "proxy-owner", Email: "proxy-owner@example.org"}), s.mine, 200},
		{"a stranger", "Bearer " + s.token(auth.Identity{Subject: nobodyNamed, Email: nobodyNamed + "@example.org"}), s.mine, 404},
		{"the member, of another", s.member, s.theirs, 404},
		{"the member, of none", s.member, uuid.NewString() + ".mp4", 404},
		{"an operator", "Bearer " + s.token(operatorIdentity), s.mine, 403},
		{"a guest", "", s.mine, 401},
		{"a broken token", "Bearer nonsense", s.mine, 401},
	} {
		var header []string
		if c.token != "" {
			header = []string{"Authorization", c.token}
		}
		resp, body := ask(t, s.address, http.MethodGet, storage.MediaPath+c.key, "example.org", header...)
		require.Equal(t, c.status, resp.StatusCode, "%s: %s", c.name, body)
		if c.status == 200 {
			require.Equal(t, filmOfMine, body)
			require.Equal(t, "private, no-store", resp.Header.Get("Cache-Control"))
			require.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
			require.Empty(t, resp.Header.Get("Authorization"), "what opens the bucket stays between proxy and bucket")
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, "MKCOL"} {
		resp, _ := ask(t, s.address, method, storage.MediaPath+s.mine, "example.org", "Authorization", s.member, "Content-Length", "0")
		require.GreaterOrEqual(t, resp.StatusCode, 400, method)
	}
	resp, _ := ask(t, s.address, http.MethodHead, storage.MediaPath+s.theirs, "example.org", "Authorization", s.member)
	require.Equal(t, 404, resp.StatusCode)
	resp, _ = ask(t, s.address, http.MethodGet, "/anteroom-media", "example.org", "Authorization", s.member, "X-Original-URL", storage.MediaPath+s.mine)
	require.Equal(t, 404, resp.StatusCode, "the question is nobody's to ask")
	resp, _ = ask(t, s.address, http.MethodGet, storage.MediaPath+s.mine, "example.org", "Authorization", s.member)
	require.Equal(t, 200, resp.StatusCode, "nothing was changed by that")
}

func (s showing) ranges(t *testing.T) {
	for asked, want := range map[string]string{"bytes=0-0": "0", "bytes=2-4": "234", "bytes=-4": "mine"} {
		resp, body := ask(t, s.address, http.MethodGet, storage.MediaPath+s.mine, "example.org", "Authorization", s.member, "Range", asked)
		require.Equal(t, 206, resp.StatusCode, asked)
		require.Equal(t, want, body)
	}
	resp, _ := ask(t, s.address, http.MethodGet, storage.MediaPath+s.mine, "example.org", "Authorization", s.member, "Range", "bytes=1000-")
	require.Equal(t, 416, resp.StatusCode)
	resp, body := ask(t, s.address, http.MethodGet, storage.MediaPath+s.theirs, "example.org", "Authorization", s.member, "Range", "bytes=0-0")
	require.Equal(t, 404, resp.StatusCode, body)
}

// tricks: whatever the member asks for, nothing but their own file comes out.
func (s showing) tricks(t *testing.T) {
	const media = storage.MediaPath
	mineDir, mineName := filepath.Split(s.mine)
	for _, c := range []struct {
		name, target, host string
		opens              bool
		header             []string
	}{
		{name: "a query", target: media + s.mine + "?x=1&y=" + media + s.theirs, opens: true},
		{name: "encoded letters", target: media + mineDir + "%" + fmt.Sprintf("%x", mineName[0]) + mineName[1:], opens: true},
		{name: "an absolute target", target: "http://example.org" + media + s.mine, opens: true},
		{name: "dots", target: media + mineDir + "../" + s.theirs},
		{name: "dots behind a file", target: media + s.mine + "/../../" + s.theirs},
		{name: "encoded dots", target: media + mineDir + "%2e%2e/" + s.theirs},
		{name: "half encoded dots", target: media + mineDir + ".%2E/" + s.theirs},
		{name: "twice encoded dots", target: media + mineDir + "%252e%252e/" + s.theirs},
		{name: "an encoded slash", target: media + mineDir + "..%2f" + s.theirs},
		{name: "encoded slashes alone", target: media + strings.ReplaceAll(s.theirs, "/", "%2F")},
		{name: "a backslash", target: media + mineDir + `..\` + s.theirs},
		{name: "an encoded backslash", target: media + mineDir + `..%5c` + s.theirs},
		{name: "two slashes", target: media + "/" + s.mine},
		{name: "two slashes within", target: media + strings.Replace(s.mine, "/", "//", 1)},
		{name: "two slashes before", target: "/" + media + s.mine},
		{name: "a dot", target: media + "./" + s.mine},
		{name: "a slash at the end", target: media + s.mine + "/"},
		{name: "a NUL", target: media + s.mine + "%00"},
		{name: "a NUL and more", target: media + s.mine + "%00/../../" + s.theirs},
		{name: "a line", target: media + s.mine + "%0a" + s.theirs},
		{name: "a question mark that is encoded", target: media + s.mine + "%3f/../" + s.theirs},
		{name: "a fragment", target: media + s.mine + "#/../../" + s.theirs},
		{name: "a fragment of theirs", target: media + s.theirs + "#" + media + s.mine},
		{name: "theirs with a query", target: media + s.theirs + "?" + media + s.mine},
		{name: "theirs, absolute", target: "http://example.org" + media + s.theirs},
		{name: "theirs of a host with a path", target: media + s.theirs, host: "example.org" + media + s.mine + "?"},
		{name: "theirs of a host with a query", target: media + s.theirs, host: "example.org?" + media + s.mine},
		{name: "theirs, saying mine", target: media + s.theirs, header: []string{"X-Original-URL", media + s.mine}},
		{name: "theirs, saying mine otherwise", target: media + s.theirs, header: []string{"X-Forwarded-Uri", media + s.mine}},
		{name: "theirs, saying both", target: media + s.theirs, header: []string{"X-Original-URL", media + s.mine, "X-Forwarded-Uri", media + s.mine}},
		{name: "theirs, with an underscore", target: media + s.theirs, header: []string{"X_Original_URL", media + s.mine}},
		{name: "no key", target: media},
		{name: "a folder", target: media + mineDir},
		{name: "the folder's own", target: media + "."},
		{name: "outside", target: media + "../../etc/passwd"},
		{name: "outside of the location", target: "/media/recordings../etc/passwd"},
		{name: "too long", target: media + strings.Repeat("a/", 2000) + "b"},
		{name: "letters of no text", target: media + "%ff%fe" + s.mine},
	} {
		if c.host == "" {
			c.host = "example.org"
		}
		resp, body := ask(t, s.address, http.MethodGet, c.target, c.host, append([]string{"Authorization", s.member}, c.header...)...)
		require.NotContains(t, body, filmOfThem, c.name)
		if c.opens {
			require.Equal(t, 200, resp.StatusCode, "%s: %s", c.name, body)
			require.Equal(t, filmOfMine, body, c.name)
			continue
		}
		require.Contains(t, []int{400, 403, 404, 414}, resp.StatusCode, "%s: %s", c.name, body)
		require.NotContains(t, body, filmOfMine, c.name)
	}
}

// away: what Anteroom cannot say is neither yes nor no.
func (s showing) away(t *testing.T) {
	s.program.stop()
	await(t, recordingLimit, "Anteroom is gone", func() bool {
		resp, body := ask(t, s.address, http.MethodGet, storage.MediaPath+s.mine, "example.org", "Authorization", s.member)
		require.NotContains(t, body, filmOfThem)
		return resp.StatusCode == http.StatusBadGateway
	})
}

// TestBehindCaddy: forward_auth copies the request's headers, sets X-Forwarded-Uri
// and asks with GET whatever the method was.
func TestBehindCaddy(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		show := s.show(t, strings.TrimPrefix(s.url, "http://"))
		question := func(target string, more ...string) int {
			resp, body := ask(t, show.address, http.MethodGet, "/media/recordings/", "example.org", append([]string{
				"Authorization", show.member, "X-Forwarded-Method", "GET", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "example.org",
				"X-Forwarded-For", "192.0.2.7", "X-Forwarded-Uri", target,
			}, more...)...)
			require.NotContains(t, body, filmOfMine)
			return resp.StatusCode
		}
		const media = storage.MediaPath
		require.Equal(t, 200, question(media+show.mine))
		require.Equal(t, 200, question(media+show.mine+"?t=30"))
		require.Equal(t, 404, question(media+show.theirs))
		require.Equal(t, 404, question(media+show.theirs, "X-Original-URL", media+show.mine))
		require.Equal(t, 404, question(media+show.theirs, "X-Forwarded-Uri", media+show.mine), "twice")
		require.Equal(t, 404, question(media+show.mine, "X-Original-URL", media+show.theirs))
		require.Equal(t, 404, question(""))
		require.Equal(t, 404, question(media+show.mine+"/../"+show.theirs))
		require.Equal(t, 404, question(show.mine), "the key alone is no path")
	})
}
