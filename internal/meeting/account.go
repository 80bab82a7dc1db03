package meeting

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// account is the part of all meetings that some events are about: read at
// once, merged in memory, written at once. Its rows need no lock of their own,
// since who writes them holds their room's.
type account struct {
	meetings       map[key]*meeting
	participations map[key]*connection
}

// key is what the provider calls a meeting, or a connection to one.
type key struct {
	provider video.Name
	sid      string
}

// meeting is one as it was and as it is after the events.
type meeting struct {
	id, roomID uuid.UUID
	was, is    span
	isNew      bool
}

// ended is when a meeting is over, as far as is known.
func (s span) ended() *time.Time {
	end, _ := s.over(nil)
	return end
}

// connection is a participation as it was and as it is after the events.
type connection struct {
	id      uuid.UUID
	of      *meeting
	was, is facts
	isNew   bool
}

// concerned are the keys that an event is about; without a SID it is about none.
func concerned(e video.Event) (of, who key) {
	if e.Room.SID == "" || e.Egress != nil {
		return key{}, key{}
	}
	of = key{e.Provider, e.Room.SID}
	if e.Participant != nil && e.Participant.SID != "" {
		who = key{e.Provider, e.Participant.SID}
	}
	return of, who
}

// open reads what there is already of what events are about.
func open(ctx context.Context, tx *db.Tx, events []video.Event) (*account, error) {
	a := &account{map[key]*meeting{}, map[key]*connection{}}
	meetings, connections := map[key]bool{}, map[key]bool{}
	for _, e := range events {
		of, who := concerned(e)
		if of.sid != "" {
			meetings[of] = true
		}
		if who.sid != "" {
			connections[who] = true
		}
	}
	err := a.readMeetings(ctx, tx, meetings)
	if err == nil {
		err = a.readConnections(ctx, tx, connections)
	}
	return a, err
}

// sids are those of keys. To look for them alone may find more than was asked
// for, which does no harm.
func sids(keys map[key]bool) (out []string) {
	for k := range keys {
		out = append(out, k.sid)
	}
	return db.Padded(out)
}

func (a *account) readMeetings(ctx context.Context, tx *db.Tx, keys map[key]bool) error {
	if len(keys) == 0 {
		return nil
	}
	rows, err := tx.Meeting.Query().Where(entmeeting.ProviderSidIn(sids(keys)...)).All(ctx)
	for _, row := range rows {
		s := spanOf(row.StartTime, row.EndTime, (*rank)(row.EndRank), row.MissedTime, row.SeenTime)
		a.meetings[key{video.Name(row.Provider), row.ProviderSid}] = &meeting{id: row.ID, roomID: row.RoomID, was: s, is: s}
	}
	return err
}

// readConnections leaves out who was seen in another meeting than those read.
func (a *account) readConnections(ctx context.Context, tx *db.Tx, keys map[key]bool) error {
	if len(keys) == 0 || len(a.meetings) == 0 {
		return nil
	}
	rows, err := tx.Participation.Query().Where(participation.ProviderSidIn(sids(keys)...)).All(ctx)
	of := map[uuid.UUID]*meeting{}
	for _, m := range a.meetings {
		of[m.id] = m
	}
	for _, row := range rows {
		f := factsOf(row)
		a.participations[key{video.Name(row.Provider), row.ProviderSid}] = &connection{id: row.ID, of: of[row.MeetingID], was: f, is: f}
	}
	return err
}

// merge changes what an event of a room is about.
func (a *account) merge(room *ent.Room, e video.Event) {
	of, who := concerned(e)
	if of.sid == "" {
		return
	}
	m := a.meetings[of]
	if m == nil {
		m = &meeting{id: uuid.Must(uuid.NewV7()), roomID: room.ID, isNew: true}
		a.meetings[of] = m
	}
	if m.roomID != room.ID {
		return // no provider gives a SID twice
	}
	m.is = mergeMeeting(m.is, e)
	if who.sid == "" {
		return
	}
	c := a.participations[who]
	if c == nil {
		c = &connection{id: uuid.Must(uuid.NewV7()), of: m, isNew: true}
		a.participations[who] = c
	}
	if c.of == m {
		c.is = mergeParticipation(c.is, e)
	}
}

// readOthers reads the people of whom nobody stated when they left, of those
// meetings whose end has changed: theirs follows from it.
func (a *account) readOthers(ctx context.Context, tx *db.Tx) error {
	of := map[uuid.UUID]*meeting{}
	for _, m := range a.meetings {
		if !m.isNew && !sameTime(m.was.ended(), m.is.ended()) {
			of[m.id] = m
		}
	}
	if len(of) == 0 {
		return nil
	}
	rows, err := tx.Participation.Query().Where(participation.MeetingIDIn(db.Padded(slices.Collect(maps.Keys(of)))...),
		participation.Or(participation.LeaveRankIsNil(), participation.LeaveRankEQ(participation.LeaveRankEstimated))).All(ctx)
	for _, row := range rows {
		k := key{video.Name(row.Provider), row.ProviderSid}
		if a.participations[k] == nil {
			f := factsOf(row)
			a.participations[k] = &connection{id: row.ID, of: of[row.MeetingID], was: f, is: f}
		}
	}
	return err
}

// changed is whether a connection's row is to be written.
func (c *connection) changed() bool {
	if c.of == nil {
		return false
	}
	was, _ := c.was.over(c.of.was.ended())
	is, _ := c.is.over(c.of.is.ended())
	return c.isNew || !c.is.equal(c.was) || !sameTime(was, is)
}

// save writes what is new or has changed.
func (a *account) save(ctx context.Context, tx *db.Tx, now time.Time) error {
	if err := a.readOthers(ctx, tx); err != nil {
		return err
	}
	var meetings, connections [][]any
	for k, m := range a.meetings {
		if m.isNew || !m.is.equal(m.was) {
			meetings = append(meetings, m.row(k, now))
		}
	}
	for k, c := range a.participations {
		if c.changed() {
			connections = append(connections, c.row(k, now))
		}
	}
	if _, err := tx.InsertRows(ctx, meetingRows, meetings); err != nil {
		return err
	}
	_, err := tx.InsertRows(ctx, participationRows, connections)
	return err
}

var meetingRows = db.Rows{
	Table: entmeeting.Table,
	Columns: []string{
		entmeeting.FieldID, entmeeting.FieldRoomID, entmeeting.FieldProvider, entmeeting.FieldProviderSid,
		entmeeting.FieldStartTime, entmeeting.FieldEndTime, entmeeting.FieldEndRank,
		entmeeting.FieldMissedTime, entmeeting.FieldSeenTime, entmeeting.FieldCreateTime,
	},
	Conflict: `(provider, provider_sid) DO UPDATE SET start_time = excluded.start_time, end_time = excluded.end_time,
		end_rank = excluded.end_rank, missed_time = excluded.missed_time, seen_time = excluded.seen_time`,
}

func (m *meeting) row(k key, now time.Time) []any {
	e := m.entity(k)
	return []any{
		e.ID, e.RoomID, e.Provider, e.ProviderSid, e.StartTime, e.EndTime, e.EndRank, e.MissedTime, e.SeenTime, now,
	}
}

func (m *meeting) entity(k key) *ent.Meeting {
	end, known := m.is.over(nil)
	return &ent.Meeting{
		ID: m.id, RoomID: m.roomID, Provider: entmeeting.Provider(k.provider), ProviderSid: k.sid,
		StartTime: m.is.start, EndTime: end, EndRank: (*entmeeting.EndRank)(known),
		MissedTime: m.is.missed, SeenTime: m.is.seen,
	}
}

var participationRows = db.Rows{
	Table: participation.Table,
	Columns: []string{
		participation.FieldID, participation.FieldMeetingID, participation.FieldRoomID,
		participation.FieldProvider, participation.FieldProviderSid, participation.FieldCreateTime,
		participation.FieldIdentity, participation.FieldDisplayName, participation.FieldKind,
		participation.FieldJoinTime, participation.FieldLeaveTime, participation.FieldLeaveRank,
		participation.FieldMissedTime, participation.FieldSeenTime,
		participation.FieldLeaveReason, participation.FieldPhoneNumber, participation.FieldPassID,
	},
	Conflict: `(provider, provider_sid) DO UPDATE SET identity = excluded.identity, display_name = excluded.display_name,
		kind = excluded.kind, join_time = excluded.join_time, leave_time = excluded.leave_time, leave_rank = excluded.leave_rank,
		missed_time = excluded.missed_time, seen_time = excluded.seen_time,
		leave_reason = excluded.leave_reason, phone_number = excluded.phone_number, pass_id = excluded.pass_id`,
}

func (c *connection) row(k key, now time.Time) []any {
	e := c.entity(k)
	return []any{
		e.ID, e.MeetingID, e.RoomID, e.Provider, e.ProviderSid, now, e.Identity, e.DisplayName, e.Kind,
		e.JoinTime, e.LeaveTime, e.LeaveRank, e.MissedTime, e.SeenTime, e.LeaveReason, e.PhoneNumber, e.PassID,
	}
}

func (c *connection) entity(k key) *ent.Participation {
	end, known := c.is.over(c.of.is.ended())
	p := &ent.Participation{
		ID: c.id, MeetingID: c.of.id, RoomID: c.of.roomID, Provider: participation.Provider(k.provider), ProviderSid: k.sid,
		Identity: c.is.identity, DisplayName: c.is.displayName,
		JoinTime: c.is.start, LeaveTime: end, LeaveRank: (*participation.LeaveRank)(known),
		MissedTime: c.is.missed, SeenTime: c.is.seen,
		LeaveReason: c.is.leaveReason, PhoneNumber: c.is.phoneNumber, PassID: c.is.passID,
	}
	if c.is.kind != video.Unknown {
		p.Kind = ptr(participation.Kind(c.is.kind))
	}
	return p
}

// spanOf is what a row says; an estimated end follows from the rest.
func spanOf(start, end *time.Time, known *rank, missed, seen *time.Time) span {
	if known == nil || *known == estimated {
		end = nil
	}
	return span{start, end, missed, seen}
}

func factsOf(p *ent.Participation) facts {
	f := facts{
		span:     spanOf(p.JoinTime, p.LeaveTime, (*rank)(p.LeaveRank), p.MissedTime, p.SeenTime),
		identity: p.Identity, displayName: p.DisplayName, leaveReason: p.LeaveReason,
		phoneNumber: p.PhoneNumber, passID: p.PassID,
	}
	if p.Kind != nil {
		f.kind = video.PersonKind(*p.Kind)
	}
	return f
}
