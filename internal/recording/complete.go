package recording

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// completeTries is how often a file is looked for, most times a minute apart:
// for hours, since an upload may have to be taken up again.
const completeTries = 500

// patientTries is how often all files are waited for, about five minutes long. After
// it a file is believed to be whole that has another size than the recorder said, and
// what is there is handed out while the rest is looked for.
const patientTries = 10

var (
	// errEmpty says that there is something in the store, and no file.
	errEmpty = errors.New("the file in the store is empty")
	// errOtherSize says that a file is there and may not be whole yet.
	errOtherSize = errors.New("the file in the store has another size than the recorder said")
)

// completeArgs asks for the files of a recording that ended well to be looked for, and
// for the recording to be handed out.
type completeArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (completeArgs) Kind() string { return "recording.complete" }

// completeJob hands a recording out when its files are in the store; after some
// minutes with those that are, and those that come late are added.
func (r *Recordings) completeJob(ctx context.Context, args completeArgs, attempt job.Attempt) error {
	rec, err := r.db.Recording.Query().Where(visibleID(args.RecordingID)).WithFiles().Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := r.kept(); err != nil {
		return job.Snooze(storeAgain)
	}
	failpoint.Here("recording ended, files not looked for")
	waited := attempt.Number >= patientTries || attempt.Last()
	seen, missing := r.lookForAll(ctx, rec, waited)
	switch {
	case seen > 0 && (missing == nil || waited):
		if err := r.handOut(ctx, rec); err != nil || attempt.Last() {
			return err
		}
		return missing
	case !attempt.Last():
		return errors.Join(storage.ErrNotFound, missing)
	}
	r.log.ErrorContext(ctx, "no file of a recording is in the store", slog.String("recording_id", rec.ID.String()), slog.Any("error", missing))
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		without, err := tx.Recording.UpdateOneID(rec.ID).SetReason(reasonNoFile).SetUpdateTime(r.now()).Save(ctx)
		if err != nil {
			return err
		}
		return r.tell(ctx, tx, without)
	})
}

const (
	// completeAnew is how long after a search was given up it is begun once more, and
	// completeFor for how long: a store may have been away.
	completeAnew = 24 * time.Hour
	completeFor  = 30 * 24 * time.Hour
)

// completeLeft has files looked for once more that were not found.
func (r *Recordings) completeLeft(ctx context.Context) error {
	left, err := r.db.Recording.Query().Where(
		entrecording.StartTimeGT(r.now().Add(-completeFor)), entrecording.StatusIn(entrecording.StatusCompleted, entrecording.StatusLimitReached),
		entrecording.AvailableTimeIsNil(), entrecording.DeleteTimeIsNil(), entrecording.UpdateTimeLTE(r.now().Add(-completeAnew)),
	).Order(entrecording.ByID()).Limit(expireAtOnce).IDs(ctx)
	if err != nil || len(left) == 0 {
		return err
	}
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		all := make([]completeArgs, len(left))
		for n, id := range left {
			all[n] = completeArgs{id}
		}
		if err := tx.Recording.Update().Where(entrecording.IDIn(left...)).SetUpdateTime(r.now()).Exec(ctx); err != nil {
			return err
		}
		return job.EnqueueAll(ctx, r.jobs, tx, all, job.MaxAttempts(completeTries))
	})
}

// lookForAll looks for those files of a recording that nobody has seen yet, also
// of one that is available: files may come late. It gives how many are there.
// anySize takes those for whole, too, that have another size than was told.
func (r *Recordings) lookForAll(ctx context.Context, rec *ent.Recording, anySize bool) (seen int, missing error) {
	for _, f := range rec.Edges.Files {
		if err := r.look(ctx, f, anySize); err != nil {
			missing = errors.Join(missing, err)
		} else {
			seen++
		}
	}
	return seen, missing
}

// look sees to it that a file is in the store, and notes what it is.
func (r *Recordings) look(ctx context.Context, f *ent.RecordingFile, anySize bool) error {
	if f.SeenTime != nil {
		return nil
	}
	store, err := r.kept()
	if err != nil {
		return err
	}
	found, err := store.Stat(ctx, f.Key)
	failpoint.Here("file found, not noted")
	if err != nil {
		return fmt.Errorf("look for a file: %w", err)
	}
	switch other := f.Size > 0 && found.Size != f.Size; {
	case found.Size == 0:
		return errEmpty
	case other && !anySize:
		return errOtherSize
	case other:
		r.log.WarnContext(ctx, errOtherSize.Error(), slog.String("recording_id", f.RecordingID.String()),
			slog.Int64("told", f.Size), slog.Int64("found", found.Size))
	}
	return r.db.RecordingFile.UpdateOneID(f.ID).SetSize(found.Size).SetContentType(found.ContentType).SetSeenTime(r.now()).Exec(ctx)
}

// handOut gives the accesses and tells of the recording, in one transaction and
// once.
func (r *Recordings) handOut(ctx context.Context, rec *ent.Recording) error {
	failpoint.Here("files noted, not handed out")
	err := r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, room *ent.Room) error {
		rec, err := tx.Recording.Query().Where(visibleID(rec.ID)).Only(ctx)
		if ent.IsNotFound(err) || err == nil && rec.AvailableTime != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.grantAll(ctx, tx, room, rec); err != nil {
			return fmt.Errorf("grant accesses on a recording: %w", err)
		}
		failpoint.Here("accesses granted, not committed")
		if err := tx.Recording.UpdateOne(rec).SetAvailableTime(r.now()).SetReason("").SetUpdateTime(r.now()).Exec(ctx); err != nil {
			return err
		}
		if err := r.tellOwners(ctx, tx, rec.ID); err != nil {
			return fmt.Errorf("tell the owners of a recording: %w", err)
		}
		return r.notices.Publish(ctx, tx, notice.RecordingAvailable{RoomID: rec.RoomID, RecordingID: rec.ID})
	})
	failpoint.Here("handed out, job not ended")
	return err
}

// grantAll makes owners of who started a recording and of the room's owners, and
// lets those see it whom the room's settings name.
func (r *Recordings) grantAll(ctx context.Context, tx *db.Tx, room *ent.Room, rec *ent.Recording) error {
	held, err := tx.Access.Query().Where(entaccess.RoomID(room.ID),
		entaccess.Or(entaccess.ExpireTimeIsNil(), entaccess.ExpireTimeGT(r.now()))).Order(entaccess.ByID()).All(ctx)
	if err != nil {
		return err
	}
	grants := grantsOf(room.Settings, rec, held, r.now())
	if err := dropExpired(ctx, tx, rec.ID, r.now()); err != nil {
		return err
	}
	if err := dropLesser(ctx, tx, rec.ID, grants); err != nil {
		return err
	}
	rows := make([][]any, len(grants))
	for n, g := range grants {
		rows[n] = []any{uuid.Must(uuid.NewV7()), rec.ID, g.userID, g.email, g.everyone, g.role, r.now(), g.until}
	}
	_, err = tx.InsertRows(ctx, accessRows, rows)
	return err
}

// dropExpired makes room for new accesses among those that have ended by themselves.
func dropExpired(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) error {
	_, err := tx.RecordingAccess.Delete().Where(recordingaccess.RecordingID(id), recordingaccess.ExpireTimeLTE(now)).Exec(ctx)
	return err
}

// dropLesser makes room for owners among accesses that were given before there
// was anything to be seen.
func dropLesser(ctx context.Context, tx *db.Tx, id uuid.UUID, grants []granted) error {
	for _, g := range grants {
		if g.role != recordingaccess.RoleOwner {
			continue
		}
		whose := recordingaccess.And(recordingaccess.UserIDIsNil(), recordingaccess.EmailEQ(deref(g.email)))
		if g.userID != nil {
			whose = recordingaccess.UserID(*g.userID)
		}
		if _, err := tx.RecordingAccess.Delete().Where(recordingaccess.RecordingID(id), whose,
			recordingaccess.RoleNEQ(recordingaccess.RoleOwner)).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

var accessRows = db.Rows{
	Table: recordingaccess.Table,
	Columns: []string{
		recordingaccess.FieldID, recordingaccess.FieldRecordingID, recordingaccess.FieldUserID, recordingaccess.FieldEmail,
		recordingaccess.FieldEveryone, recordingaccess.FieldRole, recordingaccess.FieldCreateTime, recordingaccess.FieldExpireTime,
	},
	Conflict: "DO NOTHING",
}
