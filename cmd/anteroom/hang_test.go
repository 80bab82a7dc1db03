package main

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// answerLimit is ten times what health and metrics may take, whoever hangs.
const answerLimit = 10 * 2 * time.Second

// TestADatabaseThatHangs has Postgres take questions and answer none: health and the
// metrics of the process itself come all the same, and the process ends when it is
// told to, at once when it is told twice.
func TestADatabaseThatHangs(t *testing.T) {
	t.Parallel() // it waits more than it works
	livekit := livekittest.Start(t, "http://127.0.0.1:1/")
	for name, signals := range map[string]int{"told once": 1, "told twice": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hold, databaseURL := holdable(t, dbtest.EmptyPostgresURL(t))
			p := startServe(t, serveEnv(t, databaseURL, livekit.URL(), livekit.WSURL()), "--migrate")
			p.awaitReady()
			hold()

			begin := time.Now()
			require.Contains(t, p.get("/metrics"), "go_goroutines")
			t.Logf("metrics after %v", time.Since(begin))
			begin = time.Now()
			status, text := p.readyz()
			require.Equal(t, http.StatusServiceUnavailable, status, text)
			t.Logf("/readyz after %v", time.Since(begin))

			begin = time.Now()
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			await(t, readyLimit, "the signal is heard", func() bool { return strings.Contains(p.log.String(), "stopping") })
			if signals == 2 {
				require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			}
			require.Error(t, p.end(), "it was cut off")
			took := time.Since(begin)
			t.Logf("ended after %v", took)
			if signals == 2 {
				require.Less(t, took, stopWithin, "at once")
			}
		})
	}
}

// get reads a page.
func (p *program) get(path string) string {
	p.t.Helper()
	client := http.Client{Timeout: answerLimit}
	resp, err := client.Get(p.url + path)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return string(text)
}

// holdable puts something between a database and who uses it that can keep all of its
// answers back.
func holdable(t *testing.T, databaseURL string) (hold func(), between string) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	require.NoError(t, err)
	socket := ".s.PGSQL.5432"
	query := u.Query()
	server := filepath.Join(query.Get("host"), socket)
	folder, err := os.MkdirTemp("", "pg") //nolint:usetesting // the path of a socket is short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	l, err := net.Listen("unix", filepath.Join(folder, socket))
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	var held sync.RWMutex
	go func() {
		for client, err := l.Accept(); err == nil; client, err = l.Accept() {
			go forward(client, server, &held)
		}
	}()
	query.Set("host", folder)
	u.RawQuery = query.Encode()
	return func() {
		held.Lock()
		t.Cleanup(held.Unlock)
	}, u.String()
}

// forward connects a client with a server, whose answers wait while held is locked.
func forward(client net.Conn, server string, held *sync.RWMutex) {
	defer func() { _ = client.Close() }()
	back, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer func() { _ = back.Close() }()
	go func() {
		_, _ = io.Copy(back, client)
		_ = back.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := back.Read(buffer)
		held.RLock()
		_, writeErr := client.Write(buffer[:n])
		held.RUnlock()
		if err != nil || writeErr != nil {
			return
		}
	}
}

// TestOneProcessOnSQLite starts a second one on the same file.
func TestOneProcessOnSQLite(t *testing.T) {
	livekit := livekittest.Start(t, "http://127.0.0.1:1/")
	databaseURL := dbtest.SQLiteURL(t)
	first := startServe(t, serveEnv(t, databaseURL, livekit.URL(), livekit.WSURL()))
	first.awaitReady()
	second := startServe(t, serveEnv(t, databaseURL, livekit.URL(), livekit.WSURL()))
	require.Error(t, second.end())
	require.Contains(t, second.log.String(), "another Anteroom runs on this SQLite file")
	first.stop()
	third := startServe(t, serveEnv(t, databaseURL, livekit.URL(), livekit.WSURL()))
	third.awaitReady()
	third.stop()
}
