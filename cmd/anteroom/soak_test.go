//go:build soak

package main

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// soakTime is how long meetings open and close on each database.
	soakTime = 15 * time.Minute
	// soakWarm is from when on nothing may grow any more: pools and caches are full.
	soakWarm = 3 * time.Minute
	// soakEvery is how often it is looked at.
	soakEvery = 20 * time.Second
)

// TestSoak has meetings of two open and close all the time, eight rooms at once
// and every webhook doubled. In the end there is no rule left at LiveKit and
// nobody in a room, and memory, goroutines and connections are as they were when
// the program was warm.
func TestSoak(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		begin := time.Now()
		end := begin.Add(soakTime)
		var meetings atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for time.Now().Before(end) && !t.Failed() {
					p.meet(host, int(meetings.Add(1)))
				}
			})
		}
		var seen []state
		for time.Now().Before(end) && !t.Failed() {
			time.Sleep(soakEvery) // how it looks is only known as time passes
			s := p.state()
			t.Logf("%4.0f s: %6d meetings, %5.1f MiB, %4d goroutines, %2d connections",
				time.Since(begin).Seconds(), meetings.Load(), float64(s.heap)/(1<<20), s.goroutines, s.connections)
			if time.Since(begin) > soakWarm {
				seen = append(seen, s)
			}
		}
		all.Wait()
		p.idle()
		require.Empty(t, p.rules())
		require.Zero(t, p.app.db.DispatchRule.Query().Where(notAbsent).CountX(t.Context()))
		requireFlat(t, seen)
	})
}

// state is what a program holds.
type state struct{ heap, goroutines, connections int }

func (p *program) state() state {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return state{int(m.HeapAlloc), runtime.NumGoroutine(), p.app.db.SQL.Stats().OpenConnections}
}

// requireFlat compares the last third with the first, by their medians: a leak of
// a few hundred bytes or of one goroutine a meeting would be many times this.
func requireFlat(t *testing.T, seen []state) {
	t.Helper()
	third := len(seen) / 3
	require.NotZero(t, third)
	median := func(of []state, what func(state) int) float64 {
		var all []int
		for _, s := range of {
			all = append(all, what(s))
		}
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	for name, what := range map[string]func(state) int{
		"heap":        func(s state) int { return s.heap },
		"goroutines":  func(s state) int { return s.goroutines },
		"connections": func(s state) int { return s.connections },
	} {
		first, last := median(seen[:third], what), median(seen[len(seen)-third:], what)
		t.Logf("%s: %.0f, then %.0f", name, first, last)
		require.Less(t, last, 1.3*first+10, name)
	}
}
