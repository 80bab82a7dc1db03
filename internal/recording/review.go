package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// young is how long something may have happened before a provider was asked and not
// be in its answer yet: its lists lag behind its events, and its clock may differ.
const young = 2 * time.Second

// Review takes in what a provider held when it was asked: which captures it has at
// work, and which tracks people have.
func (r *Recordings) Review(ctx context.Context, name video.Name, look video.Look) error {
	var failure error
	if look.EgressErr == nil && len(look.Egresses) > 0 {
		err := errors.Join(r.reviewCaptures(ctx, name, look.Egresses), r.stopOrphans(ctx, name, look.Egresses))
		if err != nil {
			failure = fmt.Errorf("review what is captured: %w", err)
		}
	}
	if err := r.reviewTracks(ctx, name, look.Rooms); err != nil {
		failure = errors.Join(failure, fmt.Errorf("review which tracks there are: %w", err))
	}
	return failure
}

// reviewCaptures takes in which captures a provider has at work. Those that are being
// made are looked after by settling; of one that was given up and lives on nobody
// else would hear, and it is stopped.
func (r *Recordings) reviewCaptures(ctx context.Context, name video.Name, atWork []video.Egress) error {
	var egresses []string
	var recordings []uuid.UUID
	for _, e := range atWork {
		egresses = append(egresses, e.ID)
		if id, err := storage.RecordingID(e.Path); err == nil {
			recordings = append(recordings, id)
		}
	}
	given, err := r.db.Capture.Query().Where(givenUp(name, egresses, recordings)).WithRecording().All(ctx)
	if err != nil {
		return err
	}
	rooms := map[uuid.UUID]bool{}
	for _, c := range given {
		rooms[c.Edges.Recording.RoomID] = true
	}
	for room := range rooms {
		events := reconciled(name, room, atWork, r.now())
		err := r.inRoom(ctx, room, func(tx *db.Tx, _ *ent.Room) error { return r.applyEgresses(ctx, tx, events) })
		if err != nil {
			return err
		}
	}
	return nil
}

// reviewTracks begins to capture the tracks of which nobody told, where tracks are
// recorded, and stops what is captured of those whose end nobody told.
func (r *Recordings) reviewTracks(ctx context.Context, name video.Name, seen []video.RoomLook) error {
	recorded, err := r.db.Recording.Query().Where(ofTracks(name)).WithMeeting().WithCaptures(byAge).All(ctx)
	if err != nil || len(recorded) == 0 {
		return err
	}
	bySID := map[string]video.RoomLook{}
	for _, l := range seen {
		if l.Err == nil {
			bySID[l.Room.SID] = l
		}
	}
	var failure error
	for _, rec := range recorded {
		l, ok := bySID[rec.Edges.Meeting.ProviderSid]
		if !ok {
			continue
		}
		unheard, gone := strays(rec.Edges.Captures, l)
		if len(unheard)+len(gone) == 0 {
			continue
		}
		err := r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, room *ent.Room) error { return r.mendTracks(ctx, tx, room, name, unheard, gone) })
		failure = errors.Join(failure, err)
	}
	return failure
}

func (r *Recordings) mendTracks(ctx context.Context, tx *db.Tx, room *ent.Room, name video.Name, unheard []published, gone []string) error {
	for _, p := range unheard {
		if err := r.trackBegan(ctx, tx, room, name, p); err != nil {
			return err
		}
	}
	for _, sid := range gone {
		if err := r.trackGone(ctx, tx, room, sid); err != nil {
			return err
		}
	}
	return nil
}
