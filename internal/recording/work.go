package recording

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// work is a recording with its captures, read under the lock of its room,
// changed in memory and saved.
type work struct {
	*ent.Recording
	captures []*piece
	stop     entrecording.StopCause // asked for; "" while it is to go on
	files    map[string]fileOf      // by key
}

// piece is one capture as it was and as it is.
type piece struct {
	*ent.Capture
	was, is captureFacts
	heard   bool // something was said about it
	missing bool // the provider was asked and does not know it
	stop    bool // it is to stop from now on, while its recording goes on
}

// fileOf is a file that a capture wrote.
type fileOf struct {
	video.File
	*piece
}

func open(rec *ent.Recording) (*work, error) {
	captures, err := rec.Edges.CapturesOrErr()
	if err != nil {
		return nil, err
	}
	w := &work{Recording: rec, files: map[string]fileOf{}}
	if rec.StopCause != nil {
		w.stop = *rec.StopCause
	}
	for _, c := range captures {
		f := factsOf(c)
		w.captures = append(w.captures, &piece{Capture: c, was: f, is: f})
	}
	return w, nil
}

func factsOf(c *ent.Capture) captureFacts {
	f := captureFacts{status: c.Status, began: c.Began, reason: c.Reason, error: c.Error}
	if c.StartTime != nil {
		f.start = *c.StartTime
	}
	if c.EndTime != nil {
		f.end = *c.EndTime
	}
	return f
}

// read finds a recording with its captures.
func read(ctx context.Context, c *ent.Client, id uuid.UUID) (*work, error) {
	rec, err := c.Recording.Query().Where(entrecording.ID(id)).WithCaptures(byAge).Only(ctx)
	if err != nil {
		return nil, err
	}
	return open(rec)
}

func byAge(q *ent.CaptureQuery) { q.Order(capture.ByID()) }

// hear merges what the provider says of one of the captures.
func (w *work) hear(p *piece, e video.Egress) {
	p.is, p.heard = p.is.merge(e), true
	if p.EgressID == nil {
		p.EgressID = &e.ID
	}
	for _, f := range e.Files {
		if f.Path != "" && p.is.well() {
			w.files[f.Path] = fileOf{f, p}
		}
	}
}

// pieceOf is the capture that an egress is: by its id, or when that was not
// heard of yet, by the file that was asked for.
func (w *work) pieceOf(e video.Egress) *piece {
	for _, p := range w.captures {
		if p.EgressID != nil && *p.EgressID == e.ID {
			return p
		}
	}
	for _, p := range w.captures {
		if p.EgressID == nil && p.Path == e.Path {
			return p
		}
	}
	return nil
}

func (w *work) wish() wish { return wish{w.stop, modes[w.Mode].perTrack} }

func (w *work) facts() (all []captureFacts) {
	for _, p := range w.captures {
		all = append(all, p.is)
	}
	return all
}

// status is how far the recording is now.
func (w *work) status() entrecording.Status { return add(w.wish(), w.facts()) }

// save writes what has changed, and sees to what follows from it.
func (r *Recordings) save(ctx context.Context, tx *db.Tx, w *work) error {
	for _, p := range w.captures {
		if err := r.savePiece(ctx, tx, p); err != nil {
			return fmt.Errorf("write a capture: %w", err)
		}
	}
	before := w.Recording
	if err := r.saveRecording(ctx, tx, w); err != nil {
		return fmt.Errorf("write a recording: %w", err)
	}
	late, err := r.saveFiles(ctx, tx, w)
	if err != nil {
		return fmt.Errorf("write the files of a recording: %w", err)
	}
	if late && saved(before.Status) { // it may have been handed out without them
		if err := r.jobs.Enqueue(ctx, tx, completeArgs{w.ID}, job.MaxAttempts(completeTries)); err != nil {
			return err
		}
	}
	if err := r.follow(ctx, tx, w, before); err != nil {
		return err
	}
	failpoint.Here("recording changed, not committed")
	return nil
}

func (r *Recordings) savePiece(ctx context.Context, tx *db.Tx, p *piece) error {
	if p.is == p.was && !p.heard && !p.missing && !p.stop {
		return nil
	}
	u := tx.Capture.UpdateOneID(p.ID).SetNillableEgressID(p.EgressID).
		SetStatus(p.is.status).SetBegan(p.is.began).SetReason(p.is.reason).SetError(p.is.error).
		SetNillableStartTime(timeOf(p.is.start)).SetNillableEndTime(timeOf(p.is.end))
	if p.stop {
		u.SetStopTime(r.now())
	}
	switch {
	case p.heard:
		u.SetHeardTime(r.now()).ClearMissedTime()
	case p.missing && p.MissedTime == nil:
		u.SetMissedTime(r.now())
	}
	if p.is.error != "" && p.is.error != p.was.error {
		r.log.WarnContext(ctx, "a recorder failed", slog.String("recording_id", p.RecordingID.String()),
			slog.String("egress_id", deref(p.EgressID)), slog.String("reason", p.is.reason), slog.String("error", p.is.error))
	}
	return u.Exec(ctx)
}

func (r *Recordings) saveRecording(ctx context.Context, tx *db.Tx, w *work) (err error) {
	status, all := w.status(), w.facts()
	var start, end time.Time
	for _, f := range all {
		if f.began || f.well() {
			start = earlier(start, f.start)
		}
		if f.end.After(end) {
			end = f.end
		}
	}
	lasts := w.DurationMs
	for _, f := range w.files {
		lasts = max(lasts, f.Duration.Milliseconds())
	}
	u := tx.Recording.UpdateOneID(w.ID).SetStatus(status).SetReason(why(status, all)).
		SetNillableStartTime(timeOf(start)).SetDurationMs(lasts).SetUpdateTime(r.now())
	if w.CapturedTime == nil && !capturing(w.wish(), all) {
		u.SetCapturedTime(r.now())
	}
	if !live(status) {
		if end.IsZero() {
			end = r.now()
		}
		if w.EndTime == nil || end.After(*w.EndTime) && saved(status) {
			u.SetEndTime(end)
		}
	}
	if w.stop != "" && w.StopCause == nil {
		u.SetStopCause(w.stop).SetStopTime(r.now())
	}
	edges := w.Edges
	if w.Recording, err = u.Save(ctx); err != nil {
		return err
	}
	w.Edges = edges
	return nil
}

// saveFiles says whether there were any that nobody knew of.
func (r *Recordings) saveFiles(ctx context.Context, tx *db.Tx, w *work) (isNew bool, err error) {
	var rows [][]any
	for key, f := range w.files {
		start := timeOf(f.StartTime)
		rows = append(rows, []any{
			uuid.Must(uuid.NewV7()), w.ID, key, f.ParticipationID, f.TrackSid, f.Size, f.Duration.Milliseconds(), start, r.now(),
		})
	}
	written, err := tx.InsertRows(ctx, fileRows, rows)
	return len(written) > 0, err
}

var fileRows = db.Rows{
	Table: recordingfile.Table,
	Columns: []string{
		recordingfile.FieldID, recordingfile.FieldRecordingID, recordingfile.FieldKey,
		recordingfile.FieldParticipationID, recordingfile.FieldTrackSid, recordingfile.FieldSize,
		recordingfile.FieldDurationMs, recordingfile.FieldStartTime, recordingfile.FieldCreateTime,
	},
	Conflict: "DO NOTHING", Returning: recordingfile.FieldKey,
}

// follow publishes how far a recording is when that has changed, and enqueues
// what has to be done about it.
func (r *Recordings) follow(ctx context.Context, tx *db.Tx, w *work, before *ent.Recording) error {
	if before.CapturedTime == nil && w.CapturedTime != nil || live(before.Status) && !live(w.Status) {
		if err := r.complyLater(ctx, tx, w.Recording); err != nil {
			return err
		}
	}
	if w.Status == before.Status {
		return nil
	}
	if err := r.tell(ctx, tx, w.Recording); err != nil {
		return err
	}
	switch {
	case saved(w.Status) && !saved(before.Status):
		return r.jobs.Enqueue(ctx, tx, completeArgs{w.ID}, job.MaxAttempts(completeTries))
	case w.Status == entrecording.StatusActive && r.config.MaxDuration > 0:
		return r.watchLimit(ctx, tx, w.Recording)
	case w.Status == entrecording.StatusStopping && w.stop != "":
		return r.jobs.Enqueue(ctx, tx, stopArgs{RecordingID: w.ID})
	}
	return nil
}

// tell tells of how far a recording is: those who watch, and those in the room.
func (r *Recordings) tell(ctx context.Context, tx *db.Tx, rec *ent.Recording) error {
	if err := r.notices.Publish(ctx, tx, r.changed(rec)); err != nil {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, announceArgs{rec.RoomID})
}

// changed is what others are told of how far a recording is.
func (r *Recordings) changed(rec *ent.Recording) notice.Fact {
	f := notice.RecordingChanged{
		RoomID: rec.RoomID, RecordingID: rec.ID, Mode: rec.Mode.String(), Status: rec.Status.String(),
		Reason: rec.Reason, StartTime: rec.StartTime, LimitNear: limitNear(rec),
	}
	if r.config.MaxDuration > 0 && rec.StartTime != nil {
		at := r.limit(rec)
		f.LimitTime = &at
	}
	return f
}

func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t
}
