package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// storeTimeout bounds a transaction of the intake; the provider waits for it.
const storeTimeout = 15 * time.Second

// maxPatience is how many events wait for somebody else's lock at once.
const maxPatience = 4

// outcome is what became of an event, in the words of the database and two more.
type outcome string

const (
	applied outcome = outcome(webhookevent.OutcomeApplied)
	ignored outcome = outcome(webhookevent.OutcomeIgnored)
	failed  outcome = outcome(webhookevent.OutcomeFailed)
	double  outcome = "double" // it was here before and has no row of its own
	held    outcome = "held"   // somebody else holds its room: nothing was stored
)

// store brings arrivals to their end. When a batch fails, each of it is tried by
// itself, so that one which cannot be applied holds up nobody; and neither does
// one whose room somebody else holds.
func (i *Inbox) store(batch []*arrival) {
	outcomes, err := i.takeAll(batch, false)
	switch {
	case err == nil:
		for n, a := range batch {
			if outcomes[n] == held {
				go i.storeHeld(a)
			} else {
				a.end(outcomes[n], nil)
			}
		}
	case away(err):
		for _, a := range batch {
			a.end("", err)
		}
	case len(batch) > 1:
		for _, a := range batch {
			i.store([]*arrival{a})
		}
	default:
		i.keep(batch[0], err)
	}
}

// storeHeld waits for a room's lock. Few wait at once: each has a connection.
func (i *Inbox) storeHeld(a *arrival) {
	i.patience <- struct{}{}
	defer func() { <-i.patience }()
	outcomes, err := i.takeAll([]*arrival{a}, true)
	switch {
	case err == nil:
		a.end(outcomes[0], nil)
	case away(err):
		a.end("", err)
	default:
		i.keep(a, err)
	}
}

// keep ends an arrival that cannot be applied.
func (i *Inbox) keep(a *arrival, cause error) {
	ctx, cancel := context.WithTimeout(a.told, storeTimeout)
	defer cancel()
	a.end(i.keepFailed(ctx, a.Event, cause))
}

// away says that the database has not done its work. Too slow is as good as
// away: the provider will send again.
func away(err error) bool { return db.IsAway(err) || errors.Is(err, context.DeadlineExceeded) }

// takeAll stores arrivals in one transaction. Its context is not the requests',
// who share it; and only where there may be somebody to wait for it has an end,
// since to watch over that costs as much as the statements.
func (i *Inbox) takeAll(batch []*arrival, wait bool) (outcomes []outcome, err error) {
	ctx := batch[0].told // whose trace has what a batch has in common
	if wait {
		timed, cancel := context.WithTimeout(ctx, storeTimeout)
		defer cancel()
		ctx = timed
	}
	events := make([]video.Event, len(batch))
	for n, a := range batch {
		events[n] = a.Event
	}
	err = i.db.InTx(ctx, func(tx *db.Tx) (err error) {
		outcomes, err = i.takeIn(ctx, tx, events, wait)
		return err
	})
	if err != nil && ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return outcomes, err
}

// takeIn stores events and has the nouns apply those that are new and ours.
func (i *Inbox) takeIn(ctx context.Context, tx *db.Tx, events []video.Event, wait bool) ([]outcome, error) {
	rooms, busy, err := lockRooms(ctx, tx, events, wait)
	if err != nil {
		return nil, fmt.Errorf("lock the rooms: %w", err)
	}
	outcomes := expected(events, rooms, busy)
	isNew, err := i.insert(ctx, tx, events, outcomes)
	if err != nil {
		return nil, fmt.Errorf("store the events: %w", err)
	}
	var ours []video.Event
	for n, e := range events {
		if outcomes[n] == held {
			continue
		}
		if !isNew[keyOf(e)] {
			outcomes[n] = double
			continue
		}
		delete(isNew, keyOf(e)) // the next one like it is a double
		if outcomes[n] == applied {
			ours = append(ours, e)
		}
	}
	if err := i.apply(ctx, tx, rooms, ours); err != nil {
		return nil, err
	}
	if err := i.redeem(ctx, tx, ours); err != nil {
		return nil, err
	}
	failpoint.Here("merged, not committed")
	return outcomes, nil
}

// expected is what becomes of events if they are new and nothing goes wrong.
func expected(events []video.Event, rooms map[string]*ent.Room, busy map[string]bool) []outcome {
	outcomes := make([]outcome, len(events))
	for n, e := range events {
		switch {
		case busy[e.Room.Name]:
			outcomes[n] = held
		case rooms[e.Room.Name] != nil:
			outcomes[n] = applied
		default:
			outcomes[n] = ignored
		}
	}
	return outcomes
}

// apply has every noun merge events of our rooms. A panic is a failure like
// others: the events must be kept all the same.
func (i *Inbox) apply(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if len(events) == 0 {
		return nil
	}
	for _, apply := range i.applies {
		if err := apply(ctx, tx, rooms, events); err != nil {
			return err
		}
	}
	return nil
}

// lockRooms finds our rooms of events, deleted ones included, by the provider's
// name of them. Of the nouns' locks theirs is the first, so events of one room
// are applied one after the other. Not to wait is to pass over those that are
// locked; their names are busy.
func lockRooms(ctx context.Context, tx *db.Tx, events []video.Event, wait bool) (rooms map[string]*ent.Room, busy map[string]bool, err error) {
	providers := map[uuid.UUID]video.Name{}
	for _, e := range events {
		if id, err := uuid.Parse(e.Room.Name); err == nil && id.String() == e.Room.Name {
			providers[id] = e.Provider
		}
	}
	if len(providers) == 0 {
		return nil, nil, nil
	}
	lock := db.Lock
	if !wait {
		lock = db.LockFree
	}
	found, err := tx.Room.Query().Where(roomsOf(providers), lock).Order(entroom.ByID()).All(ctx)
	if err != nil {
		return nil, nil, err
	}
	rooms = make(map[string]*ent.Room, len(found))
	for _, room := range found {
		if video.Name(room.Provider) == providers[room.ID] {
			rooms[room.ID.String()] = room
		}
		delete(providers, room.ID)
	}
	if wait || len(providers) == 0 {
		return rooms, nil, nil
	}
	others, err := tx.Room.Query().Where(roomsOf(providers)).IDs(ctx)
	busy = make(map[string]bool, len(others))
	for _, id := range others {
		busy[id.String()] = true
	}
	return rooms, busy, err
}

func roomsOf(providers map[uuid.UUID]video.Name) predicate.Room {
	return entroom.IDIn(db.Padded(slices.Collect(maps.Keys(providers)))...)
}

var eventRows = db.Rows{
	Table: webhookevent.Table,
	Columns: []string{
		webhookevent.FieldID, webhookevent.FieldProvider, webhookevent.FieldEventID, webhookevent.FieldType,
		webhookevent.FieldRoomName, webhookevent.FieldRoomSid, webhookevent.FieldParticipantSid, webhookevent.FieldEgressID,
		webhookevent.FieldBody, webhookevent.FieldOrigin, webhookevent.FieldReceivedTime, webhookevent.FieldStatedTime,
		webhookevent.FieldAppliedTime, webhookevent.FieldOutcome, webhookevent.FieldError, webhookevent.FieldAttempts,
	},
	Conflict:  "DO NOTHING",
	Returning: webhookevent.FieldProvider + " || ':' || " + webhookevent.FieldEventID,
}

// keyOf tells events apart; it is what eventRows returns.
func keyOf(e video.Event) string { return string(e.Provider) + ":" + e.ID }

// insert stores those events that are not held and no doubles, and says which
// these are.
func (i *Inbox) insert(ctx context.Context, tx *db.Tx, events []video.Event, outcomes []outcome) (isNew map[string]bool, err error) {
	var rows [][]any
	for n, e := range events {
		if outcomes[n] != held {
			rows = append(rows, i.row(e, outcomes[n], ""))
		}
	}
	keys, err := tx.InsertRows(ctx, eventRows, rows)
	isNew = make(map[string]bool, len(keys))
	for _, key := range keys {
		isNew[key] = true
	}
	return isNew, err
}

// row is an event's, in the order of eventRows.
func (i *Inbox) row(e video.Event, o outcome, failure string) []any {
	var participant, egress string
	if e.Participant != nil {
		participant = e.Participant.SID
	}
	if e.Egress != nil {
		egress = e.Egress.ID
	}
	var appliedTime any
	if o != failed {
		appliedTime = i.now()
	}
	return []any{
		uuid.Must(uuid.NewV7()), e.Provider, e.ID, e.Type, e.Room.Name, e.Room.SID, participant, egress,
		e.Body, e.Origin, e.ReceiveTime, timeOrNil(e.Time), appliedTime, o, failure, 1,
	}
}

func timeOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}
