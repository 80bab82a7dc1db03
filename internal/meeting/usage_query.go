package meeting

import "strings"

// Of which rooms a report is.
const (
	scopeAll   = "TRUE"
	scopeRoom  = "m.room_id = ?8"
	scopeOwned = `m.room_id IN (SELECT a.room_id FROM accesses a WHERE a.role = 'owner'
		AND (a.user_id = ?8 OR (a.user_id IS NULL AND a.email = ?9 AND a.email <> '')) AND (a.expire_time IS NULL OR a.expire_time > ?1))`
)

// usageKeys name a connection's row. An identity that looks like an id is a
// user's: guests and callers have other ones.
var usageKeys = map[Group]string{
	ByDay:  "d.name",
	ByRoom: "CAST(c.room_id AS TEXT)",
	ByUser: "CASE WHEN c.identity LIKE '________-____-____-____-____________' THEN c.identity ELSE '' END",
}

// usageGroups is where rows come from: all days, used or not, and of rooms and
// users those that were.
var usageGroups = map[Group]string{
	ByDay:  "SELECT name AS grp FROM days",
	ByRoom: "SELECT DISTINCT grp FROM pieces",
	ByUser: "SELECT DISTINCT grp FROM pieces",
}

// usageQueries are the texts by group, by scope and by dialect.
var usageQueries = map[Group]map[string]map[string]string{}

func init() {
	for group, key := range usageKeys {
		usageQueries[group] = map[string]map[string]string{}
		body := strings.NewReplacer("KEY", key, "GROUPS", usageGroups[group]).Replace(usageBody)
		for _, scope := range []string{scopeAll, scopeRoom, scopeOwned} {
			usageQueries[group][scope] = texts(usageHead + scope + body + tally + usageTail)
		}
	}
}

// usageHead, usageBody, tally and usageTail add up. ?1 is now, ?2 and ?3 the period, ?4 its days (or itself as one),
// ?5 whether this is the first page, else ?6 the last one's last key, ?7 how
// many rows. Connections of people are cut into the days that they touch; one
// without a time of joining failed. What happened at a moment (a coming, a
// leaving, a failure) belongs to that moment's day.
const usageHead = `WITH
	days AS MATERIALIZED (PERIODS[?4]),
	spans AS MATERIALIZED (SELECT p.id, p.meeting_id, p.room_id, p.identity, p.kind, p.join_time IS NULL AS failed,
			COALESCE(p.leave_rank, '') = 'estimated' AS estimated, MILLIS[COALESCE(p.join_time, p.leave_time)] AS x,
			MILLIS[COALESCE(p.leave_time, m.end_time, ?1)] AS y,
			ROW_NUMBER() OVER (PARTITION BY p.meeting_id, p.identity, p.join_time IS NULL ORDER BY p.join_time, p.id) AS nth
		FROM meetings m JOIN participations p ON p.meeting_id = m.id
		WHERE (m.end_time IS NULL OR m.end_time >= ?2) AND (m.start_time IS NULL OR m.start_time < ?3)
		AND p.kind IN ('web', 'phone') AND (p.join_time IS NOT NULL OR p.leave_rank = 'stated') AND `

const usageBody = `),
	connections AS (SELECT c.*, GREATEST(x, y) AS until FROM spans c),
	pieces AS MATERIALIZED (SELECT c.id, KEY AS grp, c.meeting_id, c.identity, c.kind, c.failed, c.nth,
			GREATEST(c.x, d.x) AS x, LEAST(c.until, d.y) AS y, c.x >= d.x AS begins, c.estimated AND c.until < d.y AS ends_estimated
		FROM connections c JOIN days d ON c.x < d.y AND (c.until > d.x OR c.x >= d.x)),
	page AS (SELECT grp FROM (GROUPS) g WHERE ?5 OR grp > ?6 ORDER BY grp LIMIT ?7),
	stays AS (SELECT p.id, p.grp, p.meeting_id, p.identity, p.kind, p.x, p.y FROM pieces p JOIN page g ON g.grp = p.grp WHERE NOT p.failed),`

const usageTail = `,
	happened AS (SELECT p.grp, COUNT(CASE WHEN p.begins AND NOT p.failed AND p.nth > 1 THEN 1 END) AS reconnects,
			COUNT(CASE WHEN p.begins AND p.failed THEN 1 END) AS failures,
			COUNT(CASE WHEN p.ends_estimated AND NOT p.failed THEN 1 END) AS estimated_ends
		FROM pieces p JOIN page g ON g.grp = p.grp GROUP BY p.grp),
	came AS (SELECT p.grp, COALESCE(q.device, '') AS device, COALESCE(q.browser, '') AS browser, COUNT(*) AS n
		FROM pieces p JOIN page g ON g.grp = p.grp JOIN qualities q ON q.participation_id = p.id
		WHERE p.begins AND NOT p.failed GROUP BY p.grp, COALESCE(q.device, ''), COALESCE(q.browser, '')),
	ranked AS (SELECT c.*, ROW_NUMBER() OVER (PARTITION BY grp ORDER BY n DESC, device, browser) AS place
		FROM came c WHERE device <> '' OR browser <> ''),
	clients AS (SELECT grp, CLIENTS AS list FROM ranked WHERE place <= 20 GROUP BY grp)
	SELECT g.grp, COALESCE(t.meetings, 0), COALESCE(t.people, 0), COALESCE(t.callers, 0), COALESCE(t.total, 0), COALESCE(t.phone, 0),
		COALESCE(k.peak, 0), COALESCE(h.reconnects, 0), COALESCE(h.failures, 0), COALESCE(h.estimated_ends, 0), COALESCE(c.list, '[]')
	FROM page g LEFT JOIN totals t ON t.grp = g.grp LEFT JOIN peaks k ON k.grp = g.grp
		LEFT JOIN happened h ON h.grp = g.grp LEFT JOIN clients c ON c.grp = g.grp
	ORDER BY g.grp`
