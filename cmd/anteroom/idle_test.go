package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

const (
	// idleTime is for how long an idle program is watched.
	idleTime = 3 * time.Second
	// idleLimit is the part of a core that it may use, with the race detector on a
	// machine that is busy.
	idleLimit = 0.5
)

// TestIdleBurnsLittle prints what part of a core a process uses that has
// nothing to do but look whether there is something.
func TestIdleBurnsLittle(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	for name, url := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			server := livekittest.Start(t)
			p := startProcess(t, served{Listen: freeAddress(t), DatabaseURL: url, LiveKitURL: server.URL(), PublicURL: server.WSURL(), Files: t.TempDir()})
			awaitIdle(t, dbtest.Open(t, url))
			begin, used := time.Now(), processorTime(t, p.cmd.Process.Pid)
			time.Sleep(idleTime) // what is measured is time passing
			part := (processorTime(t, p.cmd.Process.Pid) - used).Seconds() / time.Since(begin).Seconds()
			t.Logf("an idle process uses %.1f %% of a core", 100*part)
			require.Less(t, part, idleLimit)
			p.stop()
		})
	}
}

// processorTime is what a process has used, which Linux counts in hundredths of
// seconds.
func processorTime(t *testing.T, pid int) (used time.Duration) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+2:]) // from the state on, which is the third
	for _, f := range fields[11:13] {
		ticks, err := strconv.Atoi(string(f))
		require.NoError(t, err)
		used += time.Duration(ticks) * 10 * time.Millisecond
	}
	return used
}
