package recording

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// complyAgain is how soon a recording that has to be is started anew after its
// recorder ended.
const complyAgain = 5 * time.Second

// causes are why recordings begin by themselves, by the room's policy.
var causes = map[string]entrecording.Cause{
	PolicyAutomatic: entrecording.CauseAutomatic, PolicyCompliance: entrecording.CauseCompliance,
}

// joined begins what is recorded by itself when somebody comes in.
func (r *Recordings) joined(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if e.Participant == nil || !e.Participant.Kind.Human() {
		return nil
	}
	if room.Settings.TrackRecording && e.Participant.Kind == video.Phone {
		if err := r.recordCaller(ctx, tx, room, e); err != nil {
			return err
		}
	}
	return r.comply(ctx, tx, room)
}

// recordCaller records one who dialled in, and is still there.
func (r *Recordings) recordCaller(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	who, err := tx.Participation.Query().Where(participation.ProviderSid(e.Participant.SID),
		participation.ProviderEQ(participation.Provider(e.Provider)), db.Present).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	done, err := tx.Recording.Query().Where(entrecording.ParticipationID(who.ID), entrecording.CauseEQ(entrecording.CauseCaller)).Exist(ctx)
	if err != nil || done {
		return err
	}
	return r.begin(ctx, tx, room, plan{
		NewRecording: NewRecording{Mode: entrecording.ModeParticipant, ParticipationID: who.ID}, cause: entrecording.CauseCaller,
	})
}

// left stops what is of somebody who went.
func (r *Recordings) left(ctx context.Context, tx *db.Tx, e video.Event) error {
	if e.Participant == nil || e.Participant.SID == "" {
		return nil
	}
	gone, err := tx.Participation.Query().Where(participation.ProviderSid(e.Participant.SID),
		participation.ProviderEQ(participation.Provider(e.Provider)), participation.LeaveTimeNotNil()).IDs(ctx)
	if err != nil || len(gone) == 0 {
		return err
	}
	ids, err := tx.Recording.Query().Where(isLive, entrecording.ParticipationIDIn(gone...)).Order(entrecording.ByID()).IDs(ctx)
	if err != nil {
		return err
	}
	return r.stopAll(ctx, tx, ids, entrecording.StopCauseMeeting)
}

// comply begins what a room's policy wants recorded and is not.
func (r *Recordings) comply(ctx context.Context, tx *db.Tx, room *ent.Room) error {
	cause, by := causes[room.Settings.RecordingPolicy]
	if !by || room.DeleteTime != nil {
		return nil
	}
	running, err := runningIn(ctx, tx.Client, room.ID)
	if errors.Is(err, ErrNoMeeting) {
		return nil
	}
	if err != nil {
		return err
	}
	held, err := tx.Recording.Query().Where(held(room, running.ID, cause)...).Exist(ctx)
	if err != nil || held {
		return err
	}
	return r.begin(ctx, tx, room, plan{NewRecording: NewRecording{Mode: modeOf(room.Settings)}, cause: cause})
}

// begin makes a recording and has the recorder asked soon. That one runs already,
// or that somebody has declined, is no error here.
func (r *Recordings) begin(ctx context.Context, tx *db.Tx, room *ent.Room, p plan) error {
	if _, err := r.providers.Recorder(video.Name(room.Provider)); err != nil {
		return nil //nolint:nilerr // a provider that cannot record keeps nobody from meeting
	}
	id, err := r.insert(ctx, tx, room, p)
	switch {
	case errors.Is(err, ErrRunning), errors.Is(err, ErrDeclined), errors.Is(err, ErrNoMeeting), errors.Is(err, ErrNoParticipant):
		return nil
	case err != nil:
		return err
	}
	return r.jobs.Enqueue(ctx, tx, askArgs{id})
}

// complyArgs asks for a room to be recorded that has to be.
type complyArgs struct {
	RoomID uuid.UUID `json:"room_id"`
}

// Kind is permanent: jobs outlive programs.
func (complyArgs) Kind() string { return "recording.comply" }

func (r *Recordings) complyJob(ctx context.Context, args complyArgs, _ job.Attempt) error {
	return r.inRoom(ctx, args.RoomID, func(tx *db.Tx, room *ent.Room) error {
		if r.missing.lasts(video.Name(room.Provider), r.now()) {
			return job.Snooze(complyAgain)
		}
		return r.comply(ctx, tx, room)
	})
}
