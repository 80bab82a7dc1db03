package recording

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrProcessingFull says that as many processors have reported as may.
var ErrProcessingFull = fault.New(fault.Exhausted, "processing_full", "too many processors have reported on this recording")

const maxProcessors = 20

// Report keeps what a processor says of its work; of each the last word.
func (r *Recordings) Report(ctx context.Context, id uuid.UUID, p schema.Processing) (*Recording, error) {
	p.Time = r.now()
	err := r.change(ctx, id, access.ReportProcessing, func(tx *db.Tx, rec *Recording) error {
		all := slices.DeleteFunc(slices.Clone(rec.Processing), func(o schema.Processing) bool { return o.Processor == p.Processor })
		if len(all) >= maxProcessors {
			return ErrProcessingFull
		}
		return tx.Recording.UpdateOneID(id).SetProcessing(append(all, p)).SetUpdateTime(r.now()).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}
