package job

import (
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river/rivertype"
)

const (
	firstDelay = time.Second
	maxDelay   = time.Minute
)

// backoff is when a failed job runs again: within a second, then after twice
// as long each time, up to a minute, each time somewhere in the upper half.
type backoff struct{}

// NextRetry implements river.ClientRetryPolicy.
func (backoff) NextRetry(j *rivertype.JobRow) time.Time {
	return time.Now().UTC().Add(delay(len(j.Errors) + 1))
}

func delay(failures int) time.Duration {
	d := min(firstDelay<<min(failures-1, 10), maxDelay)
	return d/2 + rand.N(d/2) //nolint:gosec // jitter is no secret
}
