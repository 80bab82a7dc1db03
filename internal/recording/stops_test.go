package recording

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStopsAnew: at once, then each time after twice as long, and at last once an hour.
func TestStopsAnew(t *testing.T) {
	givenUp := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	asked, end := givenUp, givenUp.Add(10*time.Hour)
	var waits []time.Duration
	for at := givenUp.Add(30 * time.Second); at.Before(end); at = at.Add(30 * time.Second) {
		if stopsAnew(givenUp, asked, at) {
			waits = append(waits, at.Sub(asked))
			asked = at
		}
	}
	const m = time.Minute
	require.Equal(t, []time.Duration{m / 2, m / 2, m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m}, waits[:9])
	require.Len(t, waits, 16)
}
