package meeting

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// Abandon ends all meetings that are running, as an estimate, at their last sign
// of life. It is for a provider that was just started with nothing in it: who was
// in is out, and nobody will say so.
func (m *Meetings) Abandon(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		running, err := tx.Meeting.Query().Where(entmeeting.EndTimeIsNil(), db.Lock).All(ctx)
		if err != nil {
			return err
		}
		for _, met := range running {
			end, err := lastSign(ctx, tx, met.ProviderSid, met.CreateTime)
			if err != nil {
				return err
			}
			err = tx.Meeting.UpdateOne(met).SetEndTime(end).SetEndRank(entmeeting.EndRankEstimated).SetMissedTime(end).Exec(ctx)
			if err != nil {
				return err
			}
			if err := estimate(ctx, tx, []uuid.UUID{met.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// lastSign is when we last heard of a meeting.
func lastSign(ctx context.Context, tx *db.Tx, sid string, atLeast time.Time) (time.Time, error) {
	last, err := tx.WebhookEvent.Query().Where(webhookevent.RoomSid(sid)).
		Order(webhookevent.ByReceivedTime(sql.OrderDesc())).Limit(1).All(ctx)
	if err != nil || len(last) == 0 {
		return atLeast, err
	}
	return last[0].ReceivedTime, nil
}
