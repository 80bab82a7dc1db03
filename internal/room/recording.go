package room

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
)

// shows are the modes of recording, the one first that shows most.
var shows = []entrecording.Mode{entrecording.ModeScreen, entrecording.ModeAudio, entrecording.ModeTracks, entrecording.ModeParticipant}

// recordedIn reads what is being recorded in rooms: of several recordings of one
// the one that shows most, and rather one that goes on than one that is only written.
func recordedIn(ctx context.Context, c *ent.Client, rooms ...uuid.UUID) (map[uuid.UUID]*ent.Recording, error) {
	found, err := c.Recording.Query().Where(entrecording.RoomIDIn(rooms...),
		entrecording.StatusIn(entrecording.StatusStarting, entrecording.StatusActive, entrecording.StatusStopping)).
		Order(entrecording.ByID()).All(ctx)
	slices.SortStableFunc(found, func(a, b *ent.Recording) int {
		return cmp.Or(cmp.Compare(goesOn(a), goesOn(b)), cmp.Compare(slices.Index(shows, b.Mode), slices.Index(shows, a.Mode)))
	})
	recorded := map[uuid.UUID]*ent.Recording{}
	for _, rec := range found {
		recorded[rec.RoomID] = rec
	}
	return recorded, err
}

// goesOn is 1 for a recording for which something is captured, and 0 for one that is
// only written.
func goesOn(rec *ent.Recording) int {
	if rec.CapturedTime == nil {
		return 1
	}
	return 0
}
