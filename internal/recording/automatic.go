package recording

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// RoomChanged has a room recorded whose settings have come to want it, and refuses
// settings that want what cannot be: who reads them believes in it.
func (r *Recordings) RoomChanged(ctx context.Context, tx *db.Tx, before, after *ent.Room) error {
	if after.DeleteTime != nil || before != nil && sameWish(before.Settings, after.Settings) {
		return nil
	}
	if _, err := r.recorder(video.Name(after.Provider)); err != nil && wants(after) {
		return err
	}
	if before == nil {
		return nil
	}
	return r.jobs.Enqueue(ctx, tx, complyArgs{after.ID})
}

// AccessesChanged looks again at a room, which is locked, whose recording begins with
// who runs it: somebody inside may do so now.
func (r *Recordings) AccessesChanged(ctx context.Context, tx *db.Tx, room *ent.Room) error {
	if !wants(room) || room.Settings.RecordingTrigger != TriggerHost {
		return nil
	}
	return r.jobs.Enqueue(ctx, tx, complyArgs{room.ID})
}

// sameWish says whether settings want the same recorded by itself.
func sameWish(a, b schema.RoomSettings) bool {
	return a.RecordingPolicy == b.RecordingPolicy && a.RecordingTrigger == b.RecordingTrigger &&
		a.RecordingMode == b.RecordingMode && a.TrackRecording == b.TrackRecording
}

// joined begins what is recorded by itself when somebody comes in, and heeds what
// they said when they were here before.
func (r *Recordings) joined(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if e.Participant == nil || !e.Participant.Kind.Human() {
		return nil
	}
	if room.Settings.ConsentRequired {
		if err := r.heedAgain(ctx, tx, room, e.Participant.Identity); err != nil {
			return err
		}
	}
	_, err := r.comply(ctx, tx, room)
	return err
}

// left stops what is of somebody who went.
func (r *Recordings) left(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if e.Participant == nil || e.Participant.SID == "" {
		return nil
	}
	live, err := tx.Recording.Query().Where(entrecording.RoomID(room.ID), isLive).Order(entrecording.ByID()).All(ctx)
	if err != nil {
		return err
	}
	if len(live) > 0 {
		gone, err := tx.Participation.Query().Where(participation.ProviderSid(e.Participant.SID),
			participation.ProviderEQ(participation.Provider(e.Provider)), participation.LeaveTimeNotNil()).IDs(ctx)
		if err != nil {
			return err
		}
		for _, id := range gone {
			if err := r.stopOf(ctx, tx, live, id); err != nil {
				return err
			}
		}
	}
	_, err = r.comply(ctx, tx, room) // perhaps it was they who had declined
	return err
}

// stopOf stops what is recorded of one connection.
func (r *Recordings) stopOf(ctx context.Context, tx *db.Tx, live []*ent.Recording, gone uuid.UUID) error {
	for _, rec := range live {
		var err error
		switch {
		case modes[rec.Mode].perTrack:
			err = r.stopSome(ctx, tx, rec.ID, func(p *piece) bool { return p.ParticipationID != nil && *p.ParticipationID == gone })
		case rec.ParticipationID != nil && *rec.ParticipationID == gone:
			err = r.stopAll(ctx, tx, []uuid.UUID{rec.ID}, entrecording.StopCauseMeeting)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// comply begins what a room's settings want recorded and is not. What has ended
// a moment ago is left for a time, which it gives; a job comes for it.
func (r *Recordings) comply(ctx context.Context, tx *db.Tx, room *ent.Room) (later time.Time, err error) {
	if !wants(room) {
		return later, nil
	}
	cause, byItself := causes[room.Settings.RecordingPolicy]
	running, err := runningIn(ctx, tx.Client, room.ID)
	if errors.Is(err, ErrNoMeeting) {
		return later, nil
	}
	if err != nil {
		return later, err
	}
	var wanted []plan
	if byItself {
		wanted, err = r.everybody(ctx, tx.Client, room, running, cause)
	}
	if err == nil && room.Settings.TrackRecording {
		wanted, err = callers(ctx, tx.Client, running, wanted)
	}
	for _, p := range wanted {
		at := time.Time{}
		if err == nil {
			at, err = r.begin(ctx, tx, room, running, p)
		}
		later = earlier(later, at)
	}
	return later, err
}

// wants says whether anything is recorded in a room by itself.
func wants(room *ent.Room) bool {
	_, byItself := causes[room.Settings.RecordingPolicy]
	return room.DeleteTime == nil && (byItself || room.Settings.TrackRecording && room.Settings.RecordingPolicy != PolicyOff)
}

// everybody is what a room's policy wants and is not there.
func (r *Recordings) everybody(ctx context.Context, c *ent.Client, room *ent.Room, running *ent.Meeting, cause entrecording.Cause) ([]plan, error) {
	held, err := c.Recording.Query().Where(held(room, running.ID, cause)...).Exist(ctx)
	if err != nil || held {
		return nil, err
	}
	if cause == entrecording.CauseAutomatic {
		people, hosts, err := present(ctx, c, room.ID, running.ID, r.now())
		if err != nil || !triggered(room.Settings.RecordingTrigger, people, hosts) {
			return nil, err
		}
	}
	return []plan{{NewRecording: NewRecording{Mode: modeOf(room.Settings)}, cause: cause}}, nil
}

// callers adds each who dialled in, is still there, and is not recorded.
func callers(ctx context.Context, c *ent.Client, running *ent.Meeting, wanted []plan) ([]plan, error) {
	present, err := c.Participation.Query().Where(participation.MeetingID(running.ID), db.Present,
		participation.KindEQ(participation.KindPhone)).Order(participation.ByID()).All(ctx)
	if err != nil || len(present) == 0 {
		return wanted, err
	}
	done, err := c.Recording.Query().Where(doneOfCallers(running.ID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	recorded := map[uuid.UUID]bool{}
	for _, rec := range done {
		recorded[*rec.ParticipationID] = true
	}
	for _, who := range present {
		if !recorded[who.ID] {
			wanted = append(wanted, plan{
				NewRecording: NewRecording{Mode: entrecording.ModeParticipant, ParticipationID: who.ID},
				cause:        entrecording.CauseCaller, identity: who.Identity,
			})
		}
	}
	return wanted, nil
}

// begin makes a recording and has the recorder asked soon, unless it was tried a
// moment ago: then it gives the time to try again. That one runs already, or that
// somebody has declined, is no error here. What cannot be recorded at all fails to
// start, once a meeting, so that nobody believes in it.
func (r *Recordings) begin(ctx context.Context, tx *db.Tx, room *ent.Room, running *ent.Meeting, p plan) (later time.Time, err error) {
	if later, err = r.tryAgain(ctx, tx.Client, running.ID, p.Mode, p.identity); err != nil || r.now().Before(later) {
		return later, err
	}
	_, unable := r.recorder(video.Name(room.Provider))
	if unable != nil && !later.IsZero() {
		return time.Time{}, nil // it was said
	}
	id, err := r.insert(ctx, tx, room, p)
	switch {
	case errors.Is(err, ErrRunning), errors.Is(err, ErrDeclined), errors.Is(err, ErrNoMeeting), errors.Is(err, ErrNoParticipant):
		return time.Time{}, nil
	case err != nil:
		return later, err
	case unable != nil:
		return time.Time{}, r.inVain(ctx, tx, id, unable)
	}
	return time.Time{}, r.jobs.Enqueue(ctx, tx, askArgs{id})
}

// inVain ends a recording that nobody can make, and says so.
func (r *Recordings) inVain(ctx context.Context, tx *db.Tx, id uuid.UUID, unable error) error {
	now, reason := r.now(), reasonOfFault(unable)
	r.log.WarnContext(ctx, "what has to be recorded cannot be", slog.String("recording_id", id.String()), slog.String("reason", reason))
	err := tx.Capture.Update().Where(capture.RecordingID(id)).SetStatus(capture.StatusFailed).SetReason(reason).SetHeardTime(now).Exec(ctx)
	if err != nil {
		return err
	}
	rec, err := tx.Recording.UpdateOneID(id).SetStatus(entrecording.StatusFailedToStart).SetReason(reason).
		SetCapturedTime(now).SetEndTime(now).SetUpdateTime(now).Save(ctx)
	if err != nil {
		return err
	}
	return r.tell(ctx, tx, rec)
}

// tryAgain is when what is recorded by itself is begun anew, the zero time when
// it has not been yet.
func (r *Recordings) tryAgain(ctx context.Context, c *ent.Client, meetingID uuid.UUID, mode entrecording.Mode, identity string) (time.Time, error) {
	done, err := c.Recording.Query().Where(entrecording.MeetingID(meetingID), entrecording.ModeEQ(mode), entrecording.Identity(identity),
		entrecording.CauseNEQ(entrecording.CausePerson), entrecording.Not(isCapturing)).
		Order(entrecording.ByID(sql.OrderDesc())).Limit(pauseSpells).All(ctx)
	if err != nil || len(done) == 0 {
		return time.Time{}, err
	}
	var spells []spell
	for _, rec := range done {
		spells = append(spells, spell{rec.CapturedTime.Sub(rec.CreateTime), live(rec.Status) || saved(rec.Status)})
	}
	return done[0].CapturedTime.Add(pause(spells, r.steadyFor())), nil
}

// complyArgs asks for a room to be recorded as its settings want it.
type complyArgs struct {
	RoomID uuid.UUID `json:"room_id"`
}

// Kind is permanent: jobs outlive programs.
func (complyArgs) Kind() string { return "recording.comply" }

// complyLater has a room looked at when it is time to begin anew what was captured
// until now; at once for a meeting that has had to wait for it.
func (r *Recordings) complyLater(ctx context.Context, tx *db.Tx, done *ent.Recording) error {
	if done.MeetingID == nil {
		return nil
	}
	running, err := runningIn(ctx, tx.Client, done.RoomID)
	switch {
	case err != nil && !errors.Is(err, ErrNoMeeting):
		return err
	case err == nil && running.ID != *done.MeetingID:
		return r.jobs.Enqueue(ctx, tx, complyArgs{done.RoomID})
	}
	at, err := r.tryAgain(ctx, tx.Client, *done.MeetingID, done.Mode, done.Identity)
	if err != nil {
		return err
	}
	return r.jobs.Enqueue(ctx, tx, complyArgs{done.RoomID}, job.At(at))
}

func (r *Recordings) complyJob(ctx context.Context, args complyArgs, _ job.Attempt) error {
	room, err := r.db.Room.Get(ctx, args.RoomID)
	if err != nil || !wants(room) {
		return err
	}
	if _, err := runningIn(ctx, r.db.Client, room.ID); errors.Is(err, ErrNoMeeting) {
		return nil
	}
	if err := r.ready(ctx, video.Name(room.Provider)); errors.Is(err, video.ErrNoRecorder) {
		return job.Snooze(firstPause)
	}
	var later time.Time
	err = r.inRoom(ctx, args.RoomID, func(tx *db.Tx, room *ent.Room) error {
		later, err = r.comply(ctx, tx, room)
		return err
	})
	if err == nil && !later.IsZero() {
		return job.Snooze(max(later.Sub(r.now()), time.Second))
	}
	return err
}
