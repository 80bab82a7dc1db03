package recording

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// witnessesAtOnce is how many recordings one statement looks for.
const witnessesAtOnce = 200

// Witnessed takes a store's word that files are there, each as often as it likes:
// those that are waited for are looked for at once. That a recording has ended
// well is the provider's word alone; until it came, a file says nothing.
func (r *Recordings) Witnessed(ctx context.Context, found []storage.Witness) error {
	var ids []uuid.UUID
	for _, w := range found {
		if id, err := storage.RecordingID(w.Key); err == nil {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for some := range slices.Chunk(slices.Compact(ids), witnessesAtOnce) {
		if err := r.hurry(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// hurry has those of some recordings completed now whose files are waited for.
func (r *Recordings) hurry(ctx context.Context, ids []uuid.UUID) error {
	waiting, err := r.db.Recording.Query().Where(
		entrecording.IDIn(db.Padded(ids)...), entrecording.DeleteTimeIsNil(), entrecording.Not(isLive),
		entrecording.HasFilesWith(recordingfile.SeenTimeIsNil()),
	).Order(entrecording.ByID()).IDs(ctx)
	if err != nil || len(waiting) == 0 {
		return err
	}
	all := make([]witnessArgs, len(waiting))
	for n, id := range waiting {
		all[n] = witnessArgs{id}
	}
	return r.db.InTx(ctx, func(tx *db.Tx) error { return job.EnqueueAll(ctx, r.jobs, tx, all) })
}

// witnessArgs asks for the files of a recording to be looked for once, because the
// store says that there is one.
type witnessArgs struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

// Kind is permanent: jobs outlive programs.
func (witnessArgs) Kind() string { return "recording.witness" }

// witnessJob looks once, and leaves what it does not find to completeJob.
func (r *Recordings) witnessJob(ctx context.Context, args witnessArgs, _ job.Attempt) error {
	rec, err := r.db.Recording.Query().Where(visibleID(args.RecordingID)).WithFiles().Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, missing := r.lookForAll(ctx, rec, false); missing != nil || !saved(rec.Status) {
		return nil //nolint:nilerr // it is looked for until it is there
	}
	return r.handOut(ctx, rec)
}
