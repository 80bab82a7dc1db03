package webhook

import (
	"context"
	"sync"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// maxBatch is how many events are stored in one transaction at most.
const maxBatch = 32

// intake gathers the events that arrive while others are being stored, so that
// they share a transaction and its flush to the disk. Whoever is alone does not
// wait.
type intake struct {
	store func([]*arrival)

	mu      sync.Mutex
	waiting []*arrival
	running bool
}

// arrival is an event on its way in.
type arrival struct {
	video.Event
	told    context.Context // the request's, for its trace; it does not end with it
	outcome outcome
	err     error
	stored  chan struct{} // closed when it is, or when err says that it is not
}

func (a *arrival) end(o outcome, err error) {
	a.outcome, a.err = o, err
	close(a.stored)
}

// take returns when an event is stored. When the context ends first, the event
// may be stored all the same.
func (i *intake) take(ctx context.Context, e video.Event) (outcome, error) {
	a := &arrival{Event: e, told: context.WithoutCancel(ctx), stored: make(chan struct{})}
	if i.join(a) { // nobody else is at it
		i.store([]*arrival{a})
		if batch := i.next(); batch != nil {
			go i.run(batch)
		}
	}
	select {
	case <-a.stored:
		return a.outcome, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// join says whether an arrival is the first; the others wait for their batch.
func (i *intake) join(a *arrival) (first bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.running {
		i.running = true
		return true
	}
	i.waiting = append(i.waiting, a)
	return false
}

// run stores what waits, batch after batch, until nothing does.
func (i *intake) run(batch []*arrival) {
	for ; batch != nil; batch = i.next() {
		i.store(batch)
	}
}

// next takes a batch of those that wait; nil when nobody does.
func (i *intake) next() (batch []*arrival) {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := min(len(i.waiting), maxBatch)
	if n == 0 {
		i.running, i.waiting = false, nil
		return nil
	}
	batch, i.waiting = i.waiting[:n:n], i.waiting[n:]
	return batch
}
