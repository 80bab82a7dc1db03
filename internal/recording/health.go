package recording

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// collectTimeout bounds what one reading of the metrics asks for.
	collectTimeout = 5 * time.Second
	// lastCaptures are those by which the recorders are judged.
	lastCaptures = 50
)

var (
	aliveMetric = prometheus.NewDesc("anteroom_recorder_alive",
		"Whether anybody records for a provider: 1 as far as is known, 0 when its health URL says otherwise or none answered within the last minute.",
		[]string{"provider"}, nil)
	failuresMetric = prometheus.NewDesc("anteroom_recorder_failures_in_a_row",
		"How many of the last captures failed, since one went well, by the recorders' own fault (disk, upload, other).",
		[]string{"provider", "kind"}, nil)
)

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

// Describe implements prometheus.Collector.
func (r *Recordings) Describe(to chan<- *prometheus.Desc) {
	to <- aliveMetric
	to <- failuresMetric
}

// Collect implements prometheus.Collector: how recorders are is read when somebody
// asks, so that every process says the same.
func (r *Recordings) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), collectTimeout)
	defer cancel()
	for name := range r.providers {
		recorder, err := r.providers.Recorder(name)
		if err != nil {
			continue
		}
		value := 1.0
		switch err := r.answered(ctx, name, recorder.RecorderHealth(ctx)); {
		case errors.Is(err, video.ErrNoRecorder):
			value = 0
		case err != nil:
			to <- prometheus.NewInvalidMetric(aliveMetric, err)
			continue
		}
		to <- prometheus.MustNewConstMetric(aliveMetric, prometheus.GaugeValue, value, string(name))
		failed, err := r.failures(ctx, name)
		if err != nil {
			to <- prometheus.NewInvalidMetric(failuresMetric, err)
		}
		for kind, n := range failed {
			to <- prometheus.MustNewConstMetric(failuresMetric, prometheus.GaugeValue, float64(n), string(name), kind)
		}
	}
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
