package db

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// How soon and how seldom a lost listening connection is tried again.
const (
	minReconnect = 50 * time.Millisecond
	maxReconnect = 5 * time.Second
)

// Listen hears a channel of Postgres' NOTIFY, on a connection of its own, until
// ctx is done. It is opened anew whenever it is lost; what was said meanwhile is
// not heard, so each time it stands, the first time too, gap is called.
func (d *DB) Listen(ctx context.Context, channel string, heard func(payload string), gap func()) error {
	l := pq.NewListener(d.plain, minReconnect, maxReconnect, nil)
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer func() {
		if stop() {
			_ = l.Close()
		}
	}()
	err := l.Listen(channel)
	if ctx.Err() != nil {
		return nil // it was closed while it waited for the database
	}
	if err != nil {
		return fmt.Errorf("listen to the database: %w", err)
	}
	gap()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n, open := <-l.Notify:
			switch {
			case !open:
				return nil
			case n == nil:
				gap()
			default:
				heard(n.Extra)
			}
		}
	}
}
