package notice

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entnotice "github.com/anteroom-dev/anteroom/ent/notice"
	"github.com/anteroom-dev/anteroom/ent/predicate"
)

// ofRoom are a room's notices after one.
func ofRoom(room uuid.UUID, id int64) []predicate.Notice {
	return []predicate.Notice{entnotice.RoomID(room), entnotice.IDGT(id)}
}

// after reads a room's notices after one. last is the newest that was looked at,
// more whether others follow.
func (t *Tail) after(ctx context.Context, room uuid.UUID, id int64) (notices []Notice, last int64, more bool, err error) {
	reads.Inc()
	rows, err := t.db.Notice.Query().Where(ofRoom(room, id)...).
		Order(entnotice.ByID()).Limit(readAtOnce).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, id, false, err
	}
	return t.known(ctx, rows), rows[len(rows)-1].ID, len(rows) == readAtOnce, nil
}

// latest are the last notices of rooms, 0 where there is none.
func (t *Tail) latest(ctx context.Context, rooms []uuid.UUID) (Cursors, error) {
	c := Cursors{}
	if len(rooms) == 0 {
		return c, nil
	}
	var found []struct {
		RoomID uuid.UUID `json:"room_id"`
		Max    int64     `json:"max"`
	}
	err := t.db.Notice.Query().Where(entnotice.RoomIDIn(rooms...)).
		GroupBy(entnotice.FieldRoomID).Aggregate(ent.Max(entnotice.FieldID)).Scan(ctx, &found)
	for _, room := range rooms {
		c[room] = 0
	}
	for _, f := range found {
		c[f.RoomID] = f.Max
	}
	return c, err
}

// Since reads what happened in rooms since a revision of them. It is not ok when
// that is not known any more, or is so much that a snapshot is shorter.
func (t *Tail) Since(ctx context.Context, revision string, rooms []uuid.UUID) (from Cursors, missed []Notice, ok bool, err error) {
	from, ok = parseRevision(revision, rooms)
	if !ok {
		return nil, nil, false, nil
	}
	oldest := int64(math.MaxInt64)
	var later []predicate.Notice
	for room, id := range from {
		oldest = min(oldest, id)
		later = append(later, entnotice.And(ofRoom(room, id)...))
	}
	rows, err := t.db.Notice.Query().Where(entnotice.Or(later...)).Order(entnotice.ByID()).Limit(readAtOnce).All(ctx)
	if err != nil || len(rows) == readAtOnce {
		return nil, nil, false, err
	}
	// After the others were read: of those, none may have been removed before.
	kept, err := t.db.Notice.Query().Where(entnotice.IDLTE(oldest)).Exist(ctx)
	if err != nil || !kept {
		return nil, nil, false, err
	}
	return from, t.known(ctx, rows), true, nil
}

// known are the rows of which this release knows the facts.
func (t *Tail) known(ctx context.Context, rows []*ent.Notice) []Notice {
	notices := make([]Notice, 0, len(rows))
	for _, row := range rows {
		fact, err := readFact(row.Type, row.Fact)
		if err != nil {
			t.log.ErrorContext(ctx, "a notice is not told", "notice", row.ID, "error", err)
		}
		if fact != nil {
			notices = append(notices, Notice{row.ID, *row.RoomID, row.CreateTime, fact})
		}
	}
	return notices
}
