package embedded_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

func TestServerAnswersUntilStopped(t *testing.T) {
	server := livekittest.Start(t)
	response, err := http.Get(server.URL())
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)

	server.Stop()
	server.Stop()
	<-server.Exited()
	_, err = net.Dial("tcp", server.RedisAddr())
	require.Error(t, err)
	_, err = net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
	require.Error(t, err)
}

func TestServerListensOnLoopbackAlone(t *testing.T) {
	server := livekittest.Start(t)
	u, err := url.Parse(server.URL())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", u.Hostname())
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	elsewhere, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2), Port: port})
	require.NoError(t, err, "LiveKit's port is open on other addresses too")
	require.NoError(t, elsewhere.Close())
}

func TestExitIsTold(t *testing.T) {
	server := livekittest.Start(t)
	require.NoError(t, syscall.Kill(server.PID(), syscall.SIGKILL))
	<-server.Exited()
	server.Stop()
}

func TestAServerThatEndsAtOnceSaysWhy(t *testing.T) {
	_, err := embedded.Start(t.Context(), options(t, program(t, "echo the key is too short; exit 3")))
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "the key is too short")
}

func TestTakenPortsArePickedAnew(t *testing.T) {
	first := filepath.Join(t.TempDir(), "first")
	server, err := embedded.Start(t.Context(), options(t, program(t, fmt.Sprintf(
		"if mkdir %q; then echo listen: address already in use; exit 1; fi; exec %q \"$@\"", first, livekittest.Binary(t)))))
	require.NoError(t, err)
	server.Stop()
	require.DirExists(t, first)

	_, err = embedded.Start(t.Context(), options(t, program(t, "echo listen: address already in use; exit 1")))
	require.ErrorContains(t, err, "a port was taken")
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := embedded.Start(ctx, options(t, livekittest.Binary(t)))
	require.ErrorIs(t, err, context.Canceled)
}

func TestFindBinary(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv(embedded.BinaryEnv, "")
	t.Setenv("PATH", "")
	_, err := embedded.FindBinary("")
	require.ErrorContains(t, err, "make build")
	require.NotContains(t, err.Error(), "\n")

	inBin := filepath.Join(dir, "bin", embedded.BinaryName)
	require.NoError(t, os.Mkdir(filepath.Dir(inBin), 0o755))
	require.NoError(t, os.Rename(program(t, "exit 0"), inBin))
	requireFound(t, inBin, "")

	named := program(t, "exit 0")
	t.Setenv(embedded.BinaryEnv, named)
	requireFound(t, named, "")
	requireFound(t, inBin, inBin)

	_, err = embedded.FindBinary(filepath.Join(dir, "nothing"))
	require.ErrorContains(t, err, "make build")
}

func requireFound(t *testing.T, expected, explicit string) {
	t.Helper()
	found, err := embedded.FindBinary(explicit)
	require.NoError(t, err)
	require.Equal(t, expected, found)
}

func options(t *testing.T, binary string) embedded.Options {
	t.Helper()
	return embedded.Options{
		Binary: binary, Dir: t.TempDir(), APIKey: livekittest.APIKey, APISecret: livekittest.APISecret, Log: t.Output(),
	}
}

// program is a shell script.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
	return path
}
