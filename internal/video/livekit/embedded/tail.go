package embedded

import (
	"bytes"
	"strings"
	"sync"
)

// tailSize is how much of the log's end is kept in memory, in bytes.
const tailSize = 4 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	end []byte
}

// Write never fails.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, b...)
	if excess := len(t.end) - tailSize; excess > 0 {
		t.end = bytes.Clone(t.end[excess:])
	}
	return len(b), nil
}

// String is the end, without the line that was cut.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(t.end)
	if len(t.end) == tailSize {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}
