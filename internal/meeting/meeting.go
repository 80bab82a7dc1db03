// Package meeting keeps the account of who met where and when. It merges what
// providers tell by rules that do not care about order or repetition.
package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Meetings is the noun.
type Meetings struct {
	clock     clockwork.Clock
	providers video.Providers
	jobs      *job.Queue
}

// New makes the noun and takes over its jobs.
func New(clock clockwork.Clock, providers video.Providers, jobs *job.Queue) *Meetings {
	m := &Meetings{clock, providers, jobs}
	job.Handle(jobs, m.end)
	return m
}

// Apply merges events of our rooms, which the caller has locked, into the
// meetings and the participations that they are about.
func (m *Meetings) Apply(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) error {
	a, err := open(ctx, tx, events)
	if err != nil {
		return fmt.Errorf("read the account: %w", err)
	}
	for _, e := range events {
		a.merge(rooms[e.Room.Name], e)
	}
	if err := a.save(ctx, tx, m.now()); err != nil {
		return fmt.Errorf("write the account: %w", err)
	}
	return nil
}

// estimate gives the people of meetings, of whom nobody stated when they left,
// the ends that follow from the meetings' own: over, in SQL.
func estimate(ctx context.Context, tx *db.Tx, meetings []uuid.UUID) error {
	if len(meetings) == 0 {
		return nil
	}
	ids := db.Padded(meetings)
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	_, err := tx.SQL.ExecContext(ctx, `UPDATE participations
		SET leave_time = CASE WHEN e.leave_time < join_time THEN join_time ELSE e.leave_time END,
			leave_rank = CASE WHEN e.leave_time IS NULL THEN NULL ELSE 'estimated' END
		FROM (
			SELECT p.id, CASE
				WHEN p.missed_time IS NULL OR p.missed_time <= p.seen_time OR p.missed_time >= m.end_time
				THEN m.end_time ELSE p.missed_time END AS leave_time
			FROM participations p JOIN meetings m ON m.id = p.meeting_id
			WHERE m.id IN (`+db.Placeholders(tx.Dialect, 1, len(args))+`)
				AND (p.leave_rank IS NULL OR p.leave_rank = 'estimated')
		) e WHERE participations.id = e.id`, args...)
	return err
}

func (m *Meetings) now() time.Time { return m.clock.Now().UTC().Truncate(time.Microsecond) }
