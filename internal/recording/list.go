package recording

import (
	"bytes"
	"context"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrRoomNotFound says that there never was such a room.
var ErrRoomNotFound = fault.New(fault.NotFound, "room_not_found", "there is no such room")

// shownOwners is how many owners' names a recording shows.
const shownOwners = 3

// Recording is a recording as one caller sees it. Its room and its files are
// loaded.
type Recording struct {
	*ent.Recording
	Role       access.Role // the caller's; None for who sees it as an operator
	Operator   bool        // whether the caller is one
	Owners     []string    // the names of some
	OwnerCount int
	// Callers are the numbers of those on a telephone of whom there are files, by
	// participation. They are for masking.
	Callers map[uuid.UUID]string
}

// May says whether the caller may do this with it.
func (r *Recording) May(a access.Action) bool { return access.May(r.Role, r.Operator, a) }

// Saves says whether the caller may keep the files, and not only play them.
func (r *Recording) Saves() bool {
	return r.May(access.SaveRecording) || r.May(access.PlayRecording) && !r.Edges.Room.Settings.DownloadsOff
}

// asker is who asks and when.
type asker struct {
	auth.Principal
	now time.Time
}

func (r *Recordings) asker(ctx context.Context) asker { return asker{auth.From(ctx), r.now()} }

// Get reads a recording as the caller may see it.
func (r *Recordings) Get(ctx context.Context, id uuid.UUID) (*Recording, error) {
	return r.find(ctx, r.db.Client, id)
}

func (r *Recordings) find(ctx context.Context, c *ent.Client, id uuid.UUID) (*Recording, error) {
	a := r.asker(ctx)
	q := c.Recording.Query().Where(entrecording.ID(id), entrecording.DeleteTimeIsNil())
	if !a.Operator {
		q.Where(a.visible())
	}
	found, err := a.with(q).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	seen, err := a.seen(ctx, c, []*ent.Recording{found})
	if err != nil {
		return nil, err
	}
	return seen[0], nil
}

// allowed is find for those who may do something with it.
func (r *Recordings) allowed(ctx context.Context, c *ent.Client, id uuid.UUID, action access.Action) (*Recording, error) {
	rec, err := r.find(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if !rec.May(action) {
		return nil, ErrDenied
	}
	return rec, nil
}

// RoomOf is the room of a recording that the caller may see.
func (r *Recordings) RoomOf(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	rec, err := r.Get(ctx, id)
	if err != nil {
		return uuid.Nil, err
	}
	return rec.RoomID, nil
}

// List reads a page of the recordings that the caller may see after a given one,
// newest first; of a room, by id or slug, unless that is "". more says whether
// another page follows.
func (r *Recordings) List(ctx context.Context, room string, all bool, after uuid.UUID, size int) (page []*Recording, more bool, err error) {
	a := r.asker(ctx)
	q := r.db.Recording.Query().Where(entrecording.DeleteTimeIsNil()).Order(entrecording.ByID(sql.OrderDesc())).Limit(size + 1)
	switch {
	case !all:
		q.Where(a.visible())
	case !a.Operator:
		return nil, false, auth.ErrOperatorRequired
	}
	if room != "" {
		id, err := roomNamed(ctx, r.db.Client, room)
		if err != nil {
			return nil, false, err
		}
		q.Where(entrecording.RoomID(id))
	}
	if after != uuid.Nil {
		q.Where(entrecording.IDLT(after))
	}
	found, err := a.with(q).All(ctx)
	if err != nil {
		return nil, false, err
	}
	if more = len(found) > size; more {
		found = found[:size]
	}
	page, err = a.seen(ctx, r.db.Client, found)
	return page, more, err
}

// all reads recordings that the caller has just changed, newest first.
func (r *Recordings) all(ctx context.Context, ids []uuid.UUID) ([]*Recording, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	a := r.asker(ctx)
	found, err := a.with(r.db.Recording.Query().Where(entrecording.IDIn(ids...))).Order(entrecording.ByID(sql.OrderDesc())).All(ctx)
	if err != nil {
		return nil, err
	}
	return a.seen(ctx, r.db.Client, found)
}

// roomNamed finds a room by its id, though it may be deleted, or by its slug.
func roomNamed(ctx context.Context, c *ent.Client, ref string) (uuid.UUID, error) {
	named := entroom.And(entroom.Slug(ref), entroom.DeleteTimeIsNil())
	if id, err := uuid.Parse(ref); err == nil {
		named = entroom.ID(id)
	}
	id, err := c.Room.Query().Where(named).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return uuid.Nil, ErrRoomNotFound
	}
	return id, err
}

// with loads what is shown of recordings, and what decides who the asker is to
// them.
func (a asker) with(q *ent.RecordingQuery) *ent.RecordingQuery {
	return q.
		WithRoom(func(q *ent.RoomQuery) {
			q.WithAccesses(func(q *ent.AccessQuery) { q.Where(a.runs()) })
		}).
		WithFiles(func(q *ent.RecordingFileQuery) { q.Order(recordingfile.ByStartTime(), recordingfile.ByID()) }).
		WithAccesses(func(q *ent.RecordingAccessQuery) { q.Where(a.valid()).Order(recordingaccess.ByID()).WithUser() })
}

// seen says what the asker is to each recording, and who owns it.
func (a asker) seen(ctx context.Context, c *ent.Client, found []*ent.Recording) ([]*Recording, error) {
	was, err := a.wasIn(ctx, c, found)
	if err != nil {
		return nil, err
	}
	callers, err := callersOf(ctx, c, found)
	if err != nil {
		return nil, err
	}
	all := make([]*Recording, len(found))
	for n, rec := range found {
		seen := &Recording{Recording: rec, Callers: callers, Operator: a.Operator, Role: a.role(rec, rec.MeetingID != nil && was[*rec.MeetingID])}
		for _, held := range rec.Edges.Accesses {
			if held.Role != recordingaccess.RoleOwner {
				continue
			}
			if seen.OwnerCount++; seen.OwnerCount <= shownOwners {
				seen.Owners = append(seen.Owners, nameOf(held))
			}
		}
		all[n] = seen
	}
	return all, nil
}

// callersOf are the numbers of those of whom there are files, by participation.
func callersOf(ctx context.Context, c *ent.Client, found []*ent.Recording) (map[uuid.UUID]string, error) {
	var ids []uuid.UUID
	for _, rec := range found {
		for _, f := range rec.Edges.Files {
			if f.ParticipationID != nil {
				ids = append(ids, *f.ParticipationID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	people, err := c.Participation.Query().Where(participation.IDIn(db.Padded(slices.Compact(ids))...), participation.PhoneNumberNEQ("")).All(ctx)
	callers := map[uuid.UUID]string{}
	for _, who := range people {
		callers[who.ID] = who.PhoneNumber
	}
	return callers, err
}

// role is what the asker is to a recording, whose accesses are loaded.
func (a asker) role(rec *ent.Recording, attended bool) access.Role {
	role := access.None
	for _, held := range rec.Edges.Accesses {
		if a.holds(held) || held.Everyone && attended {
			role = max(role, access.ByName(held.Role.String()))
		}
	}
	if rec.AvailableTime != nil {
		return role
	}
	if rec.StarterID != nil && *rec.StarterID == a.UserID {
		return access.Owner
	}
	for _, held := range rec.Edges.Room.Edges.Accesses {
		role = max(role, access.ByName(held.Role.String()))
	}
	return role
}

// holds says whether an access is the asker's own, by who they are or by their
// e-mail address.
func (a asker) holds(held *ent.RecordingAccess) bool {
	if held.UserID != nil {
		return *held.UserID == a.UserID && a.SignedIn()
	}
	return held.Email != nil && a.Email != "" && *held.Email == a.Email
}

// wasIn says of the meetings of recordings whether the asker was in them.
func (a asker) wasIn(ctx context.Context, c *ent.Client, found []*ent.Recording) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	for _, rec := range found {
		if rec.MeetingID != nil {
			ids = append(ids, *rec.MeetingID)
		}
	}
	was := map[uuid.UUID]bool{}
	if len(ids) == 0 || !a.SignedIn() {
		return was, nil
	}
	in, err := c.Meeting.Query().Where(entmeeting.IDIn(ids...), entmeeting.HasParticipationsWith(
		participation.Identity(a.UserID.String()), participation.JoinTimeNotNil())).IDs(ctx)
	for _, id := range in {
		was[id] = true
	}
	return was, err
}

func nameOf(held *ent.RecordingAccess) string {
	if u, err := held.Edges.UserOrErr(); err == nil {
		if u.FullName != "" {
			return u.FullName
		}
		return u.Email
	}
	if held.Email != nil {
		return *held.Email
	}
	return ""
}
