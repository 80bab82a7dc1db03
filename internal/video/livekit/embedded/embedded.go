// Package embedded runs a real LiveKit server as a child of this process, with an
// in-process Redis, on loopback alone: for `anteroom dev` and for tests.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// startTime is how long LiveKit may take until it answers.
const startTime = 10 * time.Second

// startTries is how often ports are picked anew when others were quicker.
const startTries = 5

// errPortTaken: somebody took a port between our looking and LiveKit's binding.
var errPortTaken = errors.New("a port was taken meanwhile")

// Options of a server.
type Options struct {
	Binary      string    // livekit-server; found by FindBinary when empty
	Dir         string    // exists; gets the configuration file and the log
	APIKey      string    // of the one key
	APISecret   string    // its secret, of 32 characters or more
	WebhookURLs []string  // where LiveKit posts its events
	RedisAddr   string    // of another server, to be one LiveKit with it; empty for a Redis of its own
	Log         io.Writer // gets LiveKit's log besides the file; may be nil

	Bare      bool              // as LiveKit comes: without Redis, and nobody is unmuted from afar
	OtherKeys map[string]string // further API keys and their secrets
}

// Server is a running LiveKit.
type Server struct {
	child *child
	redis *store // nil when it is another's
	addr  string // of its Redis
	log   *os.File
	tail  *tail
	port  uint16
	stop  sync.Once
}

// Start runs a LiveKit and returns when it answers to the key. When ctx is done
// before that it gives up; afterwards ctx has no effect.
func Start(ctx context.Context, o Options) (*Server, error) {
	binary, err := FindBinary(o.Binary)
	if err != nil {
		return nil, err
	}
	o.Binary = binary
	for range startTries {
		var server *Server
		if server, err = startOnce(ctx, o); !errors.Is(err, errPortTaken) {
			return server, err
		}
	}
	return nil, err
}

func startOnce(ctx context.Context, o Options) (*Server, error) {
	p, err := pickPorts()
	if err != nil {
		return nil, fmt.Errorf("find a free port for LiveKit: %w", err)
	}
	s := &Server{port: p.tcp, tail: &tail{}}
	if err := s.run(ctx, o, p); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// run starts one part after the other. What it started before an error is for
// Stop to end.
func (s *Server) run(ctx context.Context, o Options, p ports) (err error) {
	if s.addr = o.RedisAddr; s.addr == "" && !o.Bare {
		if s.redis, err = startStore(); err != nil {
			return fmt.Errorf("start Redis for LiveKit: %w", err)
		}
		s.addr = s.redis.address
	}
	config, err := writeConfig(o, p, s.addr)
	if err != nil {
		return err
	}
	if s.log, err = os.OpenFile(filepath.Join(o.Dir, BinaryName+".log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
		return fmt.Errorf("open LiveKit's log: %w", err)
	}
	output := []io.Writer{s.log, s.tail}
	if o.Log != nil {
		output = append(output, o.Log)
	}
	if s.child, err = startChild(o.Binary, []string{"--config", config}, io.MultiWriter(output...)); err != nil {
		return fmt.Errorf("start %s: %w", o.Binary, err)
	}
	return s.awaitReady(ctx, o)
}

func (s *Server) awaitReady(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	ready := make(chan struct{})
	go func() {
		if awaitAnswer(ctx, s.URL(), o.APIKey, o.APISecret) == nil {
			close(ready)
		}
	}()
	select {
	case <-ready:
		return nil
	case <-s.child.exited:
		return s.whyEnded()
	case <-ctx.Done():
		return fmt.Errorf("LiveKit does not answer (%w); its log ends with:\n%s", ctx.Err(), s.tail)
	}
}

func (s *Server) whyEnded() error {
	log := s.tail.String()
	err := fmt.Errorf("LiveKit ended at once (%s); its log ends with:\n%s", s.child.command.ProcessState, log)
	if strings.Contains(log, "address already in use") {
		return errors.Join(errPortTaken, err)
	}
	return err
}

// URL is for API calls: http.
func (s *Server) URL() string { return "http://" + s.address() }

// WSURL is for those who join: ws.
func (s *Server) WSURL() string { return "ws://" + s.address() }

func (s *Server) address() string { return net.JoinHostPort(loopback, strconv.Itoa(int(s.port))) }

// RedisAddr is the host and port of LiveKit's Redis.
func (s *Server) RedisAddr() string { return s.addr }

// PID is LiveKit's process.
func (s *Server) PID() int { return s.child.command.Process.Pid }

// Exited is closed when LiveKit has ended, asked or not.
func (s *Server) Exited() <-chan struct{} { return s.child.exited }

// Log is the end of LiveKit's log, for error messages.
func (s *Server) Log() string { return s.tail.String() }

// Kill ends LiveKit as a crash does, without goodbye. Its Redis lives until Stop.
func (s *Server) Kill() {
	_ = s.child.command.Process.Kill()
	<-s.child.exited
}

// Stop ends LiveKit, with force if it must, and then its Redis, unless that is
// another's. More than once is fine.
func (s *Server) Stop() {
	s.stop.Do(func() {
		if s.child != nil {
			s.child.stop()
		}
		if s.redis != nil {
			s.redis.close()
		}
		if s.log != nil {
			_ = s.log.Close()
		}
	})
}
