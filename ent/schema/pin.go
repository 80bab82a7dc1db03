package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Pin is what a caller types to reach a room. Written by internal/sip.
type Pin struct{ ent.Schema }

// Fields of a PIN.
func (Pin) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		field.String("pin_space").NotEmpty().Immutable().Comment("Digits are unique within one space."),
		field.String("digits").MinLen(4).MaxLen(16).Sensitive().Immutable(),
		createTime(),
	}
}

// Edges of a PIN.
func (Pin) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("room", Room.Type).Ref("pins").Field("room_id").Unique().Required().Immutable(),
	}
}

// Indexes of a PIN.
func (Pin) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("pin_space", "digits").Unique(),
		index.Fields("room_id", "pin_space").Unique(),
	}
}
