package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit of times in /proc/PID/stat (USER_HZ; proc(5)).
const tick = 10 * time.Millisecond

// clock reads how much CPU time something has used so far.
type clock func() (time.Duration, error)

func noClock() (time.Duration, error) { return 0, nil }

// ownClock is this process's: it does the bare database work itself.
func ownClock() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// processClock is one process's, without its children.
func processClock(pid int) clock {
	return func() (time.Duration, error) {
		own, _, err := processTimes(pid)
		return own, err
	}
}

// familyClock is a process's with its children, those that have ended too: a
// Postgres has one for each connection.
func familyClock(pid int) clock {
	return func() (time.Duration, error) {
		own, ended, err := processTimes(pid)
		if err != nil {
			return 0, err
		}
		children, err := childrenOf(pid)
		if err != nil {
			return 0, err
		}
		sum := own + ended
		for _, child := range children {
			if own, _, err := processTimes(child); err == nil { // else it has just ended
				sum += own
			}
		}
		return sum, nil
	}
}

// processTimes reads the CPU time of a process and of its children that have
// ended.
func processTimes(pid int) (own, ended time.Duration, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The name, in brackets, may hold anything; utime is the twelfth after it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks [4]time.Duration
	for i := range ticks {
		n, err := strconv.ParseInt(fields[11+i], 10, 64)
		if err != nil {
			return 0, 0, err
		}
		ticks[i] = time.Duration(n) * tick
	}
	return ticks[0] + ticks[1], ticks[2] + ticks[3], nil
}

func childrenOf(pid int) ([]int, error) {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, field := range strings.Fields(string(list)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		pids = append(pids, child)
	}
	return pids, nil
}
