package recording

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// NewRecording is what is to be recorded.
type NewRecording struct {
	Mode            entrecording.Mode // "" for the room's
	ParticipationID uuid.UUID         // of ModeParticipant
	Title           string            // "" makes one
	DespiteDeclined bool              // record everybody together though somebody has declined
	RequestID       string            // "" when the request is not to be repeated
}

// Start records the meeting that runs in a room, for one who may. When it
// returns, the recorder has been asked; of one that did not say what came of it,
// settling finds out.
func (r *Recordings) Start(ctx context.Context, room *ent.Room, n NewRecording) (*Recording, error) {
	starter := auth.From(ctx).UserID
	if earlier, err := requested(ctx, r.db.Client, starter, room.ID, n.RequestID); err != nil || earlier != uuid.Nil {
		return r.afterStart(ctx, earlier, err)
	}
	if room.Settings.RecordingPolicy == PolicyOff {
		return nil, ErrOff
	}
	if err := r.ready(ctx, video.Name(room.Provider)); err != nil {
		return nil, err
	}
	n.Mode = cmp.Or(n.Mode, modeOf(room.Settings))
	p := plan{NewRecording: n, cause: entrecording.CausePerson, starter: &starter}
	var id uuid.UUID
	err := r.inRoom(ctx, room.ID, func(tx *db.Tx, room *ent.Room) (err error) {
		id, err = r.insert(ctx, tx, room, p)
		return err
	})
	if errors.Is(err, ErrRunning) { // perhaps by this very request, sent twice
		if earlier, findErr := requested(ctx, r.db.Client, starter, room.ID, n.RequestID); findErr != nil || earlier != uuid.Nil {
			return r.afterStart(ctx, earlier, findErr)
		}
	}
	if err != nil {
		return nil, err
	}
	failpoint.Here("recording written, nobody asked")
	if err = r.ask(ctx, id); err != nil && modes[p.Mode].perTrack {
		err = r.anyTrack(ctx, room.ID, id, err)
	}
	return r.afterStart(ctx, id, err)
}

// anyTrack is no error if some track of a recording is captured although others
// are not. If none is, the recording has failed to start.
func (r *Recordings) anyTrack(ctx context.Context, roomID, id uuid.UUID, failure error) error {
	err := r.inRoom(ctx, roomID, func(tx *db.Tx, _ *ent.Room) error {
		w, err := read(ctx, tx.Client, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(w.captures, func(p *piece) bool { return !p.is.ended() || p.is.began }) {
			failure = nil
			return nil
		}
		return r.stopAll(ctx, tx, []uuid.UUID{id}, entrecording.StopCausePerson)
	})
	return errors.Join(failure, err)
}

func (r *Recordings) afterStart(ctx context.Context, id uuid.UUID, err error) (*Recording, error) {
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}

// requested finds the recording of a room that an earlier request with this id
// started, or says ErrRequestUsed when it is of another room.
func requested(ctx context.Context, c *ent.Client, starter, roomID uuid.UUID, requestID string) (uuid.UUID, error) {
	if requestID == "" {
		return uuid.Nil, nil
	}
	rec, err := c.Recording.Query().Where(entrecording.StarterID(starter), entrecording.RequestID(requestID)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return uuid.Nil, nil
	case err != nil:
		return uuid.Nil, err
	case rec.RoomID != roomID:
		return uuid.Nil, ErrRequestUsed
	}
	return rec.ID, nil
}

// plan is a recording that is about to be made.
type plan struct {
	NewRecording
	cause    entrecording.Cause
	starter  *uuid.UUID
	identity string // of ModeParticipant, where it is known
}

// insert makes the rows of a recording, of which no recorder knows yet.
func (r *Recordings) insert(ctx context.Context, tx *db.Tx, room *ent.Room, p plan) (uuid.UUID, error) {
	running, err := runningIn(ctx, tx.Client, room.ID)
	if err != nil {
		return uuid.Nil, err
	}
	whom, err := p.subject(ctx, tx.Client, running)
	if err != nil {
		return uuid.Nil, err
	}
	if err := p.mayRecord(ctx, tx.Client, running, whom, r.now()); err != nil {
		return uuid.Nil, err
	}
	id := uuid.Must(uuid.NewV7())
	now := r.now()
	title, err := r.title(ctx, tx.Client, room.Name, p, now)
	if err != nil {
		return uuid.Nil, err
	}
	row := map[string]any{
		entrecording.FieldID: id, entrecording.FieldRoomID: room.ID, entrecording.FieldMeetingID: running.ID,
		entrecording.FieldProvider: room.Provider, entrecording.FieldMode: p.Mode, entrecording.FieldIdentity: whom.identity,
		entrecording.FieldParticipationID: whom.participationID, entrecording.FieldStatus: entrecording.StatusStarting,
		entrecording.FieldCause: p.cause, entrecording.FieldStarterID: p.starter, entrecording.FieldRequestID: orNil(p.RequestID),
		entrecording.FieldDespiteDeclined: p.DespiteDeclined,
		entrecording.FieldTitle:           title, entrecording.FieldExpireTime: r.expiry(room.Settings, now), entrecording.FieldDurationMs: 0,
		entrecording.FieldCreateTime: now, entrecording.FieldUpdateTime: now,
	}
	isNew, err := tx.InsertNew(ctx, entrecording.Table, row)
	if err != nil {
		return uuid.Nil, fmt.Errorf("write a recording: %w", err)
	}
	if !isNew {
		return uuid.Nil, alreadyRunning(ctx, tx.Client, room.ID, p.Mode, whom.identity)
	}
	if m := modes[p.Mode]; !m.perTrack {
		if err := r.insertCapture(ctx, tx, room, id, m, whom, now); err != nil {
			return uuid.Nil, err
		}
	} else if err := r.insertTracks(ctx, tx, room, id, participation.MeetingID(running.ID)); err != nil {
		return uuid.Nil, err
	}
	made, err := tx.Recording.Get(ctx, id)
	if err != nil {
		return uuid.Nil, err
	}
	return id, r.tell(ctx, tx, made)
}

func (r *Recordings) insertCapture(ctx context.Context, tx *db.Tx, room *ent.Room, id uuid.UUID, m mode, s subject, at time.Time) error {
	err := tx.Capture.Create().SetRecordingID(id).SetProvider(capture.Provider(room.Provider)).
		SetPath(m.key(r.config, room, id, s, at)).SetIdentity(s.identity).
		SetNillableParticipationID(s.participationID).SetTrackSid(s.trackSID).
		SetStatus(capture.StatusAsked).SetHeardTime(r.now()).SetCreateTime(r.now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a capture: %w", err)
	}
	return nil
}

// alreadyRunning says which recording is in the way.
func alreadyRunning(ctx context.Context, c *ent.Client, roomID uuid.UUID, m entrecording.Mode, identity string) error {
	id, err := c.Recording.Query().Where(entrecording.RoomID(roomID), entrecording.ModeEQ(m), entrecording.Identity(identity), isCapturing).OnlyID(ctx)
	if ent.IsNotFound(err) { // the request id is taken, by a recording that has ended
		return ErrRunning
	}
	if err != nil {
		return err
	}
	return ErrRunning.With("recording", id.String())
}

// subject is whom a plan is of.
func (p plan) subject(ctx context.Context, c *ent.Client, running *ent.Meeting) (subject, error) {
	if p.Mode != entrecording.ModeParticipant {
		return subject{}, nil
	}
	who, err := presentIn(ctx, c, running.ID, p.ParticipationID)
	if err != nil {
		return subject{}, err
	}
	return subjectOf(who, ""), nil
}

// mayRecord says ErrDeclined where somebody's word is against it. Who is recorded
// apart from others is left out for certain; of the tracks each is looked at.
func (p plan) mayRecord(ctx context.Context, c *ent.Client, running *ent.Meeting, whom subject, now time.Time) error {
	if modes[p.Mode].perTrack || whom.identity == "" && (p.DespiteDeclined || p.cause == entrecording.CauseCompliance) {
		return nil
	}
	declined, err := against(ctx, c, running.ID, now)
	if err != nil {
		return err
	}
	if whom.identity != "" {
		declined = slices.DeleteFunc(declined, func(identity string) bool { return identity != whom.identity })
	}
	if len(declined) > 0 {
		return ErrDeclined.With("people", strconv.Itoa(len(declined)))
	}
	return nil
}
