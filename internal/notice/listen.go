package notice

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// channel is where processes that share a Postgres tell each other which rooms
// have news, and up to which notice: "<room> <id>".
const channel = "anteroom_notices"

// notifying has an INSERT of notices also tell the other processes. Postgres
// tells them when the transaction commits, and not if it does not.
func notifying(insert string) string {
	return "WITH n AS (" + insert + " RETURNING id, room_id) SELECT pg_notify('" + channel +
		"', room_id::text || ' ' || max(id)::text) FROM n WHERE room_id IS NOT NULL GROUP BY room_id"
}

// listen hears what other processes publish. After a gap every watched room is
// read, as there is no knowing which have news.
func (t *Tail) listen(ctx context.Context) {
	if err := t.db.Listen(ctx, channel, t.heard, t.wakeAll); err != nil {
		t.log.ErrorContext(ctx, "notices of other processes come late", slog.Any("error", err))
	}
}

func (t *Tail) heard(payload string) {
	room, id, _ := strings.Cut(payload, " ")
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
