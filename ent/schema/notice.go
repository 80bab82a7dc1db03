package schema

import (
	"encoding/json"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Notice is a fact that has become true, kept for those who watch. Written by
// internal/notice.
type Notice struct{ ent.Schema }

// Fields of a notice. Its id is a number that the database gives: whoever
// publishes holds the lock of the room, so within one room it is the order in
// which the facts became true.
func (Notice) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id").Immutable(),
		field.UUID("room_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("None for a fact that is about no room."),
		field.String("type").Immutable().Comment("Permanent: clients know it."),
		field.JSON("fact", json.RawMessage{}).Immutable(),
		createTime(),
	}
}

// Indexes of a notice.
func (Notice) Indexes() []ent.Index {
	return []ent.Index{index.Fields("room_id", "id")}
}
