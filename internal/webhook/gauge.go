package webhook

import "github.com/anteroom-dev/anteroom/internal/telemetry"

// Gauges are the metrics of what lies in the inbox.
func (i *Inbox) Gauges() []telemetry.Gauge {
	return []telemetry.Gauge{
		i.db.Gauge("anteroom_webhook_events_unapplied", "Webhook events that are stored and could not be applied yet, by outcome.",
			`SELECT count(*), outcome FROM webhook_events WHERE applied_time IS NULL GROUP BY outcome`, "outcome"),
	}
}
