package recording

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// askArgs asks for the recorder to be asked for what is to be captured.
type askArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (askArgs) Kind() string { return "recording.ask" }

// askJob does not come again when the recorder fails: the recording has ended then, or
// settling finds out.
func (r *Recordings) askJob(ctx context.Context, args askArgs, _ job.Attempt) error {
	err := r.ask(ctx, args.RecordingID)
	if _, coded := fault.Of(err); coded {
		return nil
	}
	return err
}

// ask asks the recorder for those captures for which nobody has asked, for some at
// once: each answer may take seconds, in which the others would be missed. Whoever
// began this may go away: it is seen through.
func (r *Recordings) ask(ctx context.Context, id uuid.UUID) error {
	ctx = context.WithoutCancel(ctx)
	w, err := read(ctx, r.db.Client, id)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	failures := make([]error, len(w.captures))
	var group errgroup.Group
	group.SetLimit(asksAtOnce)
	for n, p := range w.captures {
		if p.AskTime == nil {
			group.Go(func() error {
				failures[n] = r.askFor(ctx, w.Recording, p.Capture)
				return nil
			})
		}
	}
	return errors.Join(group.Wait(), errors.Join(failures...))
}

// askFor asks for one capture, once: that it was asked for is noted before.
func (r *Recordings) askFor(ctx context.Context, rec *ent.Recording, c *ent.Capture) error {
	n, err := r.db.Capture.Update().Where(capture.ID(c.ID), capture.AskTimeIsNil(), capture.StatusEQ(capture.StatusAsked)).
		SetAskTime(r.now()).SetHeardTime(r.now()).Save(ctx)
	if err != nil || n == 0 {
		return err
	}
	failpoint.Here("question noted, recorder not asked")
	name := video.Name(rec.Provider)
	if err := r.ready(ctx, name); err != nil {
		return errors.Join(err, r.fail(ctx, rec, c.ID, capture.StatusFailed, reasonOfFault(err), notAsked))
	}
	recorder, err := r.providers.Recorder(name)
	if err != nil {
		return err
	}
	asked, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	e, err := recorder.StartCapture(asked, modes[rec.Mode].request(r.config, rec.RoomID, c))
	failpoint.Here("recorder asked, answer not noted")
	if err == nil {
		return r.hear(ctx, rec.RoomID, c.ID, e)
	}
	r.log.WarnContext(ctx, "recorder not started", slog.String("recording_id", rec.ID.String()),
		slog.String("reason", reasonOfFault(err)), slog.Any("error", err))
	if !errors.Is(err, video.ErrNoRecorder) && !errors.Is(err, video.ErrRefused) {
		return nil // it may have been started
	}
	return errors.Join(err, r.fail(ctx, rec, c.ID, capture.StatusFailed, reasonOfFault(err), ""))
}

// notAsked are the words of a capture for which no recorder was asked, because
// there was none a moment ago. It says nothing new of the recorders.
const notAsked = "no recorder was asked, as there was none a moment ago"

// hear takes in what the recorder answered for one capture.
func (r *Recordings) hear(ctx context.Context, roomID, captureID uuid.UUID, e video.Egress) error {
	return r.touch(ctx, roomID, captureID, func(w *work, p *piece) { w.hear(p, e) })
}

// fail ends one capture of which nothing will be heard.
func (r *Recordings) fail(ctx context.Context, rec *ent.Recording, captureID uuid.UUID, status capture.Status, reason, words string) error {
	return r.touch(ctx, rec.RoomID, captureID, func(_ *work, p *piece) { p.is, p.heard = p.is.fail(status, reason, words), true })
}

// touch changes one capture, with its recording.
func (r *Recordings) touch(ctx context.Context, roomID, captureID uuid.UUID, change func(*work, *piece)) error {
	return r.inRoom(ctx, roomID, func(tx *db.Tx, _ *ent.Room) error {
		id, err := tx.Capture.Query().Where(capture.ID(captureID)).QueryRecording().OnlyID(ctx)
		if err != nil {
			return err
		}
		w, err := read(ctx, tx.Client, id)
		if err != nil {
			return err
		}
		for _, p := range w.captures {
			if p.ID == captureID {
				change(w, p)
			}
		}
		return r.save(ctx, tx, w)
	})
}

func reasonOfFault(err error) string {
	if f, ok := fault.Of(err); ok {
		return f.Reason
	}
	return reasonRecorder
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
