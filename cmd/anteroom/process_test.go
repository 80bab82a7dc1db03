package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth"
)

// endLimit is ten times what a process may take to end.
const endLimit = 100 * time.Second

// served is what a process needs to be the program beside the tests' LiveKit.
type served struct {
	URL                                        string // of the program itself; only for links
	Files                                      string // the folder in which recordings are
	MailServer                                 string // HOST:PORT; nobody is told if there is none
	Archive                                    string // the bucket that they are moved to at once; "" for none
	Listen, DatabaseURL, LiveKitURL, PublicURL string
	Ahead                                      time.Duration // how much later it is for the program
}

// ahead is a clock on which it is later.
type ahead struct {
	clockwork.Clock
	by time.Duration
}

func (c ahead) Now() time.Time                  { return c.Clock.Now().Add(c.by) }
func (c ahead) Since(t time.Time) time.Duration { return c.Now().Sub(t) }
func (c ahead) Until(t time.Time) time.Duration { return t.Sub(c.Now()) }

// process is the program as a process of its own, which may be killed.
type process struct {
	*program
	cmd   *exec.Cmd
	ended chan error
}

// serve is what such a process does.
func serve(config string) error {
	time.Local = time.UTC
	collectLess()
	var s served
	if err := json.Unmarshal([]byte(config), &s); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return err
	}
	c := configFor(s, os.Stderr)
	c.Clock = ahead{c.Clock, s.Ahead}
	a, err := build(ctx, c)
	if err != nil {
		return err
	}
	return a.run(ctx, listener, func() error {
		_, err := fmt.Println("ready")
		return err
	})
}

// startProcess starts one and waits until it serves.
func startProcess(t *testing.T, s served, env ...string) *process {
	t.Helper()
	config, err := json.Marshal(s)
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{
		program: &program{t: t, url: "http://" + s.Listen, tokens: auth.NewDevTokens(testSecret, clockwork.NewRealClock()), log: &lockedBuffer{}},
		cmd:     exec.Command(self), ended: make(chan error, 1),
	}
	p.cmd.Env = append(append(os.Environ(), asProgram+"="+string(config)), env...)
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("process %d said:\n%s", p.cmd.Process.Pid, p.log)
		}
	})
	line := make([]byte, len("ready\n"))
	_, err = out.Read(line)
	require.NoError(t, err, "it did not say that it is ready: %s", p.log)
	go func() { p.ended <- p.cmd.Wait() }()
	return p
}

// end waits for the end of a process and says how it came.
func (p *process) end() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		return err
	case <-time.After(endLimit):
		require.Fail(p.t, "the process goes on")
		return nil
	}
}

// stop ends it in good order.
func (p *process) stop() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(p.t, p.end())
}

// dies waits for SIGKILL to have ended it, whoever sent that.
func (p *process) dies() {
	p.t.Helper()
	require.Error(p.t, p.end())
	status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	require.Equal(p.t, syscall.SIGKILL, status.Signal(), "%v: %s", p.cmd.ProcessState, p.log)
}

// freeAddress is one on which a process may be started again and again.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
