package recording

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// orphansAtOnce is how many are stopped at once: a dead recorder takes seconds not to
// answer.
const orphansAtOnce = 16

// orphans remembers which captures without a recording were to be stopped: what a dead
// recorder left is listed for ever. A process that begins anew asks once more.
type orphans struct {
	mu    sync.Mutex
	asked map[string]orphan // by the capture's id
}

type orphan struct{ found, asked time.Time }

// due says whether one is to be stopped now.
func (o *orphans) due(id string, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	known, ok := o.asked[id]
	switch {
	case !ok:
		known.found = now
	case !stopsAnew(known.found, known.asked, now):
		return false
	}
	if o.asked == nil {
		o.asked = map[string]orphan{}
	}
	o.asked[id] = orphan{known.found, now}
	return true
}

// stopOrphans stops captures of ours whose recordings are gone: each has its row
// before anybody asks for it, so nobody will ever hear of them.
func (r *Recordings) stopOrphans(ctx context.Context, name video.Name, atWork []video.Egress) error {
	var ids []uuid.UUID
	for _, e := range atWork {
		if id, err := storage.RecordingID(e.Path); err == nil {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := r.db.Recording.Query().Where(entrecording.IDIn(db.Padded(ids)...)).IDs(ctx)
	if err != nil {
		return err
	}
	there := map[uuid.UUID]bool{}
	for _, id := range rows {
		there[id] = true
	}
	var group errgroup.Group
	group.SetLimit(orphansAtOnce)
	for _, e := range atWork {
		if id, err := storage.RecordingID(e.Path); err == nil && !there[id] {
			group.Go(func() error { return r.stopOrphan(ctx, name, id, e) })
		}
	}
	return group.Wait()
}

// stopOrphan stops a capture if it is ours beyond doubt. What others capture is left
// alone. That it cannot be stopped is no failure of the round, as another one comes.
func (r *Recordings) stopOrphan(ctx context.Context, name video.Name, id uuid.UUID, e video.Egress) error {
	roomID, err := uuid.Parse(e.RoomName)
	if err != nil || roomID.String() != e.RoomName {
		return nil //nolint:nilerr // it is not in a room of ours
	}
	room, err := r.db.Room.Query().Where(entroom.ID(roomID), entroom.ProviderEQ(entroom.Provider(name))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if !r.wouldBe(room, id, e.Path) || !r.orphans.due(e.ID, r.now()) {
		return nil
	}
	recorder, err := r.providers.Recorder(name)
	if err != nil {
		return err
	}
	log := r.log.With(slog.String("recording_id", id.String()), slog.String("room_id", room.ID.String()), slog.String("egress_id", e.ID))
	log.WarnContext(ctx, "a capture whose recording is gone is stopped")
	if err := recorder.StopCapture(ctx, e.ID); err != nil && !errors.Is(err, video.ErrTooEarly) {
		log.WarnContext(ctx, "a capture whose recording is gone cannot be stopped", slog.Any("error", err))
	}
	return nil
}

// wouldBe says whether a file is where a recording of a room is put, and was named by
// us: our ids are of version 7.
func (r *Recordings) wouldBe(room *ent.Room, id uuid.UUID, key string) bool {
	ours := audio.key(r.config, room, id, subject{}, r.now())
	return id.Version() == 7 && path.Dir(key) == path.Dir(ours)
}
