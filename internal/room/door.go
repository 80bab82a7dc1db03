package room

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// door is what has to be known of a room to let somebody in.
type door struct {
	roomID   uuid.UUID
	provider video.Name
	settings schema.RoomSettings
	role     access.Role // as what the asker may enter
	people   int         // who is in, without who asks to come in
	recorded bool        // whether something is being recorded
}

// doorQuery is what find asks, written out: entering is the one thing that
// everybody does, and building this text anew costs as much as running it.
const doorQuery = `SELECT r.id, r.access_level, r.provider, r.settings,
	COALESCE((SELECT MAX(CASE a.role WHEN 'owner' THEN 5 WHEN 'admin' THEN 4 ELSE 3 END) FROM accesses a
		WHERE a.room_id = r.id AND (a.user_id = ?2 OR (a.user_id IS NULL AND a.email = ?3))
		AND (a.expire_time IS NULL OR a.expire_time > ?4)), 0),
	(SELECT COUNT(*) FROM participations p WHERE p.room_id = r.id AND p.leave_time IS NULL
		AND p.join_time IS NOT NULL AND p.kind IN ('web', 'phone') AND p.identity <> ?5),
	EXISTS (SELECT 1 FROM recordings c WHERE c.room_id = r.id AND c.status IN ('starting', 'active', 'stopping'))
	FROM rooms r WHERE r.delete_time IS NULL AND `

// doorQueries are the texts by dialect and by whether the room is named by id.
var doorQueries = map[string]map[bool]string{}

func init() {
	for _, name := range []string{dialect.SQLite, dialect.Postgres} {
		doorQueries[name] = map[bool]string{
			true: db.Text(name, doorQuery+"r.id = ?1"), false: db.Text(name, doorQuery+"r.slug = ?1"),
		}
	}
}

// atDoor reads the door of a living room for one who may enter there and would
// have this identity, or says ErrNotFound or ErrEntryDenied.
func atDoor(ctx context.Context, d *db.DB, ref string, a asker, identity string) (*door, error) {
	_, err := uuid.Parse(ref)
	ctx = context.WithoutCancel(ctx) // to watch for the request's end costs more than it could save
	row := d.Reader().QueryRowContext(ctx, doorQueries[d.Dialect][err == nil], ref, a.UserID, orNil(a.Email), a.now, identity)
	var (
		found    door
		level    string
		settings []byte
		role     int
	)
	err = row.Scan(&found.roomID, &level, &found.provider, &settings, &role, &found.people, &found.recorded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read the room's door: %w", err)
	}
	if err := json.Unmarshal(settings, &found.settings); err != nil {
		return nil, fmt.Errorf("read the room's settings: %w", err)
	}
	found.role = roleAt(doorFacts{
		level: entroom.AccessLevel(level), access: access.Role(role),
		signedIn: a.SignedIn(), viewersOnlyListen: found.settings.ViewersOnlyListen,
	})
	if !access.May(found.role, a.Operator, access.EnterRoom) {
		return nil, ErrEntryDenied
	}
	return &found, nil
}
