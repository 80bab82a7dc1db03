package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// WebhookEvent is one event that a provider told us, kept as it came but for
// its secrets. Written by internal/webhook.
type WebhookEvent struct{ ent.Schema }

// Fields of an event.
func (WebhookEvent) Fields() []ent.Field {
	return []ent.Field{
		id(),
		provider(),
		field.String("event_id").Immutable().Comment("The provider's; a double has the same."),
		field.String("type").Immutable().Comment("The provider's word."),
		field.String("room_name").Optional().Immutable().Comment("The provider's name of the room."),
		field.String("room_sid").Optional().Immutable(),
		field.String("participant_sid").Optional().Immutable(),
		field.String("egress_id").Optional().Immutable(),
		field.Bytes("body").Optional().Comment("Without secrets."),
		field.Enum("origin").Values("webhook", "reconcile", "replay").Immutable(),
		field.Time("stated_time").Optional().Nillable().Immutable().Comment("When the provider says that it happened."),
		field.Time("received_time").Immutable(),
		field.Time("applied_time").Optional().Nillable(),
		field.Enum("outcome").Values("applied", "ignored", "failed", "dead"),
		field.String("error").Optional(),
		field.Int("attempts").Default(0),
	}
}

// Indexes of an event.
func (WebhookEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("event_id", "provider").Unique(),
		index.Fields("room_name"),
		index.Fields("outcome").Annotations(entsql.IndexWhere("applied_time IS NULL")),
	}
}
