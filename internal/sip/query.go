package sip

import (
	"context"
	stdsql "database/sql"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/ent/participation"
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

// readWish derives what should be at LiveKit for a room: a rule with its PIN
// while somebody is in and it takes calls.
func (s *SIP) readWish(ctx context.Context, c *ent.Client, room *ent.Room) (wish, error) {
	if !s.open(room) {
		return wish{}, nil
	}
	occupied, err := c.Participation.Query().Where(participation.RoomID(room.ID), db.Present).Exist(ctx)
	if err != nil || !occupied {
		return wish{}, err
	}
	p, err := c.Pin.Query().Where(ofRoom(room.ID)).Only(ctx)
	if ent.IsNotFound(err) {
		return wish{wanted: true}, nil
	}
	return wish{true, digitsOf(p)}, err
}

// outlookQuery is readWish and ruleOf in one: it runs at every join and leave.
const outlookQuery = `SELECT p.digits, d.status, d.digits,
	EXISTS (SELECT 1 FROM participations q WHERE q.room_id = r.id AND q.leave_time IS NULL
		AND q.join_time IS NOT NULL AND q.kind IN ('web', 'phone'))
	FROM rooms r
	LEFT JOIN pins p ON p.room_id = r.id AND p.pin_space = ?2
	LEFT JOIN dispatch_rules d ON d.room_id = r.id
	WHERE r.id = ?1`

var outlookQueries = map[string]string{
	dialect.SQLite: db.Text(dialect.SQLite, outlookQuery), dialect.Postgres: db.Text(dialect.Postgres, outlookQuery),
}

// outlook reads what should be at LiveKit for a room and what is known to be.
func (s *SIP) outlook(ctx context.Context, tx *db.Tx, room *ent.Room) (wish, ruleFacts, error) {
	var pinDigits, status, ruleDigits stdsql.NullString
	var occupied bool
	err := tx.SQL.QueryRowContext(ctx, outlookQueries[tx.Dialect], room.ID, DefaultSpace).Scan(&pinDigits, &status, &ruleDigits, &occupied)
	if err != nil {
		return wish{}, ruleFacts{}, fmt.Errorf("read what a room wants: %w", err)
	}
	known := ruleFacts{dispatchrule.StatusAbsent, ruleDigits.String}
	if status.Valid {
		known.status = dispatchrule.Status(status.String)
	}
	if !occupied || !s.open(room) {
		return wish{}, known, nil
	}
	return wish{true, pinDigits.String}, known, nil
}

// open says whether a room takes calls.
func (s *SIP) open(room *ent.Room) bool {
	return s.config.On && room.Settings.DialIn && room.DeleteTime == nil
}

// ruleOf reads what is known of a room's rule; nil before its first settle.
func ruleOf(ctx context.Context, c *ent.Client, roomID uuid.UUID, more ...predicate.DispatchRule) (*ent.DispatchRule, error) {
	rule, err := c.DispatchRule.Query().Where(dispatchrule.RoomID(roomID)).Where(more...).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return rule, err
}

// lockLiving locks a room that has not been deleted.
func lockLiving(ctx context.Context, tx *db.Tx, roomID uuid.UUID) (*ent.Room, error) {
	room, err := tx.Room.Query().Where(entroom.ID(roomID), entroom.DeleteTimeIsNil(), db.Lock).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, errGone
	}
	return room, err
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
