package webhook

import (
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	// ErrEventNotFound says that no event has this id.
	ErrEventNotFound = fault.New(fault.NotFound, "event_not_found", "there is no such event")
	// ErrRoomNotFound says that no room has this slug.
	ErrRoomNotFound = fault.New(fault.NotFound, "room_not_found", "there is no such room")
)

// Filter says which events are wanted. What is empty does not restrict.
type Filter struct {
	Provider video.Name
	Room     string // an id, also of a deleted room, or a slug
	Outcomes []webhookevent.Outcome
	Origins  []webhookevent.Origin
	Types    []string
	From, To *time.Time // when it was stored: from the one until before the other
}

// List reads a page of events without their bodies, the newest first, after a
// given one. more says whether another page follows. It fails with
// ErrRoomNotFound.
func (i *Inbox) List(ctx context.Context, f Filter, after uuid.UUID, size int) (events []*ent.WebhookEvent, more bool, err error) {
	wanted, err := i.wanted(ctx, f)
	if err != nil {
		return nil, false, err
	}
	if after != uuid.Nil {
		wanted = append(wanted, webhookevent.IDLT(after))
	}
	events, err = i.db.WebhookEvent.Query().Where(wanted...).Order(webhookevent.ByID(sql.OrderDesc())).
		Limit(size + 1).Select(withoutBody...).All(ctx)
	if more = len(events) > size; more {
		events = events[:size]
	}
	return events, more, err
}

// Get reads one event with its body. It fails with ErrEventNotFound.
func (i *Inbox) Get(ctx context.Context, id uuid.UUID) (*ent.WebhookEvent, error) {
	e, err := i.db.WebhookEvent.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, ErrEventNotFound
	}
	return e, err
}

var withoutBody = slices.DeleteFunc(slices.Clone(webhookevent.Columns), func(c string) bool { return c == webhookevent.FieldBody })

func (i *Inbox) wanted(ctx context.Context, f Filter) (all []predicate.WebhookEvent, err error) {
	if f.Provider != "" {
		all = append(all, webhookevent.ProviderEQ(webhookevent.Provider(f.Provider)))
	}
	if f.Room != "" {
		name, err := i.roomName(ctx, f.Room)
		if err != nil {
			return nil, err
		}
		all = append(all, webhookevent.RoomName(name))
	}
	if len(f.Outcomes) > 0 {
		all = append(all, webhookevent.OutcomeIn(f.Outcomes...))
		if !slices.ContainsFunc(f.Outcomes, settled) {
			all = append(all, troubled)
		}
	}
	if len(f.Origins) > 0 {
		all = append(all, webhookevent.OriginIn(f.Origins...))
	}
	if len(f.Types) > 0 {
		all = append(all, webhookevent.TypeIn(f.Types...))
	}
	if f.From != nil {
		all = append(all, webhookevent.IDGTE(firstOf(*f.From)))
	}
	if f.To != nil {
		all = append(all, webhookevent.IDLT(firstOf(*f.To)))
	}
	return all, nil
}

// roomName is what a provider calls the room of an id or a slug.
func (i *Inbox) roomName(ctx context.Context, ref string) (string, error) {
	if id, err := uuid.Parse(ref); err == nil {
		return id.String(), nil
	}
	id, err := i.db.Room.Query().Where(entroom.Slug(ref), entroom.DeleteTimeIsNil()).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return "", ErrRoomNotFound
	}
	return id.String(), err
}

func settled(o webhookevent.Outcome) bool {
	return o == webhookevent.OutcomeApplied || o == webhookevent.OutcomeIgnored
}

// troubled are the events that could not be applied. In words and not as
// arguments, for which Postgres would not plan with the index of these alone.
func troubled(s *sql.Selector) { s.Where(sql.ExprP("outcome IN ('failed', 'dead')")) }

// firstOf is the least id that an event stored at this time, to the millisecond,
// can have: the times of events need no index of their own.
func firstOf(t time.Time) (id uuid.UUID) {
	const most = 1<<48 - 1
	ms := min(max(t.UnixMilli(), 0), most)
	for n := range 6 {
		id[n] = byte(ms >> (8 * (5 - n)))
	}
	return id
}
