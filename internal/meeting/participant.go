package meeting

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/access"
)

// Participant is a participation as one caller sees it: telephone numbers are
// masked for those who may not read them. Its quality is loaded.
type Participant struct {
	*ent.Participation
	Duration     time.Duration // until now while it lasts
	SamePersonAs uuid.UUID     // the first of the same identity in the meeting; zero on that one
}

// Participants reads a page of the connections to a meeting after a given one,
// in the order in which they were first heard of. Who was only in the meeting
// sees their own. more says whether another page follows.
func (h *History) Participants(ctx context.Context, meeting, after uuid.UUID, size int) (page []*Participant, more bool, err error) {
	m, err := h.Get(ctx, meeting)
	if err != nil {
		return nil, false, err
	}
	q := h.db.Participation.Query().Where(participation.MeetingID(meeting), participation.IDGT(after)).
		Order(participation.ByID()).Limit(size + 1).WithQuality()
	if !m.may(access.ReadMeetings) {
		q.Where(participation.Identity(m.asker.identity()))
	}
	q.Modify(firstOfIdentity)
	found, err := q.All(ctx)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > size; more {
		found = found[:size]
	}
	for _, p := range found {
		page = append(page, m.shows(p))
	}
	return page, more, nil
}

// shows is a connection as the meeting's reader may see it.
func (m *Meeting) shows(p *ent.Participation) *Participant {
	shown := &Participant{Participation: p, Duration: stay(p.JoinTime, p.LeaveTime, m.EndTime, m.asker.now)}
	if first, err := p.Value(columnFirst); err == nil {
		_ = shown.SamePersonAs.Scan(first) // always an id
	}
	if shown.SamePersonAs == p.ID {
		shown.SamePersonAs = uuid.Nil
	}
	if !m.may(access.ReadNumbers) {
		mask(p)
	}
	return shown
}

// stay is how long somebody was in who joined and left then, in a meeting that
// ended then.
func stay(join, leave, end *time.Time, now time.Time) time.Duration {
	if join == nil {
		return 0
	}
	until := now
	switch {
	case leave != nil:
		until = *leave
	case end != nil:
		until = *end
	}
	return max(0, until.Sub(*join))
}

const columnFirst = "first_of_identity"

// firstOfIdentity lets a query of participations also say which connection was
// the first of the same identity in the meeting.
func firstOfIdentity(s *sql.Selector) {
	s.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
		first := sql.Table(participation.Table).As("f")
		q := sql.Dialect(s.Dialect()).Select(first.C(participation.FieldID)).From(first).Where(sql.And(
			sql.ColumnsEQ(first.C(participation.FieldMeetingID), s.C(participation.FieldMeetingID)),
			sql.ColumnsEQ(first.C(participation.FieldIdentity), s.C(participation.FieldIdentity)),
		)).OrderExpr(sql.ExprFunc(func(b *sql.Builder) {
			b.Ident(first.C(participation.FieldJoinTime)).WriteString(" IS NULL")
		})).OrderBy(first.C(participation.FieldJoinTime), first.C(participation.FieldID)).Limit(1)
		b.Wrap(func(b *sql.Builder) { b.Join(q) })
	}), columnFirst)
}
