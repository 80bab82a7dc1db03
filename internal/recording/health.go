package recording

import (
	"context"
	"errors"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/internal/telemetry"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// lastCaptures are those by which the recorders are judged.
const lastCaptures = 50

// faults are the kinds of reasons for which recorders themselves are to blame;
// the others say nothing about them.
var faults = map[string]string{
	reasonDisk: "disk", reasonUpload: "upload",
	reasonRecorder: "other", reasonLost: "other", reasonNoAnswer: "other", video.ErrNoRecorder.Reason: "other",
}

// streaks are how many captures failed since the last that went well, by kind; the
// newest comes first.
func streaks(newest []captureFacts) map[string]int {
	failed := map[string]int{"disk": 0, "upload": 0, "other": 0}
	for _, f := range newest {
		if f.well() {
			break
		}
		if kind := faults[f.reason]; kind != "" {
			failed[kind]++
		}
	}
	return failed
}

// eachRecorder reads something of every provider that can record.
func (r *Recordings) eachRecorder(read func(video.Name, video.Recorder) ([]telemetry.Value, error)) (all []telemetry.Value, failure error) {
	for name := range r.providers {
		recorder, err := r.providers.Recorder(name)
		if err != nil {
			continue
		}
		values, err := read(name, recorder)
		all, failure = append(all, values...), errors.Join(failure, err)
	}
	return all, failure
}

// readAlive says of each provider whether anybody records for it.
func (r *Recordings) readAlive(ctx context.Context) ([]telemetry.Value, error) {
	return r.eachRecorder(func(name video.Name, recorder video.Recorder) ([]telemetry.Value, error) {
		value := 1.0
		switch err := r.answered(ctx, name, recorder.RecorderHealth(ctx)); {
		case errors.Is(err, video.ErrNoRecorder):
			value = 0
		case err != nil:
			return nil, err
		}
		return []telemetry.Value{{Number: value, Labels: []string{string(name)}}}, nil
	})
}

// readFailures counts of each provider the captures that failed in a row.
func (r *Recordings) readFailures(ctx context.Context) ([]telemetry.Value, error) {
	return r.eachRecorder(func(name video.Name, _ video.Recorder) (values []telemetry.Value, err error) {
		failed, err := r.failures(ctx, name)
		for kind, n := range failed {
			values = append(values, telemetry.Value{Number: float64(n), Labels: []string{string(name), kind}})
		}
		return values, err
	})
}

func (r *Recordings) failures(ctx context.Context, name video.Name) (map[string]int, error) {
	rows, err := r.db.Capture.Query().Where(capture.ProviderEQ(capture.Provider(name)), hasEnded).
		Order(ent.Desc(capture.FieldID)).Limit(lastCaptures).All(ctx)
	if err != nil {
		return nil, err
	}
	var newest []captureFacts
	for _, row := range rows {
		newest = append(newest, factsOf(row))
	}
	return streaks(newest), nil
}
