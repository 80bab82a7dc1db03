package meeting

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrNotFound says that there is no such meeting for the caller.
	ErrNotFound = fault.New(fault.NotFound, "meeting_not_found", "there is no such meeting")
	// ErrRoomNotFound says that there never was such a room.
	ErrRoomNotFound = fault.New(fault.NotFound, "room_not_found", "there is no such room")
)

// History is what is told of meetings, and what browsers add to it.
type History struct {
	db     *db.DB
	clock  clockwork.Clock
	ticket Ticket
}

// Ticket finds the identity of the guest who holds a pass's ticket, and the room
// that it is for. It fails when the ticket is not valid.
type Ticket func(ticket string) (identity string, room uuid.UUID, err error)

// NewHistory makes it.
func NewHistory(d *db.DB, clock clockwork.Clock, ticket Ticket) *History {
	return &History{d, clock, ticket}
}

// Meeting is a meeting as one caller sees it. Its room is loaded.
type Meeting struct {
	*ent.Meeting
	Tally
	asker asker
}

// may says whether the caller may do this in the meeting's room.
func (m *Meeting) may(action access.Action) bool { return m.asker.may(m.Edges.Room, action) }

// Filter says which meetings to list; what is zero does not restrict.
type Filter struct {
	Room     string // id or slug
	User     string // id, or Self
	From, To *time.Time
}

// Self is the caller in a Filter.
const Self = "self"

// Get reads a meeting as the caller may see it.
func (h *History) Get(ctx context.Context, id uuid.UUID) (*Meeting, error) {
	a := h.asker(ctx)
	found, err := a.meetings(h.db.Client).Where(entmeeting.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	m := &Meeting{Meeting: found, asker: a}
	return m, h.count(ctx, m)
}

// List reads a page of the meetings that the caller may see after a given one,
// newest first. more says whether another page follows.
func (h *History) List(ctx context.Context, f Filter, after uuid.UUID, size int) (page []*Meeting, more bool, err error) {
	a := h.asker(ctx)
	q := a.meetings(h.db.Client).Order(entmeeting.ByID(sql.OrderDesc())).Limit(size + 1)
	if f.Room != "" {
		rm, err := a.room(ctx, h.db.Client, f.Room)
		if err != nil {
			return nil, false, err
		}
		q.Where(entmeeting.RoomID(rm.ID))
	}
	if f.User != "" {
		q.Where(attendedBy(a.named(f.User)))
	}
	if after != uuid.Nil {
		q.Where(entmeeting.IDLT(after))
	}
	found, err := q.Where(within(f.From, f.To)...).All(ctx)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > size; more {
		found = found[:size]
	}
	for _, m := range found {
		page = append(page, &Meeting{Meeting: m, asker: a})
	}
	return page, more, h.count(ctx, page...)
}

// asker is who asks and when.
type asker struct {
	auth.Principal
	now time.Time
}

func (h *History) asker(ctx context.Context) asker { return asker{auth.From(ctx), h.now()} }

func (h *History) now() time.Time { return h.clock.Now().UTC().Truncate(time.Microsecond) }

// accessible are the accesses that the asker has.
func (a asker) accessible() predicate.Access { return db.Accessible(a.UserID, a.Email, a.now) }

// meetings are those that the asker may see, with their rooms and the asker's
// own accesses on them.
func (a asker) meetings(c *ent.Client) *ent.MeetingQuery {
	q := c.Meeting.Query().WithRoom(a.withAccesses)
	if a.Operator {
		return q
	}
	return q.Where(entmeeting.Or(
		entmeeting.HasRoomWith(entroom.HasAccessesWith(a.accessible())), attendedBy(a.identity())))
}

func (a asker) withAccesses(q *ent.RoomQuery) {
	q.WithAccesses(func(q *ent.AccessQuery) { q.Where(a.accessible()) })
}

// room finds a room with the asker's accesses on it: by its id, though it may be
// deleted, or by its slug.
func (a asker) room(ctx context.Context, c *ent.Client, ref string) (*ent.Room, error) {
	q := c.Room.Query()
	a.withAccesses(q)
	if id, err := uuid.Parse(ref); err == nil {
		q.Where(entroom.ID(id))
	} else {
		q.Where(entroom.Slug(ref), entroom.DeleteTimeIsNil())
	}
	rm, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrRoomNotFound
	}
	return rm, err
}

// may says whether the asker may do this in a room whose accesses are the
// asker's own.
func (a asker) may(rm *ent.Room, action access.Action) bool {
	role := access.None
	accesses, _ := rm.Edges.AccessesOrErr() // not loaded is none
	for _, held := range accesses {
		role = max(role, access.ByName(held.Role.String()))
	}
	return access.May(role, a.Operator, action)
}

// identity is who the asker is at the provider.
func (a asker) identity() string { return a.UserID.String() }

// named is the identity of a user of a Filter.
func (a asker) named(user string) string {
	if id, err := uuid.Parse(user); err == nil {
		return id.String()
	}
	return a.identity()
}

// attendedBy are the meetings that somebody was connected to.
func attendedBy(identity string) predicate.Meeting {
	return entmeeting.HasParticipationsWith(participation.Identity(identity))
}

// within are the meetings that share a moment with a period.
func within(from, to *time.Time) (in []predicate.Meeting) {
	if from != nil {
		in = append(in, entmeeting.Or(entmeeting.EndTimeIsNil(), entmeeting.EndTimeGT(*from)))
	}
	if to != nil {
		in = append(in, entmeeting.Or(entmeeting.StartTimeIsNil(), entmeeting.StartTimeLT(*to)))
	}
	return in
}
