package recording

import (
	"context"
	"errors"
	"slices"

	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

// shownPeople is how many of those who were there a notice names.
const shownPeople = 100

// showAvailable adds to a notice what its reader may see of the recording: links
// are made for them, and live as long as others.
func (r *Recordings) showAvailable(ctx context.Context, f notice.RecordingAvailable) (notice.RecordingAvailable, bool, error) {
	rec, err := r.Get(ctx, f.RecordingID)
	if err != nil {
		return f, false, unless(ErrNotFound, err)
	}
	f.Recording = rec.Recording
	if rec.May(access.ReadRecordingAccesses) {
		if err := r.showPeople(ctx, &f); err != nil {
			return f, false, err
		}
	}
	for _, kept := range rec.Edges.Files {
		shown := notice.File{RecordingFile: kept}
		if kept.SeenTime != nil && r.store != nil && rec.May(access.PlayRecording) {
			link, err := r.linkTo(ctx, rec, kept, !rec.Saves())
			if err != nil {
				return f, false, err
			}
			shown.URL, shown.ExpireTime = link.URL, link.ExpireTime
		}
		f.Files = append(f.Files, shown)
	}
	return f, true, nil
}

func (r *Recordings) showPeople(ctx context.Context, f *notice.RecordingAvailable) (err error) {
	if f.Recording.MeetingID == nil {
		return nil
	}
	there := r.db.Participation.Query().Where(participation.MeetingID(*f.Recording.MeetingID), participation.JoinTimeNotNil(),
		participation.KindIn(participation.KindWeb, participation.KindPhone))
	if f.People, err = there.Clone().Count(ctx); err != nil {
		return err
	}
	f.Participants, err = there.Order(participation.ByJoinTime(), participation.ByID()).Limit(shownPeople).All(ctx)
	return err
}

// showProcessed adds what a processor said last, for those who may see the
// recording.
func (r *Recordings) showProcessed(ctx context.Context, f notice.RecordingProcessed) (notice.RecordingProcessed, bool, error) {
	rec, err := r.Get(ctx, f.RecordingID)
	if err != nil {
		return f, false, unless(ErrNotFound, err)
	}
	n := slices.IndexFunc(rec.Processing, func(p schema.Processing) bool { return p.Processor == f.Processor })
	if n < 0 {
		return f, false, nil
	}
	f.Processing = rec.Processing[n]
	return f, true, nil
}

// unless is an error if it is another than the one that is expected.
func unless(expected, err error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}
