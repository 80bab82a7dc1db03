package recording

import (
	"context"
	"strconv"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrRoomRecorded says that a room has recordings and is not to be deleted then.
	ErrRoomRecorded = fault.New(fault.Precondition, "room_has_recordings", "this room has recordings: say what is to become of them")
	// ErrOthers says that recordings were to be deleted that are not the caller's.
	ErrOthers = fault.New(fault.Denied, "recordings_of_others", "this room has recordings that you do not own: keep them, or ask their owners")
)

// roomAtOnce is how many recordings of a room are looked at together.
const roomAtOnce = 200

// None says ErrRoomRecorded of a room with recordings, whoever may see them. The
// room is locked.
func (r *Recordings) None(ctx context.Context, tx *db.Tx, room *ent.Room) error {
	n, err := tx.Recording.Query().Where(entrecording.RoomID(room.ID), entrecording.DeleteTimeIsNil()).Count(ctx)
	if err == nil && n > 0 {
		return ErrRoomRecorded.With("recordings", strconv.Itoa(n))
	}
	return err
}

// DeleteAll deletes the recordings of a room, which is locked, for one who may
// delete each of them; else none. What is still being made is stopped, and its
// files are deleted when that has ended.
func (r *Recordings) DeleteAll(ctx context.Context, tx *db.Tx, room *ent.Room) error {
	a, others := r.asker(ctx), 0
	for after := uuid.Nil; ; {
		found, err := a.with(tx.Recording.Query().Where(entrecording.RoomID(room.ID), entrecording.DeleteTimeIsNil(), entrecording.IDGT(after))).
			Order(entrecording.ByID()).Limit(roomAtOnce).All(ctx)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			break
		}
		after = found[len(found)-1].ID
		seen, err := a.seen(ctx, tx.Client, found)
		if err != nil {
			return err
		}
		for _, rec := range seen {
			if !rec.May(access.DeleteRecording) {
				others++
			} else if live(rec.Status) && required(room.Settings, rec.Mode, rec.Cause) {
				return ErrRequired
			} else if err := r.stopAndErase(ctx, tx, rec.ID); err != nil {
				return err
			}
		}
	}
	if others > 0 {
		return ErrOthers.With("recordings", strconv.Itoa(others))
	}
	return nil
}

func (r *Recordings) stopAndErase(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if err := r.stopAll(ctx, tx, []uuid.UUID{id}, entrecording.StopCauseMeeting); err != nil {
		return err
	}
	return r.erase(ctx, tx, id)
}
