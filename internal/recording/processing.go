package recording

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

// ErrProcessingFull says that as many processors have reported as may.
var ErrProcessingFull = fault.New(fault.Exhausted, "processing_full", "too many processors have reported on this recording")

// Report keeps what a processor says of its work; of each the last word. Who says
// the same again changes nothing.
func (r *Recordings) Report(ctx context.Context, id uuid.UUID, p schema.Processing) (*Recording, error) {
	p.Time = r.now()
	err := r.change(ctx, id, access.ReportProcessing, func(tx *db.Tx, rec *Recording) error {
		all, changed, err := reported(rec.Processing, p)
		if err != nil || !changed {
			return err
		}
		if err := tx.Recording.UpdateOneID(id).SetProcessing(all).SetUpdateTime(r.now()).Exec(ctx); err != nil {
			return err
		}
		return r.notices.Publish(ctx, tx, notice.RecordingProcessed{RoomID: rec.RoomID, RecordingID: id, Processor: p.Processor})
	})
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, id)
}
