// Package notice tells facts: it keeps them in the transaction that makes them
// true, and shows them live to those who watch a room, whichever process of the
// installation they are connected to.
package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	entnotice "github.com/anteroom-dev/anteroom/ent/notice"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// Notice is a fact that was published.
type Notice struct {
	ID     int64 // within one room the order in which facts became true
	RoomID uuid.UUID
	Time   time.Time
	Fact   Fact
}

// Notices publishes facts, and shows them.
type Notices struct {
	*Tail
	clock   clockwork.Clock
	reveals map[string]reveal // by type of fact
}

// New makes it and takes over its jobs. Heartbeat is how often a stream should
// say that it lives.
func New(d *db.DB, clock clockwork.Clock, log *slog.Logger, jobs *job.Queue, heartbeat time.Duration) *Notices {
	n := &Notices{newTail(d, log, heartbeat), clock, map[string]reveal{}}
	job.Handle(jobs, n.clean)
	jobs.Periodic(cleanInterval, cleanArgs{})
	return n
}

// Publish makes facts known when the transaction commits. It is one statement,
// whatever their number. Whoever publishes a fact about a room holds the lock of
// that room's row: so notices of one room commit in the order of their ids, and
// who has read one has missed none before it.
func (n *Notices) Publish(ctx context.Context, tx *db.Tx, facts ...Fact) error {
	if len(facts) == 0 {
		return nil
	}
	insert := entsql.Dialect(tx.Dialect).Insert(entnotice.Table).
		Columns(entnotice.FieldRoomID, entnotice.FieldType, entnotice.FieldFact, entnotice.FieldCreateTime)
	now := n.clock.Now().UTC().Truncate(time.Microsecond)
	rooms := map[uuid.UUID]bool{}
	for _, f := range facts {
		raw, err := json.Marshal(f)
		if err != nil {
			return fmt.Errorf("write a fact of type %s: %w", f.Type(), err)
		}
		rooms[f.Room()] = true
		insert.Values(orNull(f.Room()), f.Type(), string(raw), now)
	}
	query, args := insert.Query()
	if tx.Dialect == dialect.Postgres {
		query = notifying(query)
	}
	if _, err := tx.SQL.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	tx.OnCommit(func() {
		for room := range rooms {
			n.wake(room, unknown)
		}
	})
	return nil
}

func orNull(room uuid.UUID) any {
	if room == uuid.Nil {
		return nil
	}
	return room
}
