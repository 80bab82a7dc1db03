package job

import "github.com/anteroom-dev/anteroom/internal/telemetry"

// Gauges are the metrics of the jobs that wait and run.
func (q *Queue) Gauges() []telemetry.Gauge {
	// How the two databases tell seconds since a time.
	age := "extract(epoch FROM now() - min(scheduled_at))"
	due := "scheduled_at <= now()"
	if !q.db.IsPostgres() {
		age = "(julianday('now') - julianday(min(scheduled_at))) * 86400"
		due = "julianday(scheduled_at) <= julianday('now')"
	}
	return []telemetry.Gauge{
		q.db.Gauge("anteroom_jobs", "Jobs that are not done, by kind and state (available, running, retryable, scheduled).",
			`SELECT count(*), kind, state FROM river_job
				WHERE state IN ('available', 'running', 'retryable', 'scheduled') GROUP BY kind, state`, "kind", "state"),
		q.db.Gauge("anteroom_job_age_seconds", "How long the job has waited that is due for longest, by kind.",
			`SELECT `+age+`, kind FROM river_job WHERE state IN ('available', 'retryable', 'scheduled') AND `+due+` GROUP BY kind`, "kind"),
	}
}
