package room

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// Room is a room as one caller sees it.
type Room struct {
	*ent.Room
	Role     access.Role // as what the caller may enter
	Operator bool        // whether the caller is one
	People   int         // who is in, without the caller
	Live     *Live       // nil while nobody is in; not read at the door
	Accesses []*ent.Access
}

// Live is a running meeting.
type Live struct {
	MeetingID uuid.UUID
	People    int
	StartTime *time.Time
	Recording *ent.Recording // nil while nothing is recorded
}

// May says whether the caller may do this here.
func (r *Room) May(a access.Action) bool { return access.May(r.Role, r.Operator, a) }

// as is the same caller's view of the room after a change.
func (r *Room) as(after *ent.Room) *Room {
	return &Room{Room: after, Role: r.Role, Operator: r.Operator}
}

// asker is who asks and when.
type asker struct {
	auth.Principal
	now time.Time
}

// accessible are the accesses that an asker has, by user or by e-mail address,
// and that have not expired.
func (a asker) accessible() predicate.Access {
	return db.Accessible(a.UserID, a.Email, a.now)
}

// holds says whether an access is the asker's own.
func (a asker) holds(x *ent.Access) bool {
	if x.UserID != nil {
		return *x.UserID == a.UserID
	}
	return x.Email != nil && a.Email != "" && *x.Email == a.Email
}

// named are the living rooms of an id or a slug: one at most.
func named(ref string) predicate.Room {
	if id, err := uuid.Parse(ref); err == nil {
		return entroom.And(entroom.ID(id), entroom.DeleteTimeIsNil())
	}
	return entroom.And(entroom.Slug(ref), entroom.DeleteTimeIsNil())
}

// Names of the columns that a view adds to a room's own.
const (
	columnRole   = "asker_role"
	columnPeople = "people"
)

// view lets a query of rooms also say which access the asker has and how many
// other people are in.
func (a asker) view(s *sql.Selector) {
	a.viewRole(s)
	s.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
		t := sql.Table(participation.Table)
		q := sql.Dialect(s.Dialect()).Select(sql.Count("*")).From(t).Where(sql.ColumnsEQ(t.C(participation.FieldRoomID), s.C(entroom.FieldID)))
		db.Present(q)
		participation.IdentityNEQ(a.UserID.String())(q)
		b.Wrap(func(b *sql.Builder) { b.Join(q) })
	}), columnPeople)
}

// viewRole is view without the people.
func (a asker) viewRole(s *sql.Selector) {
	s.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
		t := sql.Table(entaccess.Table)
		q := sql.Dialect(s.Dialect()).Select().From(t).Where(sql.ColumnsEQ(t.C(entaccess.FieldRoomID), s.C(entroom.FieldID)))
		q.AppendSelectExpr(sql.Expr("COALESCE(MAX(CASE role WHEN 'owner' THEN 5 WHEN 'admin' THEN 4 ELSE 3 END), 0)"))
		a.accessible()(q)
		b.Wrap(func(b *sql.Builder) { b.Join(q) })
	}), columnRole)
}

// find reads one room as the asker sees it, or says ErrNotFound.
func find(ctx context.Context, c *ent.Client, ref string, a asker, more ...predicate.Room) (*Room, error) {
	q := c.Room.Query().Where(named(ref)).Where(more...)
	q.Modify(a.view)
	rm, err := q.Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return a.seen(rm), nil
}

// allowed is find for those who may do something there.
func allowed(ctx context.Context, c *ent.Client, ref string, a asker, action access.Action, more ...predicate.Room) (*Room, error) {
	rm, err := find(ctx, c, ref, a, more...)
	switch {
	case err != nil:
		return nil, err
	case rm.May(action):
		return rm, nil
	case action == access.EnterRoom:
		return nil, ErrEntryDenied
	}
	return nil, ErrDenied
}

// seen reads the columns that view added.
func (a asker) seen(rm *ent.Room) *Room {
	role := roleAt(doorFacts{
		level: rm.AccessLevel, access: access.Role(column(rm, columnRole)),
		signedIn: a.SignedIn(), viewersOnlyListen: rm.Settings.ViewersOnlyListen,
	})
	return &Room{Room: rm, Role: role, Operator: a.Operator, People: int(column(rm, columnPeople))}
}

func column(rm *ent.Room, name string) int64 {
	v, err := rm.Value(name)
	if err != nil {
		return 0
	}
	n, _ := v.(int64)
	return n
}

// page reads rooms after a given one, newest first.
func page(ctx context.Context, c *ent.Client, a asker, all bool, after uuid.UUID, limit int) ([]*Room, error) {
	q := c.Room.Query().Where(entroom.DeleteTimeIsNil()).Order(entroom.ByID(sql.OrderDesc())).Limit(limit)
	if !all {
		q.Where(entroom.HasAccessesWith(a.accessible()))
	}
	if after != uuid.Nil {
		q.Where(entroom.IDLT(after))
	}
	q.Modify(a.view)
	found, err := q.All(ctx)
	rooms := make([]*Room, len(found))
	for i, rm := range found {
		rooms[i] = a.seen(rm)
	}
	return rooms, err
}

// showLive adds the running meetings to rooms.
func showLive(ctx context.Context, c *ent.Client, rooms []*Room) error {
	ids := make([]uuid.UUID, len(rooms))
	for i, rm := range rooms {
		ids[i] = rm.ID
	}
	live, err := liveIn(ctx, c, ids...)
	for _, rm := range rooms {
		rm.Live = live[rm.ID]
	}
	return err
}

// liveIn reads the running meetings of rooms: those with people in them. Of two
// in one room, which lasts a moment at most, the newer.
func liveIn(ctx context.Context, c *ent.Client, rooms ...uuid.UUID) (map[uuid.UUID]*Live, error) {
	var counts []struct {
		MeetingID uuid.UUID `json:"meeting_id"`
		Count     int       `json:"count"`
	}
	err := c.Participation.Query().Where(participation.RoomIDIn(rooms...), db.Present).
		GroupBy(participation.FieldMeetingID).Aggregate(ent.Count()).Scan(ctx, &counts)
	if err != nil || len(counts) == 0 {
		return nil, err
	}
	people := map[uuid.UUID]int{}
	ids := make([]uuid.UUID, 0, len(counts))
	for _, n := range counts {
		people[n.MeetingID] = n.Count
		ids = append(ids, n.MeetingID)
	}
	meetings, err := c.Meeting.Query().Where(meeting.IDIn(ids...)).Order(meeting.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	recorded, err := recordedIn(ctx, c, rooms...)
	live := map[uuid.UUID]*Live{}
	for _, m := range meetings {
		live[m.RoomID] = &Live{MeetingID: m.ID, People: people[m.ID], StartTime: m.StartTime, Recording: recorded[m.RoomID]}
	}
	return live, err
}

// watched reads those of the named living rooms that there are.
func watched(ctx context.Context, c *ent.Client, a asker, refs []string) ([]*Room, error) {
	var ids []uuid.UUID
	var slugs []string
	for _, ref := range refs {
		if id, err := uuid.Parse(ref); err == nil {
			ids = append(ids, id)
		} else {
			slugs = append(slugs, ref)
		}
	}
	q := c.Room.Query().Where(entroom.Or(entroom.IDIn(ids...), entroom.SlugIn(slugs...)), entroom.DeleteTimeIsNil()).Order(entroom.ByID())
	q.Modify(a.viewRole)
	found, err := q.All(ctx)
	rooms := make([]*Room, len(found))
	for i, rm := range found {
		rooms[i] = a.seen(rm)
	}
	return rooms, err
}

// peopleIn reads who is in rooms, in the order in which they came.
func peopleIn(ctx context.Context, c *ent.Client, rooms ...uuid.UUID) (map[uuid.UUID][]*ent.Participation, error) {
	found, err := c.Participation.Query().Where(participation.RoomIDIn(rooms...), db.Present).
		Order(participation.ByJoinTime(), participation.ByID()).All(ctx)
	people := map[uuid.UUID][]*ent.Participation{}
	for _, p := range found {
		people[p.RoomID] = append(people[p.RoomID], p)
	}
	return people, err
}

// ownersWhoCanAct are a room's owners who have signed in.
func ownersWhoCanAct(roomID uuid.UUID) []predicate.Access {
	return []predicate.Access{entaccess.RoomID(roomID), entaccess.RoleEQ(entaccess.RoleOwner), entaccess.UserIDNotNil()}
}
