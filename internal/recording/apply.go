package recording

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Apply merges what is told of captures in our rooms, which the caller has
// locked, and begins and ends recordings as people come and go.
func (r *Recordings) Apply(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) error {
	if err := r.applyEgresses(ctx, tx, events); err != nil {
		return fmt.Errorf("apply what recorders said: %w", err)
	}
	for _, e := range events {
		var err error
		switch e.Kind {
		case video.RoomFinished, video.RoomMissed:
			err = r.meetingOver(ctx, tx, e)
		case video.TrackPublished:
			err = r.trackPublished(ctx, tx, rooms[e.Room.Name], e)
		case video.TrackUnpublished:
			err = r.trackUnpublished(ctx, tx, rooms[e.Room.Name], e)
		case video.ParticipantJoined, video.ParticipantSeen:
			err = r.joined(ctx, tx, rooms[e.Room.Name], e)
		case video.ParticipantLeft, video.ParticipantMissed, video.ParticipantAborted:
			err = r.left(ctx, tx, rooms[e.Room.Name], e)
		}
		if err != nil {
			return fmt.Errorf("apply %s to recordings: %w", e.Type, err)
		}
	}
	return nil
}

// applyEgresses merges what is said of captures. A capture that nobody wants is
// stopped: its recording has ended, because no answer came in time.
func (r *Recordings) applyEgresses(ctx context.Context, tx *db.Tx, events []video.Event) error {
	heard, err := concerned(ctx, tx.Client, events)
	if err != nil {
		return err
	}
	for _, w := range heard {
		news := false
		for _, e := range events {
			if e.Egress == nil || w.Provider != entrecording.Provider(e.Provider) || w.RoomID.String() != e.Egress.RoomName {
				continue
			}
			p := w.pieceOf(*e.Egress)
			if p == nil || e.Origin == video.Reconciled && !r.isNews(w, p, *e.Egress) {
				continue
			}
			news = true
			w.hear(p, *e.Egress)
			if p.outlives(*e.Egress) {
				if err := r.jobs.Enqueue(ctx, tx, stopArgs{RecordingID: w.ID}); err != nil {
					return err
				}
			}
		}
		if !news {
			continue
		}
		if err := r.save(ctx, tx, w); err != nil {
			return err
		}
	}
	return nil
}

// isNews says whether anything follows from what a list has of a capture: one that has
// ended is in it for a day, and what a dead recorder left for ever.
func (r *Recordings) isNews(w *work, p *piece, e video.Egress) bool {
	switch since := cmp.Or(w.CapturedTime, p.StopTime); {
	case further(p.was.status, statuses[e.Status]) != p.was.status:
		return true
	case p.outlives(e) && since != nil:
		return stopsAnew(*since, p.HeardTime, r.now())
	}
	return !p.was.ended() || w.AvailableTime == nil
}

// outlives says of a capture that was given up whether it lives as far as its provider
// knows.
func (p *piece) outlives(e video.Egress) bool {
	return p.was.ended() && !e.Status.Ended() && !p.was.well() && p.was.error == ""
}

// concerned reads the recordings that events of captures are about.
func concerned(ctx context.Context, c *ent.Client, events []video.Event) ([]*work, error) {
	var egresses []string
	var ids []uuid.UUID
	for _, e := range events {
		if e.Egress == nil {
			continue
		}
		egresses = append(egresses, e.Egress.ID)
		if id, err := storage.RecordingID(e.Egress.Path); err == nil {
			ids = append(ids, id)
		}
	}
	if len(egresses) == 0 {
		return nil, nil
	}
	rows, err := c.Recording.Query().Where(entrecording.Or(
		entrecording.IDIn(db.Padded(ids)...), entrecording.HasCapturesWith(capture.EgressIDIn(db.Padded(egresses)...)),
	)).Order(entrecording.ByID()).WithCaptures(byAge).All(ctx)
	if err != nil {
		return nil, err
	}
	var all []*work
	for _, row := range rows {
		w, err := open(row)
		if err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, nil
}

// meetingOver stops what is recorded of a meeting that is over: recorders end by
// themselves, but not one that has not begun.
func (r *Recordings) meetingOver(ctx context.Context, tx *db.Tx, e video.Event) error {
	if e.Room.SID == "" {
		return nil
	}
	ids, err := tx.Recording.Query().Where(isLive, entrecording.StopTimeIsNil(), entrecording.HasMeetingWith(
		entmeeting.ProviderSid(e.Room.SID), entmeeting.ProviderEQ(entmeeting.Provider(e.Provider)))).Order(entrecording.ByID()).IDs(ctx)
	if err != nil {
		return err
	}
	return r.stopAll(ctx, tx, ids, entrecording.StopCauseMeeting)
}
