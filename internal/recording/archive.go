package recording

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

const (
	// archiveEvery is how often it is looked for files that are to be moved.
	archiveEvery = 15 * time.Minute
	// archiveTimeout is how long one round may take; it has to be enough for the
	// largest file.
	archiveTimeout = 6 * time.Hour
	// archiveAtOnce is how many files one round takes.
	archiveAtOnce = 1000
)

// archiveArgs asks for files to be moved to the archive that are old enough.
type archiveArgs struct{}

// Kind is permanent: jobs outlive programs.
func (archiveArgs) Kind() string { return "recording.archive" }

func (r *Recordings) archiveJob(ctx context.Context, _ archiveArgs, _ job.Attempt) error {
	return r.Archive(ctx)
}

// Archive moves to the archive what has been in the folder for long enough, one
// file after another, and ends what an earlier round began. One that cannot be
// moved now holds up no other.
func (r *Recordings) Archive(ctx context.Context) error {
	due, err := r.db.RecordingFile.Query().Where(recordingfile.Or(recordingfile.MoveTimeNotNil(), recordingfile.And(
		recordingfile.ArchiveTimeIsNil(), recordingfile.SeenTimeLTE(r.now().Add(-r.config.ArchiveAfter)),
		recordingfile.HasRecordingWith(entrecording.DeleteTimeIsNil(), entrecording.AvailableTimeNotNil(), entrecording.ExpiredTimeIsNil()),
	))).Order(recordingfile.BySeenTime(), recordingfile.ByID()).Limit(archiveAtOnce).All(ctx)
	if err != nil {
		return err
	}
	var failure error
	for _, f := range due {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.move(ctx, f); err != nil {
			failure = errors.Join(failure, fmt.Errorf("archive a file of recording %s: %w", f.RecordingID, err))
		}
	}
	return failure
}

// move moves one file. That it is being moved is noted before and undone after, so
// that nobody deletes it meanwhile: a file would be left in the archive.
func (r *Recordings) move(ctx context.Context, f *ent.RecordingFile) error {
	if mine, err := r.claim(ctx, f); err != nil || !mine {
		return err
	}
	failpoint.Here("claimed, not moved")
	err := r.archive.Archive(ctx, f.Key)
	failpoint.Here("moved, not noted")
	if ctx.Err() != nil {
		return ctx.Err() // it stays claimed: whoever moves files next takes it up
	}
	u := r.db.RecordingFile.Update().Where(recordingfile.ID(f.ID)).ClearMoveTime()
	switch {
	case err == nil:
		u.SetArchiveTime(r.now())
	case errors.Is(err, storage.ErrNotFound): // the bucket's own rules, or somebody
		r.log.WarnContext(ctx, "a file that was to be archived is not in the store", slog.String("recording_id", f.RecordingID.String()))
		u.SetArchiveTime(r.now())
		err = nil
	}
	return errors.Join(err, u.Exec(ctx))
}

// claim notes that a file is being moved, unless its recording was deleted. Then a
// claim that was left by a process which died is given back.
func (r *Recordings) claim(ctx context.Context, f *ent.RecordingFile) (mine bool, err error) {
	rec, err := r.db.Recording.Query().Where(entrecording.ID(f.RecordingID)).Only(ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		if mine, err = stillThere(ctx, tx, rec.ID); err != nil {
			return err
		}
		u := tx.RecordingFile.Update().Where(recordingfile.ID(f.ID))
		if mine {
			u.SetMoveTime(r.now())
		} else {
			u.ClearMoveTime()
		}
		return u.Exec(ctx)
	})
	return mine, err
}

func stillThere(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	return tx.Recording.Query().Where(visibleID(id)).Exist(ctx)
}
