package notice

import (
	"context"

	"github.com/google/uuid"
)

// behind is how many notices may wait for a watcher before it is cut off.
const behind = 256

// Watcher is somebody who watches rooms. It is to be closed.
type Watcher struct {
	// C gives the notices of all the rooms. It is closed when the watcher is
	// cut off; Err then says why.
	C <-chan Notice

	// From is the last notice of each room that C does not give.
	From Cursors

	tail    *Tail
	notices chan Notice
	err     error
	gone    bool
}

// Watch gives every notice of some rooms from now on: what is read of them
// after Watch has returned is not older than what is missing from C.
func (t *Tail) Watch(ctx context.Context, rooms []uuid.UUID) (*Watcher, error) {
	for {
		latest, err := t.latest(ctx, t.unwatched(rooms))
		if err != nil {
			return nil, err
		}
		if w, err := t.join(rooms, latest); w != nil || err != nil {
			return w, err
		}
	}
}

// unwatched are those rooms that have no reader.
func (t *Tail) unwatched(rooms []uuid.UUID) (found []uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, room := range rooms {
		if t.feeds[room] == nil {
			found = append(found, room)
		}
	}
	return found
}

// join makes a watcher, unless a room has just lost its reader and its latest
// notice is not known.
func (t *Tail) join(rooms []uuid.UUID, latest Cursors) (*Watcher, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return nil, ErrStopping
	}
	for _, room := range rooms {
		if _, known := latest[room]; t.feeds[room] == nil && !known {
			return nil, nil
		}
	}
	c := make(chan Notice, behind)
	w := &Watcher{C: c, From: Cursors{}, tail: t, notices: c}
	for _, room := range rooms {
		f := t.feeds[room]
		if f == nil {
			f = t.open(room, latest[room])
		}
		f.watchers[w] = struct{}{}
		w.From[room] = f.cursor
	}
	watching.Inc()
	return w, nil
}

// Err says why C was closed.
func (w *Watcher) Err() error {
	w.tail.mu.Lock()
	defer w.tail.mu.Unlock()
	return w.err
}

// Close stops watching.
func (w *Watcher) Close() {
	w.tail.mu.Lock()
	defer w.tail.mu.Unlock()
	w.tail.cut(w, nil)
}

// offer gives a notice unless too many wait already; under the lock.
func (w *Watcher) offer(n Notice) bool {
	select {
	case w.notices <- n:
		return true
	default:
		return false
	}
}

// cut ends a watcher, and the readers of rooms that nobody watches any more;
// under the lock.
func (t *Tail) cut(w *Watcher, why error) {
	if w.gone {
		return
	}
	w.gone, w.err = true, why
	close(w.notices)
	watching.Dec()
	for room := range w.From {
		f := t.feeds[room]
		delete(f.watchers, w)
		if len(f.watchers) == 0 {
			f.cancel()
			delete(t.feeds, room)
		}
	}
}
