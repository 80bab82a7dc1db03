package recording

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/consent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
)

var (
	// ErrMeetingNotFound says that there is no such meeting for the caller.
	ErrMeetingNotFound = fault.New(fault.NotFound, "meeting_not_found", "there is no such meeting")
	// ErrTicket says that a ticket is of another room.
	ErrTicket = fault.New(fault.Denied, "invalid_ticket", "this ticket is not valid here: join the room again")
)

// Consent keeps what the caller says to being recorded in the meeting that runs,
// and what is being recorded follows it at once.
func (r *Recordings) Consent(ctx context.Context, ref, ticket string, decision consent.Decision) (*ent.Consent, error) {
	roomID, err := roomNamed(ctx, r.db.Client, ref)
	if err != nil {
		return nil, err
	}
	identity, err := r.identity(ctx, roomID, ticket)
	if err != nil {
		return nil, err
	}
	var kept *ent.Consent
	err = r.inRoom(ctx, roomID, func(tx *db.Tx, room *ent.Room) error {
		running, err := runningIn(ctx, tx.Client, roomID)
		if err == nil && ticket == "" {
			err = wasIn(ctx, tx.Client, running.ID, identity)
		} else if errors.Is(err, ErrNoMeeting) && ticket == "" {
			return ErrRoomNotFound
		}
		if err != nil {
			return err
		}
		if kept, err = r.decide(ctx, tx, running.ID, identity, decision); err != nil {
			return err
		}
		if err := r.heed(ctx, tx, room, running, identity, decision); err != nil {
			return err
		}
		return r.complyWithout(ctx, tx, room, decision)
	})
	return kept, err
}

// complyWithout has a room looked at when one who has declined is not expected any more.
func (r *Recordings) complyWithout(ctx context.Context, tx *db.Tx, room *ent.Room, decision consent.Decision) error {
	if decision != consent.DecisionDeclined || !wants(room) {
		return nil
	}
	return r.jobs.Enqueue(ctx, tx, complyArgs{room.ID}, job.At(r.now().Add(comesWithin)))
}

// identity is that of who holds a ticket of the room, or the user's.
func (r *Recordings) identity(ctx context.Context, roomID uuid.UUID, ticket string) (string, error) {
	p := auth.From(ctx)
	if ticket == "" {
		if !p.SignedIn() {
			return "", auth.ErrSignInRequired
		}
		return p.UserID.String(), nil
	}
	identity, of, err := r.ticket(ticket)
	if err != nil {
		return "", err
	}
	_, noUser := uuid.Parse(identity)
	if of != roomID || (noUser == nil) != p.SignedIn() || p.SignedIn() && identity != p.UserID.String() {
		return "", ErrTicket
	}
	return identity, nil
}

// wasIn says ErrRoomNotFound of who was not in a meeting: without a pass that is the
// only proof that what is recorded there concerns them.
func wasIn(ctx context.Context, c *ent.Client, meetingID uuid.UUID, identity string) error {
	there, err := c.Participation.Query().Where(participation.MeetingID(meetingID), participation.Identity(identity)).Exist(ctx)
	if err == nil && !there {
		return ErrRoomNotFound
	}
	return err
}

// decide keeps a decision; the last one counts.
func (r *Recordings) decide(ctx context.Context, tx *db.Tx, meetingID uuid.UUID, identity string, decision consent.Decision) (*ent.Consent, error) {
	err := tx.Consent.Update().Where(consent.MeetingID(meetingID), consent.Identity(identity)).
		SetDecision(decision).SetDecideTime(r.now()).Exec(ctx)
	if err != nil {
		return nil, err
	}
	_, err = tx.InsertNew(ctx, consent.Table, map[string]any{
		consent.FieldID: uuid.Must(uuid.NewV7()), consent.FieldMeetingID: meetingID, consent.FieldIdentity: identity,
		consent.FieldDecision: decision, consent.FieldDecideTime: r.now(), consent.FieldCreateTime: r.now(),
	})
	if err != nil {
		return nil, err
	}
	return tx.Consent.Query().Where(consent.MeetingID(meetingID), consent.Identity(identity)).Only(ctx)
}

// heed has what is being recorded follow what somebody decided.
func (r *Recordings) heed(ctx context.Context, tx *db.Tx, room *ent.Room, running *ent.Meeting, identity string, decision consent.Decision) error {
	live, err := tx.Recording.Query().Where(entrecording.MeetingID(running.ID), isLive, entrecording.StopTimeIsNil()).
		Order(entrecording.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, rec := range live {
		if decision == consent.DecisionDeclined {
			err = r.leaveOut(ctx, tx, room, rec, identity)
		} else {
			err = r.takeIn(ctx, tx, room, rec, identity)
		}
		if err != nil {
			return err
		}
	}
	if decision == consent.DecisionGiven {
		_, err = r.comply(ctx, tx, room)
	}
	return err
}

// heedAgain is heed for one who comes in and may have declined before.
func (r *Recordings) heedAgain(ctx context.Context, tx *db.Tx, room *ent.Room, identity string) error {
	running, err := runningIn(ctx, tx.Client, room.ID)
	if errors.Is(err, ErrNoMeeting) {
		return nil
	}
	if err != nil {
		return err
	}
	declined, err := hasDeclined(ctx, tx.Client, running.ID, identity)
	if err != nil || !declined {
		return err
	}
	return r.heed(ctx, tx, room, running, identity, consent.DecisionDeclined)
}

// leaveOut stops what is recorded of one person. A recording of everybody is
// stopped too, unless that they decline was known or the recording is required.
func (r *Recordings) leaveOut(ctx context.Context, tx *db.Tx, room *ent.Room, rec *ent.Recording, identity string) error {
	switch {
	case modes[rec.Mode].perTrack:
		return r.stopSome(ctx, tx, rec.ID, func(p *piece) bool { return p.Identity == identity })
	case rec.Identity != "" && rec.Identity != identity:
		return nil
	case rec.Identity == "":
		against, err := against(ctx, tx.Client, *rec.MeetingID, r.now())
		if err != nil || !slices.Contains(against, identity) || rec.DespiteDeclined || required(room.Settings, rec.Mode, rec.Cause) {
			return err
		}
	}
	return r.stopAll(ctx, tx, []uuid.UUID{rec.ID}, entrecording.StopCauseConsent)
}

// takeIn has the tracks captured of one who has agreed after all.
func (r *Recordings) takeIn(ctx context.Context, tx *db.Tx, room *ent.Room, rec *ent.Recording, identity string) error {
	if !modes[rec.Mode].perTrack {
		return nil
	}
	if err := r.insertTracks(ctx, tx, room, rec.ID, participation.And(participation.MeetingID(*rec.MeetingID), participation.Identity(identity))); err != nil {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, askArgs{rec.ID})
}

// ListConsents reads a page of what people of a meeting decided after a given
// one, oldest first. more says whether another page follows.
func (r *Recordings) ListConsents(ctx context.Context, meetingID, after uuid.UUID, size int) (page []*ent.Consent, more bool, err error) {
	a := r.asker(ctx)
	m, err := r.db.Meeting.Query().Where(entmeeting.ID(meetingID)).WithRoom(func(q *ent.RoomQuery) {
		q.WithAccesses(func(q *ent.AccessQuery) { q.Where(a.runs()) })
	}).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, false, ErrMeetingNotFound
	}
	if err != nil {
		return nil, false, err
	}
	role := access.None
	for _, held := range m.Edges.Room.Edges.Accesses {
		role = max(role, access.ByName(held.Role.String()))
	}
	if !access.May(role, a.Operator, access.ReadConsents) {
		return nil, false, ErrMeetingNotFound
	}
	page, err = r.db.Consent.Query().Where(consent.MeetingID(meetingID), consent.IDGT(after)).Order(consent.ByID()).Limit(size + 1).All(ctx)
	if more = len(page) > size; more {
		page = page[:size]
	}
	return page, more, err
}
