package embedded

import (
	"io"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// How long a child is given to end by itself. LiveKit takes the first SIGTERM for
// the wish to drain while people are in, and the second for an order.
const (
	drainTime = 100 * time.Millisecond
	endTime   = 3 * time.Second
)

// child is a running program.
type child struct {
	command *exec.Cmd
	exited  chan struct{} // closed when it has ended
}

// startChild starts a program on an OS thread that waits for its end: the kernel
// takes the end of the starting thread for the parent's death.
func startChild(binary string, args []string, output io.Writer) (*child, error) {
	c := &child{exited: make(chan struct{}), command: &exec.Cmd{
		Path: binary, Args: append([]string{binary}, args...),
		Stdout: output, Stderr: output,
		SysProcAttr: childAttributes(),
	}}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := c.command.Start()
		started <- err
		if err == nil {
			_ = c.command.Wait()
			close(c.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// stop ends the child and waits for its end. More than once is fine.
func (c *child) stop() {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGTERM, drainTime}, {syscall.SIGTERM, endTime}} {
		_ = c.command.Process.Signal(step.signal)
		if c.endsWithin(step.wait) {
			return
		}
	}
	_ = c.command.Process.Kill()
	<-c.exited
}

func (c *child) endsWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.exited:
		return true
	case <-timer.C:
		return false
	}
}
