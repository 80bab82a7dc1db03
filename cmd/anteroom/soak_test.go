//go:build soak

package main

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// soakTime is how long meetings open and close on each database.
const soakTime = 10 * time.Minute

// TestSoak has meetings of two open and close all the time, eight rooms at once
// and every webhook doubled; in the end there is no rule left at LiveKit and
// nobody in a room.
func TestSoak(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		end := time.Now().Add(soakTime)
		var meetings atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for time.Now().Before(end) && !t.Failed() {
					n := meetings.Add(1)
					p.meet(host, int(n))
					if n%1000 == 0 {
						t.Logf("%d meetings, %v left", n, time.Until(end).Round(time.Second))
					}
				}
			})
		}
		all.Wait()
		p.idle()
		require.Empty(t, p.rules())
		require.Zero(t, p.app.db.DispatchRule.Query().Where(notAbsent).CountX(t.Context()))
	})
}
