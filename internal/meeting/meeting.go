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
	met, err := m.mergeMeeting(ctx, tx, room, e)
	if err != nil {
		return err
	}
	if e.Participant != nil && e.Participant.SID != "" {
		if err := m.mergeParticipation(ctx, tx, met, e); err != nil {
			return err
		}
	}
	if e.Kind == video.RoomFinished && met.EndTime != nil {
		return closeAll(ctx, tx, met)
	}
	return nil
}

func (m *Meetings) mergeMeeting(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) (*ent.Meeting, error) {
	met, err := m.meetingOf(ctx, tx, room, e)
	if err != nil {
		return nil, err
	}
	was := spanOf(met.StartTime, met.EndTime, (*rank)(met.EndRank))
	is := mergeMeeting(was, e)
	if is.equal(was) {
		return met, nil
	}
	return tx.Meeting.UpdateOne(met).SetNillableStartTime(is.start).SetNillableEndTime(is.end).
		SetNillableEndRank((*entmeeting.EndRank)(is.rank)).Save(ctx)
}

// meetingOf reads the event's meeting under a lock, after making it at its
// first sight.
func (m *Meetings) meetingOf(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) (*ent.Meeting, error) {
	of := entmeeting.And(entmeeting.ProviderEQ(entmeeting.Provider(e.Provider)), entmeeting.ProviderSid(e.Room.SID))
	met, err := tx.Meeting.Query().Where(of, db.Lock).Only(ctx)
	if !ent.IsNotFound(err) {
		return met, err
	}
	_, err = tx.InsertNew(ctx, entmeeting.Table, map[string]any{
		entmeeting.FieldID: uuid.Must(uuid.NewV7()), entmeeting.FieldRoomID: room.ID,
		entmeeting.FieldProvider: e.Provider, entmeeting.FieldProviderSid: e.Room.SID,
		entmeeting.FieldCreateTime: m.now(),
	})
	if err != nil {
		return nil, err
	}
	return tx.Meeting.Query().Where(of, db.Lock).Only(ctx)
}

func (m *Meetings) mergeParticipation(ctx context.Context, tx *db.Tx, met *ent.Meeting, e video.Event) error {
	p, err := m.participationOf(ctx, tx, met, e)
	if err != nil {
		return err
	}
	was := factsOf(p)
	is := mergeParticipation(was, e)
	is.span = is.within(spanOf(met.StartTime, met.EndTime, (*rank)(met.EndRank)))
	if is.equal(was) {
		return nil
	}
	return save(ctx, tx, p, is)
}

// participationOf reads the event's participation under a lock, after making it
// at its first sight.
func (m *Meetings) participationOf(ctx context.Context, tx *db.Tx, met *ent.Meeting, e video.Event) (*ent.Participation, error) {
	of := participation.And(participation.ProviderEQ(participation.Provider(e.Provider)), participation.ProviderSid(e.Participant.SID))
	p, err := tx.Participation.Query().Where(of, db.Lock).Only(ctx)
	if !ent.IsNotFound(err) {
		return p, err
	}
	_, err = tx.InsertNew(ctx, participation.Table, map[string]any{
		participation.FieldID: uuid.Must(uuid.NewV7()), participation.FieldMeetingID: met.ID, participation.FieldRoomID: met.RoomID,
		participation.FieldProvider: e.Provider, participation.FieldProviderSid: e.Participant.SID,
		participation.FieldIdentity: e.Participant.Identity, participation.FieldCreateTime: m.now(),
	})
	if err != nil {
		return nil, err
	}
	return tx.Participation.Query().Where(of, db.Lock).Only(ctx)
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

func save(ctx context.Context, tx *db.Tx, p *ent.Participation, f facts) error {
	u := tx.Participation.UpdateOne(p).
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
func closeAll(ctx context.Context, tx *db.Tx, met *ent.Meeting) error {
	return tx.Participation.Update().
		Where(participation.MeetingID(met.ID), participation.Or(
			participation.LeaveTimeIsNil(), participation.LeaveRankEQ(participation.LeaveRankEstimated))).
		SetLeaveTime(*met.EndTime).SetLeaveRank(participation.LeaveRankEstimated).Exec(ctx)
}

func (m *Meetings) now() time.Time { return m.clock.Now().UTC().Truncate(time.Microsecond) }
