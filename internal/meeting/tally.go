package meeting

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// Tally is what the people of a meeting, a day, a room or a user add up to. Who
// is connected twice at once counts once.
type Tally struct {
	Meetings, People, Peak, Callers int
	Total, Phone                    time.Duration // of all people together, and of callers
}

// tally counts the rows of a table expression named stays, which are times that
// people were connected (id, grp, meeting_id, identity, kind, from x to y in
// milliseconds), for each grp, in totals and peaks. Times of one identity that
// touch are merged first. At one instant those who come are counted before
// those who leave.
const tally = `
	marked AS (SELECT s.*, CASE WHEN x <= MAX(y) OVER (PARTITION BY grp, meeting_id, identity ORDER BY x, y, id
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS apart FROM stays s),
	numbered AS (SELECT m.*, SUM(apart) OVER (PARTITION BY grp, meeting_id, identity ORDER BY x, y, id
			ROWS UNBOUNDED PRECEDING) AS nth FROM marked m),
	merged AS (SELECT grp, meeting_id, identity, MAX(kind) AS kind, MIN(x) AS x, MAX(y) AS y
		FROM numbered GROUP BY grp, meeting_id, identity, nth),
	totals AS (SELECT grp, COUNT(DISTINCT meeting_id) AS meetings, COUNT(DISTINCT identity) AS people,
			COUNT(DISTINCT CASE WHEN kind = 'phone' THEN identity END) AS callers, CAST(SUM(y - x) AS BIGINT) AS total,
			CAST(SUM(CASE WHEN kind = 'phone' THEN y - x ELSE 0 END) AS BIGINT) AS phone
		FROM merged GROUP BY grp),
	steps AS (SELECT grp, x AS t, 1 AS step FROM merged UNION ALL SELECT grp, y, -1 FROM merged),
	peaks AS (SELECT grp, MAX(level) AS peak FROM (
			SELECT grp, SUM(step) OVER (PARTITION BY grp ORDER BY t, step DESC ROWS UNBOUNDED PRECEDING) AS level FROM steps) l
		GROUP BY grp)`

// meetingTally counts meetings: ?1 is now, ?2 their ids.
const meetingTally = `WITH
	spans AS (SELECT p.id, p.meeting_id, p.identity, p.kind, MILLIS[p.join_time] AS x,
			MILLIS[COALESCE(p.leave_time, m.end_time, ?1)] AS y
		FROM participations p JOIN meetings m ON m.id = p.meeting_id
		WHERE p.meeting_id IN (IDS[?2]) AND p.kind IN ('web', 'phone') AND p.join_time IS NOT NULL),
	stays AS (SELECT id, meeting_id AS grp, meeting_id, identity, kind, x, GREATEST(x, y) AS y FROM spans),` + tally + `
	SELECT t.grp, t.people, t.callers, t.total, t.phone, p.peak FROM totals t JOIN peaks p ON p.grp = t.grp`

var meetingTallies = texts(meetingTally)

// count adds its tally to each meeting.
func (h *History) count(ctx context.Context, meetings ...*Meeting) error {
	if len(meetings) == 0 {
		return nil
	}
	byID := map[uuid.UUID]*Meeting{}
	ids := make([]uuid.UUID, 0, len(meetings))
	for _, m := range meetings {
		byID[m.ID] = m
		ids = append(ids, m.ID)
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := h.db.Reader().QueryContext(ctx, meetingTallies[h.db.Dialect], meetings[0].asker.now, string(list))
	if err != nil {
		return fmt.Errorf("count people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id uuid.UUID
		t := Tally{Meetings: 1}
		var total, phone int64
		if err := rows.Scan(&id, &t.People, &t.Callers, &total, &phone, &t.Peak); err != nil {
			return fmt.Errorf("count people: %w", err)
		}
		t.Total, t.Phone = milliseconds(total), milliseconds(phone)
		byID[id].Tally = t
	}
	return rows.Err()
}

func milliseconds(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

// clientList is a JSON list of the clients of a row, the most frequent first.
const clientList = `(JSON_OBJECT('Device', device, 'Browser', browser, 'Connections', n) ORDER BY place)`

// What the databases have different words for: the milliseconds of a time, the
// ids and the periods of a JSON list.
var (
	millis  = regexp.MustCompile(`MILLIS\[(.*?)\]`)
	ids     = regexp.MustCompile(`IDS\[(.*?)\]`)
	periods = regexp.MustCompile(`PERIODS\[(.*?)\]`)
)

// texts writes a query for each dialect.
func texts(query string) map[string]string {
	lite := strings.NewReplacer("GREATEST(", "MAX(", "LEAST(", "MIN(", "CLIENTS", "json_group_array"+clientList).Replace(query)
	lite = millis.ReplaceAllString(lite, `CAST(ROUND(unixepoch($1, 'subsec') * 1000) AS INTEGER)`)
	lite = ids.ReplaceAllString(lite, `SELECT value FROM json_each($1)`)
	lite = periods.ReplaceAllString(lite, `SELECT value ->> 'Name' AS name, value ->> 'From' AS x, value ->> 'To' AS y FROM json_each($1)`)
	postgres := strings.ReplaceAll(query, "CLIENTS", "json_agg"+strings.Replace(clientList, "OBJECT", "BUILD_OBJECT", 1))
	postgres = millis.ReplaceAllString(postgres, `CAST(ROUND(EXTRACT(EPOCH FROM $1) * 1000) AS BIGINT)`)
	postgres = ids.ReplaceAllString(postgres, `SELECT CAST(value AS uuid) FROM json_array_elements_text(CAST($1 AS json))`)
	postgres = periods.ReplaceAllString(postgres, `SELECT "Name" AS name, "From" AS x, "To" AS y
		FROM json_to_recordset(CAST($1 AS json)) AS list("Name" text, "From" bigint, "To" bigint)`)
	return map[string]string{dialect.SQLite: db.Text(dialect.SQLite, lite), dialect.Postgres: db.Text(dialect.Postgres, postgres)}
}
