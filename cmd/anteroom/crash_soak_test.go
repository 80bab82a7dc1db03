//go:build soak && failpoint

package main

import (
	"testing"
	"time"
)

// TestSoakCrashes does TestCrashes again and again, each time another way.
func TestSoakCrashes(t *testing.T) {
	for end := time.Now().Add(soakTime); time.Now().Before(end) && !t.Failed(); {
		t.Run("again", TestCrashes)
		t.Logf("%v left", time.Until(end).Round(time.Second))
	}
}

// TestSoakLiveKitAway has it away for a whole minute.
func TestSoakLiveKitAway(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) { liveKitAway(t, p, time.Minute) })
}

// TestSoakTwoProcesses has several rounds of reconciling in it.
func TestSoakTwoProcesses(t *testing.T) { twoProcesses(t, 60*outageEvents) }
