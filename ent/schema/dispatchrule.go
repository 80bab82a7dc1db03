package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// DispatchRule is what Anteroom knows of a room's rule at LiveKit. That it is
// wanted is not kept here: it follows from who is in the room. Written by
// internal/sip.
type DispatchRule struct{ ent.Schema }

// Fields of a dispatch rule.
func (DispatchRule) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		field.Enum("status").Values("absent", "creating", "present").Default("absent"),
		field.String("livekit_rule_id").Optional().Nillable(),
		field.String("digits").Optional().Nillable().Sensitive().Comment("The PIN that the rule was made with."),
		field.UUID("claim", uuid.UUID{}).Optional().Nillable().Comment("Who is settling this room."),
		field.Time("claim_expire_time").Optional().Nillable(),
		field.String("failure_reason").Optional().Nillable().Comment("The last try's; none when it went well."),
		field.Time("update_time"),
	}
}

// Edges of a dispatch rule.
func (DispatchRule) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("room", Room.Type).Ref("dispatch_rule").Field("room_id").Unique().Required().Immutable(),
	}
}

// Indexes of a dispatch rule.
func (DispatchRule) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("status"),
	}
}
