package meeting

import (
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// Gauges are the metrics of the meetings that run now.
func Gauges(d *db.DB) []telemetry.Gauge {
	return []telemetry.Gauge{
		d.Gauge("anteroom_meetings", "Meetings that run now, by provider.",
			`SELECT count(DISTINCT meeting_id), provider FROM participations
				WHERE leave_time IS NULL AND join_time IS NOT NULL AND kind IN ('web', 'phone') GROUP BY provider`, "provider"),
		d.Gauge("anteroom_people", "People in meetings now, by provider and kind (web, phone).",
			`SELECT count(*), provider, kind FROM participations
				WHERE leave_time IS NULL AND join_time IS NOT NULL AND kind IN ('web', 'phone') GROUP BY provider, kind`, "provider", "kind"),
	}
}
