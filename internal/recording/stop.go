package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// stopAgain is how soon a capture is stopped once more that could not be yet.
const stopAgain = time.Second

// Stop ends what runs in a room, or one recording of it, for one who may. What
// has ended stays as it is. What is starting is stopped when that can be done.
func (r *Recordings) Stop(ctx context.Context, room *ent.Room, one uuid.UUID) ([]*Recording, error) {
	var ids []uuid.UUID
	err := r.inRoom(ctx, room.ID, func(tx *db.Tx, room *ent.Room) error {
		found, err := tx.Recording.Query().Where(toStop(room.ID, one)...).Order(entrecording.ByID()).All(ctx)
		if err != nil {
			return err
		}
		ids = nil
		for _, rec := range found {
			if live(rec.Status) && required(room.Settings, rec.Mode, rec.Cause) {
				return ErrRequired
			}
			ids = append(ids, rec.ID)
		}
		return r.stopAll(ctx, tx, ids, entrecording.StopCausePerson)
	})
	if err != nil {
		return nil, err
	}
	return r.all(ctx, ids)
}

// stopAll notes that recordings are to stop, and has it done.
func (r *Recordings) stopAll(ctx context.Context, tx *db.Tx, ids []uuid.UUID, cause entrecording.StopCause) error {
	for _, id := range ids {
		w, err := read(ctx, tx.Client, id)
		if err != nil {
			return err
		}
		if !live(w.Status) || w.stop != "" {
			continue
		}
		w.stop = cause
		for _, p := range w.captures {
			if p.AskTime == nil {
				p.is, p.heard = p.is.fail(capture.StatusAborted, reasonStopped, ""), true
			}
		}
		ends := w.Status == entrecording.StatusStopping // it was so before: nothing follows from it
		if err := r.save(ctx, tx, w); err != nil {
			return err
		}
		if ends {
			if err := r.jobs.Enqueue(ctx, tx, stopArgs{RecordingID: w.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// stopSome notes that some captures of a recording are to stop while it goes on,
// and has it done.
func (r *Recordings) stopSome(ctx context.Context, tx *db.Tx, id uuid.UUID, which func(*piece) bool) error {
	w, err := read(ctx, tx.Client, id)
	if err != nil {
		return err
	}
	asked := false
	for _, p := range w.captures {
		if p.StopTime != nil || !which(p) {
			continue
		}
		p.stop = true
		if p.AskTime == nil {
			p.is, p.heard = p.is.fail(capture.StatusAborted, reasonStopped, ""), true
		}
		asked = asked || !p.is.ended()
	}
	if err := r.save(ctx, tx, w); err != nil || !asked {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, stopArgs{RecordingID: id})
}

// stopArgs asks for those captures of a recording to be stopped that are to.
type stopArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (stopArgs) Kind() string { return "recording.stop" }

// stopJob stops what can be stopped, and comes again for the rest: for what has
// not begun, and for what the recorder was asked and has not answered.
func (r *Recordings) stopJob(ctx context.Context, args stopArgs, _ job.Attempt) error {
	w, err := read(ctx, r.db.Client, args.RecordingID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	recorder, err := r.providers.Recorder(video.Name(w.Provider))
	if err != nil {
		return job.Cancel(err)
	}
	failpoint.Here("stop noted, recorder not told")
	early, failure := false, error(nil)
	for _, p := range w.captures {
		switch {
		case !w.stops(p):
			continue
		case p.EgressID == nil:
			early = early || !p.is.ended()
			continue
		}
		err := recorder.StopCapture(ctx, *p.EgressID)
		failpoint.Here("recorder told to stop, job not ended")
		if errors.Is(err, video.ErrTooEarly) {
			early = early || !p.is.ended() // one that was given up is stopped when it is heard of
		} else if err != nil { // the others are stopped all the same
			failure = errors.Join(failure, fmt.Errorf("stop a capture: %w", err))
		}
	}
	if failure != nil {
		return failure
	}
	if early {
		return job.Snooze(stopAgain)
	}
	return nil
}

// stops says whether a capture is to stop: by itself, or with its recording, or
// because it was given up. What the recorder itself said to have ended is left.
func (w *work) stops(p *piece) bool {
	if p.is.ended() {
		return !p.is.well() && p.is.error == ""
	}
	return p.StopTime != nil || w.stop != "" || !live(w.Status)
}
