package embedded

import (
	"time"

	"github.com/alicebob/miniredis/v2"
)

// store is an in-process Redis that LiveKit keeps its rooms and rules in.
type store struct {
	*miniredis.Miniredis
	address       string // remembered, as a closed miniredis has none
	stop, stopped chan struct{}
}

func startStore() (*store, error) {
	redis, err := miniredis.Run()
	if err != nil {
		return nil, err
	}
	s := &store{Miniredis: redis, address: redis.Addr(), stop: make(chan struct{}), stopped: make(chan struct{})}
	go s.age()
	return s, nil
}

// age lets time pass, which miniredis does not do by itself: LiveKit's locks and
// the records of its nodes expire.
func (s *store) age() {
	defer close(s.stopped)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.FastForward(time.Second)
		case <-s.stop:
			return
		}
	}
}

func (s *store) close() {
	close(s.stop)
	<-s.stopped
	s.Close()
}
