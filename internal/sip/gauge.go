package sip

import "github.com/anteroom-dev/anteroom/internal/telemetry"

// Gauges are the metrics of the dispatch rules: how many there should be and how
// many there are. The two differ for moments; where they stay apart, or failing
// stays above zero, rooms cannot be reached by telephone.
func (s *SIP) Gauges() []telemetry.Gauge {
	return []telemetry.Gauge{
		s.db.Gauge("anteroom_dispatch_rules_wanted", "Occupied rooms with a PIN, each of which wants a dispatch rule if it may be dialled into.",
			`SELECT count(DISTINCT q.room_id) FROM participations q JOIN pins p ON p.room_id = q.room_id AND p.pin_space = '`+DefaultSpace+`'
				WHERE q.leave_time IS NULL AND q.join_time IS NOT NULL AND q.kind IN ('web', 'phone')`),
		s.db.Gauge("anteroom_dispatch_rules", "Dispatch rules as noted, by status (creating, present).",
			`SELECT count(*), status FROM dispatch_rules WHERE status IN ('creating', 'present') GROUP BY status`, "status"),
		s.db.Gauge("anteroom_dispatch_rules_failing", "Rooms whose last settle failed, among those with a rule or a settler.",
			`SELECT count(*) FROM dispatch_rules WHERE status IN ('creating', 'present') AND failure_reason IS NOT NULL`),
	}
}
