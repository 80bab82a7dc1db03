package job

import (
	"log/slog"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// Finished reads the metric of finished runs.
func Finished(t *testing.T, kind, outcome string) float64 {
	t.Helper()
	var m dto.Metric
	if err := finished.WithLabelValues(kind, outcome).Write(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCounter().GetValue()
}

// What tests of other processes' jobs know.
const (
	RescueAfter = rescueAfter
	LockClass   = lockClass
)

// Seldom is the queue's way of logging.
func Seldom(h slog.Handler) slog.Handler { return newSeldom(h) }
