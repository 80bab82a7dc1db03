// Package meeting keeps the account of who met where and when. It merges what
// providers tell by rules that do not care about order or repetition.
package meeting

import (
	"context"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Meetings is the noun.
type Meetings struct {
	clock     clockwork.Clock
	providers video.Providers
	jobs      *job.Queue
	notices   *notice.Notices
}

// New makes the noun and takes over its jobs.
func New(clock clockwork.Clock, providers video.Providers, jobs *job.Queue, notices *notice.Notices) *Meetings {
	m := &Meetings{clock, providers, jobs, notices}
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
	return m.notices.Publish(ctx, tx, a.told()...)
}

func (m *Meetings) now() time.Time { return m.clock.Now().UTC().Truncate(time.Microsecond) }
