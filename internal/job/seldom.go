package job

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"
)

// seldomEvery is after how long the same line may come again.
const seldomEvery = time.Minute

// seldom passes the same line on once a minute: while the database is away, work is
// looked for in vain many times a second, and what else is in the log must be found.
type seldom struct {
	slog.Handler
	*told
}

// told is when each line was passed on last.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newSeldom(h slog.Handler) seldom { return seldom{h, &told{last: map[string]time.Time{}}} }

// Handle implements slog.Handler.
func (s seldom) Handle(ctx context.Context, r slog.Record) error {
	if !s.due(line(r), r.Time) {
		return nil
	}
	return s.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (s seldom) WithAttrs(attrs []slog.Attr) slog.Handler {
	return seldom{s.Handler.WithAttrs(attrs), s.told}
}

// WithGroup implements slog.Handler.
func (s seldom) WithGroup(name string) slog.Handler {
	return seldom{s.Handler.WithGroup(name), s.told}
}

// due is whether a line may be passed on, and notes that it was.
func (t *told) due(line string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.last, func(_ string, last time.Time) bool { return now.Sub(last) >= seldomEvery })
	if _, lately := t.last[line]; lately {
		return false
	}
	t.last[line] = now
	return true
}

// line is what a record says, but for its time.
func line(r slog.Record) string {
	text := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	return text
}
