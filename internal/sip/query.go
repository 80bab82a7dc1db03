package sip

import (
	"context"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/ent/pin"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// errGone says that a room was deleted in the meantime.
var errGone = fault.New(fault.NotFound, "room_not_found", "there is no such room")

// ofRoom is a room's PIN in the default space.
func ofRoom(roomID uuid.UUID) predicate.Pin {
	return pin.And(pin.RoomID(roomID), pin.PinSpace(DefaultSpace))
}

// open says whether a room takes calls.
func (s *SIP) open(room *ent.Room) bool {
	return s.config.On && room.Settings.DialIn && room.DeleteTime == nil
}

// ruleOf reads what is known of a room's rule; nil before its first settle.
func ruleOf(ctx context.Context, c *ent.Client, roomID uuid.UUID) (*ent.DispatchRule, error) {
	rule, err := c.DispatchRule.Query().Where(dispatchrule.RoomID(roomID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return rule, err
}

// lockLiving locks a room, unless it has been deleted.
func lockLiving(ctx context.Context, tx *db.Tx, roomID uuid.UUID) error {
	_, err := tx.Room.Query().Where(entroom.ID(roomID), entroom.DeleteTimeIsNil(), db.Lock).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return errGone
	}
	return err
}

// List reads a page of the rooms, after a given one, that may want a rule or
// have one, with what should be and what is. more says whether another page
// follows.
func (s *SIP) List(ctx context.Context, after uuid.UUID, size int) (rules []Rule, more bool, err error) {
	if !s.config.On {
		return nil, false, ErrOff
	}
	rooms, err := s.concerned(ctx, after, size+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(rooms) > size; more {
		rooms = rooms[:size]
	}
	for _, room := range rooms {
		rules = append(rules, Rule{room.ID, s.open(room) && len(room.Edges.Participations) > 0, room.Edges.DispatchRule})
	}
	return rules, more, nil
}

// concerned reads rooms after a given one, in the order of their ids: those
// with people in them, and those that may have a rule at LiveKit.
func (s *SIP) concerned(ctx context.Context, after uuid.UUID, limit int) ([]*ent.Room, error) {
	return s.db.Room.Query().
		Where(entroom.IDGT(after), entroom.Or(
			entroom.HasParticipationsWith(func(q *sql.Selector) { db.Present(q) }),
			entroom.HasDispatchRuleWith(dispatchrule.StatusNEQ(dispatchrule.StatusAbsent)))).
		Order(entroom.ByID()).Limit(limit).WithDispatchRule().
		WithParticipations(func(q *ent.ParticipationQuery) { q.Where(db.Present) }).All(ctx)
}
