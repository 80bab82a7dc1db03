package recording

import (
	"context"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// ready says why a provider cannot record now, which is asked outside of
// transactions: by what watches its recorders, or else by what came of the last
// questions.
func (r *Recordings) ready(ctx context.Context, name video.Name) error {
	recorder, err := r.recorder(name)
	if err != nil {
		return err
	}
	return r.answered(ctx, name, recorder.RecorderHealth(ctx))
}

// Able says why a provider cannot record now, as Start would: ErrNoStore,
// video.ErrNotRecording or video.ErrNoRecorder. It asks no provider, and goes by
// how its recorders were heard to be last.
func (r *Recordings) Able(ctx context.Context, name video.Name, heard video.Health) error {
	if _, err := r.recorder(name); err != nil {
		return err
	}
	return r.answered(ctx, name, heard)
}

// Always says whether all that happens in a room is recorded: its settings want it, and
// here things can be. That nobody records just now is no exception.
func (r *Recordings) Always(room *ent.Room) bool {
	_, err := r.recorder(video.Name(room.Provider))
	return err == nil && room.Settings.RecordingPolicy == PolicyCompliance
}

// recorder is that of a provider, if what it records can be kept.
func (r *Recordings) recorder(name video.Name) (video.Recorder, error) {
	if _, err := r.kept(); err != nil {
		return nil, err
	}
	return r.providers.Recorder(name)
}

// kept is where files are, or ErrNoStore: the setting may be gone and what was recorded
// before is not.
func (r *Recordings) kept() (storage.Store, error) {
	if r.store == nil {
		return nil, ErrNoStore
	}
	return r.store, nil
}

// answered is video.ErrNoRecorder if nobody records for a provider, as far as can
// be known.
func (r *Recordings) answered(ctx context.Context, name video.Name, health video.Health) error {
	missing := health == video.Unhealthy
	if health == video.HealthUnknown {
		var err error
		if missing, err = r.db.Capture.Query().Where(unanswered(name, r.now().Add(-missingFor))).Exist(ctx); err != nil {
			return err
		}
	}
	if missing {
		return video.ErrNoRecorder
	}
	return nil
}
