package recording

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// Review takes in which captures a provider has at work. Those that are being made
// are looked after by settling; of one that was given up and lives on nobody else
// would hear, and it is stopped.
func (r *Recordings) Review(ctx context.Context, name video.Name, atWork []video.Egress) error {
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
