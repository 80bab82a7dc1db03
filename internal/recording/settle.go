package recording

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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

const (
	// settleEvery is how often what is being recorded is compared with what
	// providers know of it.
	settleEvery = 15 * time.Second
	// quietFor is how long nothing is heard of a capture before anybody asks.
	quietFor = 20 * time.Second
	// askAgain is when somebody must have asked the recorder for a new capture, unless
	// its process is gone.
	askAgain = 10 * time.Second
	// answerWithin is when a recorder that was asked has begun, or never does.
	answerWithin = 90 * time.Second
	// missedFor is how long a provider has to know nothing of a capture before it
	// is lost: one that lost its memory lists nothing for a while.
	missedFor = time.Minute
	// stopWithin is when a capture has ended that was asked to, or its recorder is
	// gone; and writeWithin when its file is written, which may take long.
	stopWithin  = 5 * time.Minute
	writeWithin = 30 * time.Minute
	// desertedFor is how long a recorder is out of the room before it is gone: it may
	// come back, or be about to say how it ended.
	desertedFor = 2 * time.Minute
	// endedFor is how long a meeting is over before what is recorded of it is
	// stopped by who only asks.
	endedFor = time.Minute
)

// settleArgs asks for a round of settling.
type settleArgs struct{}

// Kind is permanent: jobs outlive programs.
func (settleArgs) Kind() string { return "recording.settle" }

// settleJob is not tried again: the next round comes by itself.
func (r *Recordings) settleJob(ctx context.Context, _ settleArgs, _ job.Attempt) error {
	if err := r.Settle(ctx); err != nil {
		return job.Cancel(err)
	}
	return nil
}

// Settle finds out what was not heard of recordings that are being made.
func (r *Recordings) Settle(ctx context.Context) error {
	now := r.now()
	live, err := r.db.Recording.Query().Where(isLive).Order(entrecording.ByID()).WithMeeting().WithCaptures(byAge).All(ctx)
	if err != nil {
		return err
	}
	quiet := map[place]bool{}
	var failure error
	for _, rec := range live {
		if isQuiet(rec, now) {
			quiet[place{video.Name(rec.Provider), rec.RoomID}] = true
		}
		failure = errors.Join(failure, r.resume(ctx, rec, now), r.revive(ctx, rec, now))
	}
	for at := range quiet {
		if err := r.settleRoom(ctx, at); err != nil {
			failure = errors.Join(failure, fmt.Errorf("settle the recordings of a room: %w", err))
		}
	}
	return failure
}

// place is a room at its provider.
type place struct {
	provider video.Name
	roomID   uuid.UUID
}

func isQuiet(rec *ent.Recording, now time.Time) bool {
	return slices.ContainsFunc(rec.Edges.Captures, func(c *ent.Capture) bool {
		return !factsOf(c).ended() && c.AskTime != nil && now.Sub(c.HeardTime) >= quietFor
	})
}

// resume takes up what a process left undone, and stops what outlived its meeting.
func (r *Recordings) resume(ctx context.Context, rec *ent.Recording, now time.Time) error {
	if slices.ContainsFunc(rec.Edges.Captures, func(c *ent.Capture) bool {
		return c.AskTime == nil && c.Status == capture.StatusAsked && now.Sub(c.CreateTime) >= askAgain
	}) {
		err := r.db.InTx(ctx, func(tx *db.Tx) error { return r.jobs.Enqueue(ctx, tx, askArgs{rec.ID}) })
		if err != nil {
			return err
		}
	}
	over := rec.Edges.Meeting != nil && rec.Edges.Meeting.EndTime != nil && now.Sub(*rec.Edges.Meeting.EndTime) >= endedFor
	if !over || rec.StopTime != nil {
		return nil
	}
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		return r.stopAll(ctx, tx, []uuid.UUID{rec.ID}, entrecording.StopCauseMeeting)
	})
}

// settleRoom asks a provider for all captures of a room, and takes the answer in
// as if it had been told.
func (r *Recordings) settleRoom(ctx context.Context, at place) error {
	recorder, err := r.providers.Recorder(at.provider)
	if err != nil {
		return err
	}
	asked := r.now()
	listed, err := recorder.ListCaptures(ctx, at.roomID.String())
	failpoint.Here("captures listed, not taken in")
	if err != nil {
		return err
	}
	events := reconciled(at.provider, at.roomID, listed, asked)
	return r.inRoom(ctx, at.roomID, func(tx *db.Tx, _ *ent.Room) error {
		if err := r.applyEgresses(ctx, tx, events); err != nil {
			return err
		}
		return r.miss(ctx, tx, at, listed, asked)
	})
}

// reconciled is what a provider knows of a room's captures, as if it had been told.
func reconciled(name video.Name, roomID uuid.UUID, listed []video.Egress, asked time.Time) (events []video.Event) {
	for _, e := range listed {
		if e.RoomName == roomID.String() {
			events = append(events, video.Event{
				Provider: name, Kind: video.EgressUpdated, Time: asked, ReceiveTime: asked, Origin: video.Reconciled,
				Room: video.EventRoom{Name: e.RoomName, SID: e.RoomSID}, Egress: &e,
			})
		}
	}
	return events
}

// miss ends captures that a provider does not know, those that it was asked for
// and never began as well as those that it has known and lost, and those of which it
// does not know that they have ended: of a recorder that was killed it never hears.
func (r *Recordings) miss(ctx context.Context, tx *db.Tx, at place, listed []video.Egress, asked time.Time) error {
	live, err := tx.Recording.Query().Where(entrecording.RoomID(at.roomID), isLive).Order(entrecording.ByID()).WithCaptures(byAge).All(ctx)
	if err != nil {
		return err
	}
	gone, err := deserted(ctx, tx.Client, live, r.now().Add(-desertedFor))
	if err != nil {
		return err
	}
	for _, rec := range live {
		w, err := open(rec)
		if err != nil {
			return err
		}
		for _, p := range w.captures {
			known := slices.ContainsFunc(listed, func(e video.Egress) bool { return w.pieceOf(e) == p })
			switch {
			case p.is.ended() || p.AskTime == nil:
			case known && (r.overdue(w, p) || gone[p.ID]):
				r.giveUp(ctx, p, reasonLost)
			case !known && p.HeardTime.Before(asked):
				r.conclude(ctx, p)
			}
		}
		if err := r.save(ctx, tx, w); err != nil {
			return err
		}
	}
	return nil
}

// conclude is what an unknown capture means.
func (r *Recordings) conclude(ctx context.Context, p *piece) {
	now := r.now()
	switch {
	case p.EgressID == nil && now.Sub(*p.AskTime) >= answerWithin:
		r.giveUp(ctx, p, reasonNoAnswer)
	case p.EgressID != nil && p.MissedTime == nil:
		p.missing = true
	case p.EgressID != nil && now.Sub(*p.MissedTime) >= missedFor:
		r.giveUp(ctx, p, reasonLost)
	}
}

// overdue says whether a capture should have ended that the provider still lists:
// of a recorder that is gone it never hears.
func (r *Recordings) overdue(w *work, p *piece) bool {
	asked := cmp.Or(p.StopTime, w.StopTime)
	if asked == nil {
		return false
	}
	within := stopWithin
	if p.is.status == capture.StatusEnding {
		within = writeWithin
	}
	return r.now().Sub(*asked) >= within
}

// giveUp ends a capture. Should it live after all, it is stopped when it is heard
// of; should it have written its file, that is still found.
func (r *Recordings) giveUp(ctx context.Context, p *piece, reason string) {
	p.is, p.heard = p.is.fail(capture.StatusFailed, reason, ""), true
	r.log.WarnContext(ctx, "recorder is given up", slog.String("recording_id", p.RecordingID.String()), slog.String("reason", reason))
}
