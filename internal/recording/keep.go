package recording

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// ErrPast says that a recording cannot be kept until a time that has passed.
var ErrPast = fault.New(fault.Invalid, "retention_in_the_past", "a recording is kept until a time to come: delete it otherwise")

const (
	// expireEvery is how often it is looked for recordings whose time has passed.
	expireEvery = 10 * time.Minute
	// expireAtOnce is how many of them one round takes.
	expireAtOnce = 500
	// eraseAgain is how soon it is looked again whether files may be deleted.
	eraseAgain = 15 * time.Second
	// eraseAnew is after how long the files of a deleted recording are to be
	// deleted once more: the store was away for longer than was tried.
	eraseAnew = 24 * time.Hour
	// storeAgain is how soon it is looked again whether there is a store: the
	// installation had one.
	storeAgain = 10 * time.Minute
)

// visibleID is a recording that was not deleted.
func visibleID(id uuid.UUID) predicate.Recording {
	return entrecording.And(entrecording.ID(id), entrecording.DeleteTimeIsNil())
}

// Keep says until when a recording is kept; nil is for ever.
func (r *Recordings) Keep(ctx context.Context, id uuid.UUID, until *time.Time) (*Recording, error) {
	if until != nil && !until.After(r.now()) {
		return nil, ErrPast
	}
	err := r.change(ctx, id, access.KeepRecording, func(tx *db.Tx, rec *Recording) error {
		u := tx.Recording.UpdateOneID(rec.ID).SetUpdateTime(r.now()).ClearExpiredTime()
		if until == nil {
			u.ClearExpireTime()
		} else {
			u.SetExpireTime(until.UTC().Truncate(time.Microsecond))
		}
		return u.Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}

// Delete takes a recording away from everybody at once, and its files from the
// store soon after.
func (r *Recordings) Delete(ctx context.Context, id uuid.UUID) error {
	return r.change(ctx, id, access.DeleteRecording, func(tx *db.Tx, rec *Recording) error {
		if live(rec.Status) {
			return ErrRunning.With("recording", id.String())
		}
		return r.erase(ctx, tx, id)
	})
}

// change does something to a recording under the lock of its room, for one who
// may.
func (r *Recordings) change(ctx context.Context, id uuid.UUID, action access.Action, do func(*db.Tx, *Recording) error) error {
	rec, err := r.allowed(ctx, r.db.Client, id, action)
	if err != nil {
		return err
	}
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		rec, err := r.allowed(ctx, tx.Client, id, action)
		if err != nil {
			return err
		}
		return do(tx, rec)
	})
}

// erase hides a recording and has its files deleted, or says ErrNoStore where nobody
// can.
func (r *Recordings) erase(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if _, err := r.kept(); err != nil {
		return err
	}
	if err := tx.Recording.UpdateOneID(id).SetDeleteTime(r.now()).SetUpdateTime(r.now()).Exec(ctx); err != nil {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, eraseArgs{id}, job.MaxAttempts(completeTries))
}

// eraseArgs asks for the files of a deleted recording to be deleted, and then
// its rows.
type eraseArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (eraseArgs) Kind() string { return "recording.erase" }

// eraseJob deletes what was asked for besides what was told of: of a capture that
// failed there may be a part of a file. Of what is being written or moved nothing is
// deleted before that has ended.
func (r *Recordings) eraseJob(ctx context.Context, args eraseArgs, _ job.Attempt) error {
	rec, err := r.db.Recording.Query().Where(entrecording.ID(args.RecordingID), entrecording.DeleteTimeNotNil()).WithFiles().WithCaptures().Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if live(rec.Status) {
		return job.Snooze(eraseAgain)
	}
	store, err := r.kept()
	if err != nil {
		return job.Snooze(storeAgain)
	}
	failpoint.Here("recording hidden, files there")
	var keys []string
	for _, f := range rec.Edges.Files {
		if f.MoveTime != nil && r.archive != nil {
			return job.Snooze(eraseAgain)
		}
		keys = append(keys, f.Key)
	}
	for _, c := range rec.Edges.Captures {
		keys = append(keys, c.Path)
	}
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if err := store.Delete(ctx, key); err != nil {
			return fmt.Errorf("delete a file: %w", err)
		}
		failpoint.Here("file deleted, rows there")
	}
	err = r.db.Recording.DeleteOneID(rec.ID).Exec(ctx)
	failpoint.Here("rows deleted, job not ended")
	return err
}

// expireArgs asks for recordings whose time has passed to be taken away.
type expireArgs struct{}

// Kind is permanent: jobs outlive programs.
func (expireArgs) Kind() string { return "recording.expire" }

func (r *Recordings) expireJob(ctx context.Context, _ expireArgs, _ job.Attempt) error {
	return r.Expire(ctx)
}

// eraseLeft has files deleted whose deletion was given up.
func (r *Recordings) eraseLeft(ctx context.Context) error {
	left, err := r.db.Recording.Query().Where(
		entrecording.DeleteTimeNotNil(), entrecording.DeleteTimeLTE(r.now().Add(-eraseAnew)), entrecording.UpdateTimeLTE(r.now().Add(-eraseAnew)),
	).Order(entrecording.ByID()).Limit(expireAtOnce).IDs(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		err := tx.Recording.Update().Where(entrecording.IDIn(left...), entrecording.DeleteTimeNotNil()).SetUpdateTime(r.now()).Exec(ctx)
		if err != nil {
			return err
		}
		all := make([]eraseArgs, len(left))
		for n, id := range left {
			all[n] = eraseArgs{id}
		}
		return job.EnqueueAll(ctx, r.jobs, tx, all, job.MaxAttempts(completeTries))
	})
}

// Expire takes away the recordings whose time has passed, or notes that where
// the store does it. It also takes up deletions, and searches for files, that were
// given up. All that waits while there is no store.
func (r *Recordings) Expire(ctx context.Context) error {
	if _, err := r.kept(); err != nil {
		return nil //nolint:nilerr // nothing can be deleted or found
	}
	return errors.Join(r.expire(ctx), r.eraseLeft(ctx), r.completeLeft(ctx))
}

func (r *Recordings) expire(ctx context.Context) error {
	due, err := r.db.Recording.Query().Where(r.due()...).Order(entrecording.ByExpireTime()).Limit(expireAtOnce).All(ctx)
	if err != nil {
		return err
	}
	var failure error
	for _, rec := range due {
		failure = errors.Join(failure, r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
			still, err := tx.Recording.Query().Where(append(r.due(), entrecording.ID(rec.ID))...).Exist(ctx)
			switch {
			case err != nil || !still: // it may have been kept meanwhile
				return err
			case r.config.KeepExpired:
				return tx.Recording.UpdateOneID(rec.ID).SetExpiredTime(r.now()).SetUpdateTime(r.now()).Exec(ctx)
			}
			return r.erase(ctx, tx, rec.ID)
		}))
	}
	return failure
}

// due are the recordings whose time has passed, and of which nothing is being
// written.
func (r *Recordings) due() []predicate.Recording {
	return []predicate.Recording{
		entrecording.ExpireTimeLTE(r.now()), entrecording.DeleteTimeIsNil(), entrecording.ExpiredTimeIsNil(), entrecording.Not(isLive),
	}
}
