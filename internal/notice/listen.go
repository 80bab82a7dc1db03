package notice

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// channel is where processes that share a Postgres tell each other which rooms
// have news, and up to which notice: "<room> <id>,<room> <id>".
const channel = "anteroom_notices"

// maxNamed is how many rooms a message names; Postgres takes 8,000 bytes. One
// without any says that there is news of too many.
const maxNamed = 100

// notifying has an INSERT of notices also tell the other processes. Postgres
// tells them when the transaction commits, and not if it does not.
func notifying(insert string) string {
	return "WITH n AS (" + insert + " RETURNING id, room_id) SELECT pg_notify('" + channel + "', CASE WHEN count(*) <= " +
		strconv.Itoa(maxNamed) + " THEN string_agg(room_id::text || ' ' || last::text, ',') ELSE '' END) " +
		"FROM (SELECT room_id, max(id) AS last FROM n WHERE room_id IS NOT NULL GROUP BY room_id) r HAVING count(*) > 0"
}

// listen hears what other processes publish. After a gap every watched room is
// read, as there is no knowing which have news.
func (t *Tail) listen(ctx context.Context) {
	if err := t.db.Listen(ctx, channel, t.heard, t.wakeAll); err != nil {
		t.log.ErrorContext(ctx, "notices of other processes come late", slog.Any("error", err))
	}
}

func (t *Tail) heard(payload string) {
	if payload == "" {
		t.wakeAll()
		return
	}
	for news := range strings.SplitSeq(payload, ",") {
		t.heardOf(news)
	}
}

func (t *Tail) heardOf(news string) {
	room, id, _ := strings.Cut(news, " ")
	roomID, err := uuid.Parse(room)
	if err != nil {
		return
	}
	upTo, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		upTo = unknown
	}
	t.wake(roomID, upTo)
}
