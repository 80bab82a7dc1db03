package recording

import "github.com/anteroom-dev/anteroom/internal/telemetry"

// Gauges are the metrics of the recordings that are being made or kept.
func (r *Recordings) Gauges() []telemetry.Gauge {
	return []telemetry.Gauge{
		r.db.Gauge("anteroom_recordings", "Recordings that are being made, by status (starting, active, stopping).",
			`SELECT count(*), status FROM recordings WHERE end_time IS NULL GROUP BY status`, "status"),
		{
			Name: "anteroom_recorder_alive",
			Help: "Whether anybody records for a provider: 1 as far as is known, 0 when its health URL says otherwise " +
				"or none answered within the last minute.",
			Labels: []string{"provider"}, Read: r.readAlive,
		},
		{
			Name:   "anteroom_recorder_failures_in_a_row",
			Help:   "How many of the last captures failed, since one went well, by the recorders' own fault (disk, upload, other).",
			Labels: []string{"provider", "kind"}, Read: r.readFailures,
		},
	}
}
