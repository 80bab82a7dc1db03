package webhook

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// ErrBodyRemoved says that an event is too old to be applied once more.
var ErrBodyRemoved = fault.New(fault.Precondition, "event_body_removed",
	"the event's body was removed because it was old: it cannot be applied once more")

// replayMark stands between the id of an event and what makes its replay's
// differ.
const replayMark = "~"

// Replay applies a stored event once more, by the same rules, as an event of its
// own, and gives that. It fails with ErrEventNotFound, ErrBodyRemoved, ErrAway,
// video.ErrBody and video.ErrNoProvider.
func (i *Inbox) Replay(ctx context.Context, id uuid.UUID) (*ent.WebhookEvent, error) {
	row, err := i.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(row.Body) == 0 {
		return nil, ErrBodyRemoved
	}
	e, err := i.read(row)
	if err != nil {
		return nil, err
	}
	e.ID, e.Origin = originalID(e)+replayMark+uuid.Must(uuid.NewV7()).String(), video.Replayed
	if _, err := i.intake.take(ctx, e); err != nil {
		return nil, ErrAway.Because(err)
	}
	return i.db.WebhookEvent.Query().Where(stored(applyArgs{e.Provider, e.ID})).Select(withoutBody...).Only(ctx)
}

// originalID is the id of the event that an event is, or is a replay of.
func originalID(e video.Event) string {
	if mark := strings.LastIndex(e.ID, replayMark); mark >= 0 && e.Origin == video.Replayed {
		return e.ID[:mark]
	}
	return e.ID
}

// redeem has the originals of replays that were applied count as applied, and so
// earlier replays of them that were not.
func (i *Inbox) redeem(ctx context.Context, tx *db.Tx, events []video.Event) error {
	for _, e := range events {
		if e.Origin != video.Replayed {
			continue
		}
		id := originalID(e)
		err := tx.WebhookEvent.Update().Where(troubled,
			webhookevent.ProviderEQ(webhookevent.Provider(e.Provider)),
			webhookevent.Or(webhookevent.EventID(id), webhookevent.And(
				webhookevent.OriginEQ(webhookevent.OriginReplay), webhookevent.EventIDHasPrefix(id+replayMark))),
		).SetOutcome(webhookevent.OutcomeApplied).SetAppliedTime(i.now()).ClearError().Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
