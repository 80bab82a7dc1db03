package recording

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// watchLimit has a recording that began stopped when it is as long as it may be,
// and those who are recorded told before.
func (r *Recordings) watchLimit(ctx context.Context, tx *db.Tx, rec *ent.Recording) error {
	limit := r.limit(rec)
	if err := r.jobs.Enqueue(ctx, tx, nearArgs{rec.ID}, job.At(limit.Add(-lead(r.config.MaxDuration)))); err != nil {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, limitArgs{rec.ID}, job.At(limit))
}

// limit is when a recording that began is as long as it may be.
func (r *Recordings) limit(rec *ent.Recording) time.Time {
	start := r.now()
	if rec.StartTime != nil {
		start = *rec.StartTime
	}
	return start.Add(r.config.MaxDuration)
}

// limitArgs asks for a recording to be stopped because it is as long as it may
// be.
type limitArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (limitArgs) Kind() string { return "recording.limit" }

func (r *Recordings) limitJob(ctx context.Context, args limitArgs, _ job.Attempt) error {
	rec, err := r.db.Recording.Get(ctx, args.RecordingID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		return r.stopAll(ctx, tx, []uuid.UUID{rec.ID}, entrecording.StopCauseLimit)
	})
}

// nearArgs asks for people to be told that a recording is nearly as long as it may
// be.
type nearArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (nearArgs) Kind() string { return "recording.near" }

func (r *Recordings) nearJob(ctx context.Context, args nearArgs, _ job.Attempt) error {
	rec, err := r.db.Recording.Get(ctx, args.RecordingID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		rec, err := tx.Recording.Query().Where(visibleID(rec.ID)).Only(ctx)
		if ent.IsNotFound(err) || err == nil && (rec.Status != entrecording.StatusActive || rec.LimitNearTime != nil) {
			return nil
		}
		if err != nil {
			return err
		}
		rec, err = tx.Recording.UpdateOne(rec).SetLimitNearTime(r.now()).SetUpdateTime(r.now()).Save(ctx)
		if err != nil {
			return err
		}
		return r.tell(ctx, tx, rec)
	})
}
