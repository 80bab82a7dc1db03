package meeting

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Abandon ends all meetings that are running, as an estimate, at their last sign
// of life. It is for a provider that was just started with nothing in it: who was
// in is out, and nobody will say so.
func (m *Meetings) Abandon(ctx context.Context, d *db.DB) error {
	return d.InTx(ctx, func(tx *db.Tx) error {
		locked, err := tx.Room.Query().Where(entroom.HasMeetingsWith(entmeeting.EndTimeIsNil()), db.Lock).
			Order(entroom.ByID()).WithMeetings(func(q *ent.MeetingQuery) { q.Where(entmeeting.EndTimeIsNil()) }).All(ctx)
		if err != nil {
			return err
		}
		rooms := map[string]*ent.Room{}
		var events []video.Event
		for _, room := range locked {
			rooms[room.ID.String()] = room
			for _, met := range room.Edges.Meetings {
				last, err := lastSign(ctx, tx, met)
				if err != nil {
					return err
				}
				events = append(events, video.Event{
					Provider: video.Name(met.Provider), Kind: video.RoomMissed, Time: last,
					Room: video.EventRoom{Name: room.ID.String(), SID: met.ProviderSid},
				})
			}
		}
		return m.Apply(ctx, tx, rooms, events)
	})
}

// lastSign is when we last heard of a meeting.
func lastSign(ctx context.Context, tx *db.Tx, met *ent.Meeting) (time.Time, error) {
	last, err := tx.WebhookEvent.Query().
		Where(webhookevent.RoomName(met.RoomID.String()), webhookevent.RoomSid(met.ProviderSid)).
		Order(webhookevent.ByReceivedTime(sql.OrderDesc())).Limit(1).All(ctx)
	if err != nil || len(last) == 0 {
		return met.CreateTime, err
	}
	return last[0].ReceivedTime, nil
}
