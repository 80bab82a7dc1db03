package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// crowdedRecorder is a provider whose recorder answers nobody until some have asked.
type crowdedRecorder struct {
	*videotest.Fake
	mu             sync.Mutex
	now, most, all int
	enough         chan struct{}
}

func (p *crowdedRecorder) StartCapture(ctx context.Context, r video.CaptureRequest) (video.Egress, error) {
	p.mu.Lock()
	p.now++
	p.most = max(p.most, p.now)
	if p.all--; p.all == 0 {
		close(p.enough)
	}
	p.mu.Unlock()
	defer func() { p.mu.Lock(); p.now--; p.mu.Unlock() }()
	select {
	case <-p.enough:
		return p.Fake.StartCapture(ctx, r)
	case <-time.After(recordingLimit / 4):
		return video.Egress{}, errors.New("nobody else has asked")
	}
}

// TestTracksAreAskedForTogether: whoever has many voices recorded does not wait for
// one after the other, and no recorder is asked for all at once.
func TestTracksAreAskedForTogether(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			recorder := &crowdedRecorder{all: 8, enough: make(chan struct{})}
			s := startAround(t, database(t), func(f *videotest.Fake, _ Config) video.Provider { recorder.Fake = f; return recorder })
			owner := s.as("together")
			room, leave := s.occupied(owner)
			defer leave()
			for n := range 12 {
				s.track(owner, owner, room, "track_published", fmt.Sprintf("TR_voice_%02d", n))
			}
			rec := s.record(owner, room, allTracks)
			for n := range 12 {
				s.captured(fmt.Sprintf("TR_voice_%02d", n), video.Active)
			}
			require.Equal(t, 8, recorder.most)
			s.stop(owner, rec.GetId())
			s.until(owner, rec.GetId(), completed)
		})
	}
}
