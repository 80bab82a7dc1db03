package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// readyLimit is ten times what `anteroom dev` may take once it is built.
const readyLimit = 100 * time.Second

// devProcess is `anteroom dev` as a process of its own.
type devProcess struct {
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *lockedBuffer
	ready
}

// devCommandLine is this test binary as the program.
func devCommandLine(t *testing.T, args ...string) (*exec.Cmd, *lockedBuffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), self, append([]string{"dev", "--livekit-server", livekittest.Binary(t)}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stderr := &lockedBuffer{}
	cmd.Stderr = stderr
	return cmd, stderr
}

// startDev starts it and waits for its line.
func startDev(t *testing.T, args ...string) *devProcess {
	t.Helper()
	cmd, stderr := devCommandLine(t, append(args, "--json")...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	begin := time.Now()
	require.NoError(t, cmd.Start())
	d := &devProcess{cmd: cmd, stdout: bufio.NewReader(out), stderr: stderr}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("anteroom dev said:\n%s", stderr)
		}
	})
	line := make(chan []byte, 1)
	go func() {
		raw, _ := d.stdout.ReadBytes('\n')
		line <- raw
	}()
	select {
	case raw := <-line:
		require.NoError(t, json.Unmarshal(raw, &d.ready), "%s", raw)
	case <-time.After(readyLimit):
		require.Fail(t, "not ready in time")
	}
	t.Logf("ready after %v", time.Since(begin))
	return d
}

func (d *devProcess) client(t *testing.T, token string) client {
	t.Helper()
	return (&program{t: t, url: d.URL}).with(token)
}

// stop ends it by a signal, and says what else it wrote to standard output.
func (d *devProcess) stop(t *testing.T, s os.Signal) string {
	t.Helper()
	require.NoError(t, d.cmd.Process.Signal(s))
	var rest bytes.Buffer
	_, _ = rest.ReadFrom(d.stdout)
	err := d.cmd.Wait()
	if s != syscall.SIGKILL {
		require.NoError(t, err, "a stop that was asked for is no failure")
	}
	return rest.String()
}

// TestDevFromEndToEnd is the whole program as a process, on each database: a
// room, a bot in it, a PIN that works while it is there.
func TestDevFromEndToEnd(t *testing.T) {
	for name, database := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			d := startDev(t, "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--database-url", database)
			user := d.client(t, d.UserToken)
			made, err := user.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "End to end", AccessLevel: restricted})
			require.NoError(t, err)
			room := made.GetRoom()
			_, err = d.client(t, "").JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetSlug()})
			requireReason(t, "room_entry_denied", connect.CodePermissionDenied, err)
			self, err := d.client(t, d.AdminToken).users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
			require.NoError(t, err)
			require.True(t, self.GetUser().GetOperator())

			joined, err := user.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetSlug()})
			require.NoError(t, err)
			pass := joined.GetPass()
			lk, err := livekit.New(livekit.Config{InternalURL: d.LivekitURL, APIKey: d.LivekitAPIKey, APISecret: d.LivekitAPISecret})
			require.NoError(t, err)
			rules := func() []video.Rule {
				rules, err := lk.ListRules(t.Context())
				require.NoError(t, err)
				return rules
			}
			leave := livekittest.Join(t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
			took := await(t, settleLimit, "the rule appears", func() bool { return len(rules()) == 1 })
			t.Logf("rule there %v after the join", took)
			dialIn, err := user.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: room.GetId()})
			require.NoError(t, err)
			require.Equal(t, dialIn.GetPin(), rules()[0].PIN)
			leave()
			took = await(t, settleLimit, "the rule goes", func() bool { return len(rules()) == 0 })
			t.Logf("rule gone %v after the last leave", took)
			require.Empty(t, d.stop(t, syscall.SIGTERM), "one line on standard output, and nothing else")
			awaitNobody(t, d.LivekitURL)
			require.NotContains(t, d.stderr.String(), dialIn.GetPin())
		})
	}
}

// awaitNobody waits until nothing answers at a URL.
func awaitNobody(t *testing.T, url string) {
	t.Helper()
	await(t, settleLimit, "LiveKit ends with the program", func() bool {
		conn, err := net.DialTimeout("tcp", strings.TrimPrefix(url, "http://"), time.Second)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

// TestDevAfterSIGKILL: nothing is left that blocks the next start on the same
// data and address, where rooms and tokens are as they were.
func TestDevAfterSIGKILL(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, "--data", data, "--listen", "127.0.0.1:0")
	made, err := d.client(t, d.UserToken).CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "Survivor"})
	require.NoError(t, err)
	for range 2 {
		joined, err := d.client(t, d.UserToken).JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: made.GetRoom().GetId()})
		require.NoError(t, err)
		livekittest.Join(t, video.Pass{ServerURL: joined.GetPass().GetServerUrl(), Token: joined.GetPass().GetToken()})
		await(t, settleLimit, "somebody is in and has a rule", func() bool { return d.rule(t).GetStatus() == present })
		d.stop(t, syscall.SIGKILL)
		awaitNobody(t, d.LivekitURL)
		d2 := startDev(t, "--data", data, "--listen", strings.TrimPrefix(d.URL, "http://"))
		require.Equal(t, d.URL, d2.URL)
		got, err := d2.client(t, d.UserToken).GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: made.GetRoom().GetId()})
		require.NoError(t, err)
		require.Equal(t, made.GetRoom().GetDialIn().GetPin(), got.GetRoom().GetDialIn().GetPin())
		require.Nil(t, got.GetRoom().GetLive(), "the new LiveKit is empty")
		await(t, settleLimit, "its rule is gone too", func() bool { return d2.rule(t) == nil })
		d = d2
	}
	d.stop(t, syscall.SIGINT)
}

const present = anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_PRESENT

// rule is what is known of the one rule; nil for none.
func (d *devProcess) rule(t *testing.T) *anteroomv1.DispatchRule {
	t.Helper()
	resp, err := d.client(t, d.AdminToken).sip.ListDispatchRules(t.Context(), &anteroomv1.ListDispatchRulesRequest{})
	require.NoError(t, err)
	if len(resp.GetDispatchRules()) == 0 {
		return nil
	}
	return resp.GetDispatchRules()[0]
}

// TestDevRefusals: what stands in the way is one sentence that says what to do.
func TestDevRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	running := t.TempDir()
	d := startDev(t, "--data", running, "--listen", "127.0.0.1:0")
	defer d.stop(t, syscall.SIGTERM)
	old := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(old, "keys.json"), []byte(`{"format":0}`), 0o600))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"port in use", []string{"--data", t.TempDir(), "--listen", taken.Addr().String()}, []string{"is in use", "--listen"}},
		{"folder in use", []string{"--data", running, "--listen", "127.0.0.1:0"}, []string{"another anteroom is running", "--data"}},
		{"old folder", []string{"--data", old, "--listen", "127.0.0.1:0"}, []string{"not of this version", "--data"}},
		{"folder is a file", []string{"--data", file}, []string{"data folder", "--data"}},
		{"missing tool", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--livekit-server", "/nowhere/livekit-server"}, []string{"livekit-server", "make build"}},
		{"PIN length", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--pin-length", "3"}, []string{"4 to 16 digits, not 3"}},
		{"dial-in number", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--dial-in-numbers", "hello"}, []string{"hello", "+33123456789"}},
		{"unknown flag", []string{"--colour"}, []string{"--colour", "--help"}},
		{"database", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--database-url", "mysql://x"}, []string{"postgres://", "sqlite:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd, stderr := devCommandLine(t, append(c.args, "--json")...)
			out, err := cmd.Output()
			require.Error(t, err)
			require.Empty(t, out)
			for _, want := range c.want {
				require.Contains(t, stderr.String(), want)
			}
			require.LessOrEqual(t, strings.Count(strings.TrimSpace(stderr.String()), "\n"), 0, "one sentence: %s", stderr)
		})
	}
}

// TestDevNewerDatabase: a folder that a newer program wrote is refused.
func TestDevNewerDatabase(t *testing.T) {
	data := t.TempDir()
	d := startDev(t, "--data", data, "--listen", "127.0.0.1:0")
	d.stop(t, syscall.SIGTERM)
	database := dbtest.Open(t, "sqlite:"+filepath.Join(data, "anteroom.db"))
	_, err := database.SQL.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (29990101000000, 1)")
	require.NoError(t, err)
	cmd, stderr := devCommandLine(t, "--data", data, "--listen", "127.0.0.1:0", "--json")
	require.Error(t, cmd.Run())
	require.Contains(t, stderr.String(), "newer")
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"dev", "--help"}, {"reconcile", "--help"}} {
		self, err := os.Executable()
		require.NoError(t, err)
		cmd := exec.CommandContext(t.Context(), self, args...)
		cmd.Env = append(os.Environ(), asProgram+"=1")
		out, err := cmd.Output()
		require.NoError(t, err, fmt.Sprint(args))
		require.Contains(t, string(out), "anteroom")
	}
}
