package recording

import "github.com/anteroom-dev/anteroom/internal/telemetry"

// Gauges are the metrics of the recordings that are being made or kept.
func (r *Recordings) Gauges() []telemetry.Gauge {
	return []telemetry.Gauge{
		r.db.Gauge("anteroom_recordings", "Recordings that are being made, by status (starting, active, stopping).",
			`SELECT count(*), status FROM recordings WHERE end_time IS NULL GROUP BY status`, "status"),
	}
}
