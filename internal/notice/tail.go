package notice

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrStopping says that this process ends; another one, or the next, goes on.
var ErrStopping = fault.New(fault.Unavailable, "server_stopping", "the server is stopping: come back in a moment")

// ErrBehind says that a watcher took its notices too slowly and was cut off.
var ErrBehind = errors.New("the watcher is too slow")

var (
	watching = promauto.NewGauge(prometheus.GaugeOpts{
		Name: "anteroom_watchers",
		Help: "Streams that watch rooms now.",
	})
	reads = promauto.NewCounter(prometheus.CounterOpts{
		Name: "anteroom_notice_reads_total",
		Help: "Queries for the new notices of a watched room.",
	})
	cutOff = promauto.NewCounter(prometheus.CounterOpts{
		Name: "anteroom_watchers_cut_off_total",
		Help: "How often a watcher was too slow and had to begin anew.",
	})
)

const (
	// readAtOnce is how many notices of a room are read by one query.
	readAtOnce = 200
	// retryInterval is when a room is read again after the database failed.
	retryInterval = time.Second
	// unknown is the id of a notice that somebody has heard of without its id.
	unknown = 0
)

// Tail shows new notices to those who watch. Whatever the number of a room's
// watchers in this process, one reader reads it: when somebody publishes, here
// or (by Postgres' NOTIFY) elsewhere, after a gap in hearing, and now and then
// besides, so that what is heard only saves time.
type Tail struct {
	db        *db.DB
	log       *slog.Logger
	heartbeat time.Duration
	ctx       context.Context // of all readers, until Stop
	cancel    context.CancelFunc
	running   sync.WaitGroup

	mu      sync.Mutex // guards what follows, and what is in the feeds
	feeds   map[uuid.UUID]*feed
	stopped bool
}

// feed is one room with its reader and its watchers.
type feed struct {
	room     uuid.UUID
	cursor   int64 // the last notice that was read; written by the reader alone
	watchers map[*Watcher]struct{}
	woken    chan struct{}
	cancel   context.CancelFunc
}

func newTail(d *db.DB, log *slog.Logger, heartbeat time.Duration) *Tail {
	t := &Tail{db: d, log: log, heartbeat: heartbeat, feeds: map[uuid.UUID]*feed{}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

// Heartbeat is how often a stream should say that it lives.
func (t *Tail) Heartbeat() time.Duration { return t.heartbeat }

// Start begins to hear what other processes publish.
func (t *Tail) Start() {
	if t.db.IsPostgres() {
		t.running.Go(func() { t.listen(t.ctx) })
	}
}

// Stop cuts off all watchers with ErrStopping and lets nobody watch any more.
func (t *Tail) Stop() {
	t.mu.Lock()
	t.stopped = true
	for _, f := range t.feeds {
		for w := range f.watchers {
			t.cut(w, ErrStopping)
		}
	}
	t.mu.Unlock()
	t.cancel()
	t.running.Wait()
}

// wake has a room read if somebody watches it and has not seen that notice.
func (t *Tail) wake(room uuid.UUID, id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, watched := t.feeds[room]; watched && (id == unknown || id > f.cursor) {
		f.wake()
	}
}

func (t *Tail) wakeAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, f := range t.feeds {
		f.wake()
	}
}

// wake is heard by a reader that is reading just now when it is done.
func (f *feed) wake() {
	select {
	case f.woken <- struct{}{}:
	default:
	}
}

// open starts a room's reader; under the lock.
func (t *Tail) open(room uuid.UUID, cursor int64) *feed {
	f := &feed{room: room, cursor: cursor, watchers: map[*Watcher]struct{}{}, woken: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.ctx)
	f.cancel = cancel
	t.feeds[room] = f
	t.running.Go(func() { t.read(ctx, f) })
	return f
}

// read reads a room's notices until nobody watches it. It begins with reading:
// something may have been published since the cursor was.
func (t *Tail) read(ctx context.Context, f *feed) {
	failing := false
	for {
		wait := t.heartbeat
		err := t.catchUp(ctx, f)
		if err != nil && ctx.Err() == nil {
			wait = retryInterval
			if !failing { // once is enough to know
				t.log.WarnContext(ctx, "notices cannot be read", slog.String("room", f.room.String()), slog.Any("error", err))
			}
		}
		failing = err != nil
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-f.woken:
		case <-timer.C:
		}
		timer.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// catchUp gives the watchers all that is new.
func (t *Tail) catchUp(ctx context.Context, f *feed) error {
	for {
		notices, last, more, err := t.after(ctx, f.room, f.cursor)
		if err != nil || last == f.cursor {
			return err
		}
		t.give(f, notices, last)
		if !more {
			return nil
		}
	}
}

// give hands notices to each of a room's watchers, and waits for none.
func (t *Tail) give(f *feed, notices []Notice, last int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f.cursor = last
	for w := range f.watchers {
		for _, n := range notices {
			if !w.offer(n) {
				cutOff.Inc()
				t.cut(w, ErrBehind)
				break
			}
		}
	}
}
