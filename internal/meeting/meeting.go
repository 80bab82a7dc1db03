// Package meeting keeps the account of who met where and when. It merges what
// providers tell by rules that do not care about order or repetition.
package meeting

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Meetings is the noun.
type Meetings struct {
	clock     clockwork.Clock
	providers video.Providers
	jobs      *job.Queue
}

// New makes the noun and takes over its jobs.
func New(clock clockwork.Clock, providers video.Providers, jobs *job.Queue) *Meetings {
	m := &Meetings{clock, providers, jobs}
	job.Handle(jobs, m.end)
	return m
}

// Apply merges an event of one of our rooms, which the caller has locked, into
// the meeting and the participation that it is about.
func (m *Meetings) Apply(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if e.Room.SID == "" || e.Egress != nil {
		return nil
	}
	of, err := m.mergeMeeting(ctx, tx, room, e)
	if err != nil {
		return err
	}
	if e.Participant != nil && e.Participant.SID != "" {
		if err := m.mergeParticipation(ctx, tx, of, e); err != nil {
			return err
		}
	}
	if e.Kind == video.RoomFinished && of.end != nil {
		return closeAll(ctx, tx, of.id, *of.end)
	}
	return nil
}

// mergeMeeting merges an event into its meeting and gives the meeting's span.
func (m *Meetings) mergeMeeting(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) (met, error) {
	of := entmeeting.And(entmeeting.ProviderEQ(entmeeting.Provider(e.Provider)), entmeeting.ProviderSid(e.Room.SID))
	row, err := tx.Meeting.Query().Where(of, db.Lock).Only(ctx)
	if ent.IsNotFound(err) {
		is := met{uuid.Must(uuid.NewV7()), room.ID, mergeMeeting(span{}, e)}
		isNew, insertErr := m.insertMeeting(ctx, tx, is, e)
		if isNew || insertErr != nil {
			return is, insertErr
		}
		row, err = tx.Meeting.Query().Where(of, db.Lock).Only(ctx)
	}
	if err != nil {
		return met{}, err
	}
	was := spanOf(row.StartTime, row.EndTime, (*rank)(row.EndRank))
	is := met{row.ID, row.RoomID, mergeMeeting(was, e)}
	if is.equal(was) {
		return is, nil
	}
	return is, tx.Meeting.Update().Where(entmeeting.ID(is.id)).SetNillableStartTime(is.start).SetNillableEndTime(is.end).
		SetNillableEndRank((*entmeeting.EndRank)(is.rank)).Exec(ctx)
}

// met is a meeting that an event was merged into.
type met struct {
	id, roomID uuid.UUID
	span
}

// insertMeeting makes a meeting at its first sight, as merged.
func (m *Meetings) insertMeeting(ctx context.Context, tx *db.Tx, is met, e video.Event) (bool, error) {
	return tx.InsertNew(ctx, entmeeting.Table, map[string]any{
		entmeeting.FieldID: is.id, entmeeting.FieldRoomID: is.roomID,
		entmeeting.FieldProvider: e.Provider, entmeeting.FieldProviderSid: e.Room.SID,
		entmeeting.FieldStartTime: is.start, entmeeting.FieldEndTime: is.end, entmeeting.FieldEndRank: is.rank,
		entmeeting.FieldCreateTime: m.now(),
	})
}

func (m *Meetings) mergeParticipation(ctx context.Context, tx *db.Tx, of met, e video.Event) error {
	which := participation.And(participation.ProviderEQ(participation.Provider(e.Provider)), participation.ProviderSid(e.Participant.SID))
	row, err := tx.Participation.Query().Where(which, db.Lock).Only(ctx)
	if ent.IsNotFound(err) {
		isNew, insertErr := m.insertParticipation(ctx, tx, of, mergeParticipation(facts{}, e).closedBy(of.span), e)
		if isNew || insertErr != nil {
			return insertErr
		}
		row, err = tx.Participation.Query().Where(which, db.Lock).Only(ctx)
	}
	if err != nil {
		return err
	}
	was := factsOf(row)
	is := mergeParticipation(was, e).closedBy(of.span)
	if is.equal(was) {
		return nil
	}
	return save(ctx, tx, row.ID, is)
}

// insertParticipation makes a participation at its first sight, as merged.
func (m *Meetings) insertParticipation(ctx context.Context, tx *db.Tx, of met, is facts, e video.Event) (bool, error) {
	row := map[string]any{
		participation.FieldID: uuid.Must(uuid.NewV7()), participation.FieldMeetingID: of.id, participation.FieldRoomID: of.roomID,
		participation.FieldProvider: e.Provider, participation.FieldProviderSid: e.Participant.SID,
		participation.FieldIdentity: is.identity, participation.FieldDisplayName: is.displayName,
		participation.FieldJoinTime: is.start, participation.FieldLeaveTime: is.end, participation.FieldLeaveRank: is.rank,
		participation.FieldLeaveReason: is.leaveReason, participation.FieldPhoneNumber: is.phoneNumber,
		participation.FieldPassID: is.passID, participation.FieldKind: nil, participation.FieldCreateTime: m.now(),
	}
	if is.kind != video.Unknown {
		row[participation.FieldKind] = is.kind
	}
	return tx.InsertNew(ctx, participation.Table, row)
}

func factsOf(p *ent.Participation) facts {
	f := facts{
		span:     spanOf(p.JoinTime, p.LeaveTime, (*rank)(p.LeaveRank)),
		identity: p.Identity, displayName: p.DisplayName, leaveReason: p.LeaveReason,
		phoneNumber: p.PhoneNumber, passID: p.PassID,
	}
	if p.Kind != nil {
		f.kind = video.PersonKind(*p.Kind)
	}
	return f
}

func save(ctx context.Context, tx *db.Tx, id uuid.UUID, f facts) error {
	u := tx.Participation.Update().Where(participation.ID(id)).
		SetNillableJoinTime(f.start).SetNillableLeaveTime(f.end).SetNillableLeaveRank((*participation.LeaveRank)(f.rank)).
		SetIdentity(f.identity).SetDisplayName(f.displayName).SetLeaveReason(f.leaveReason).
		SetPhoneNumber(f.phoneNumber).SetPassID(f.passID)
	if f.kind != video.Unknown {
		u.SetKind(participation.Kind(f.kind))
	}
	return u.Exec(ctx)
}

// closeAll ends the participations of a meeting that is over. Nobody stated
// when they left, so the meeting's end is an estimate, and a statement that
// comes later overrules it.
func closeAll(ctx context.Context, tx *db.Tx, meetingID uuid.UUID, end time.Time) error {
	return tx.Participation.Update().
		Where(participation.MeetingID(meetingID), participation.Or(
			participation.LeaveTimeIsNil(), participation.LeaveRankEQ(participation.LeaveRankEstimated))).
		SetLeaveTime(end).SetLeaveRank(participation.LeaveRankEstimated).Exec(ctx)
}

func (m *Meetings) now() time.Time { return m.clock.Now().UTC().Truncate(time.Microsecond) }
