package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Participation is one connection to a meeting. Written by internal/meeting.
type Participation struct{ ent.Schema }

// Fields of a participation.
func (Participation) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("meeting_id", uuid.UUID{}).Immutable(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		provider(),
		field.String("provider_sid").Immutable().Comment("LiveKit's participant SID: one for each connection."),
		field.String("identity"),
		field.String("display_name").Optional(),
		field.Enum("kind").Values("web", "phone", "agent", "recorder", "ingress").Optional().Nillable().Comment("None until an event said so: track events do not."),
		field.Time("join_time").Optional().Nillable().Comment("The earliest stated."),
		field.Time("leave_time").Optional().Nillable(),
		rank("leave_rank"),
		field.Time("missed_time").Optional().Nillable().Comment("When it was last looked for in vain."),
		field.Time("seen_time").Optional().Nillable().Comment("When it was last looked for and found."),
		field.String("leave_reason").Optional().Comment("The provider's word."),
		field.String("phone_number").Optional().Sensitive().Comment("E.164, of callers."),
		field.String("pass_id").Optional().Comment("Which pass let this person in."),
		createTime(),
	}
}

// Edges of a participation.
func (Participation) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("meeting", Meeting.Type).Ref("participations").Field("meeting_id").Unique().Required().Immutable(),
		edge.From("room", Room.Type).Ref("participations").Field("room_id").Unique().Required().Immutable(),
		edge.To("quality", Quality.Type).Unique(),
	}
}

// Indexes of a participation.
func (Participation) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("provider_sid", "provider").Unique(),
		index.Fields("room_id").StorageKey("participation_live").Annotations(entsql.IndexWhere("leave_time IS NULL")),
		index.Fields("meeting_id"),
		index.Fields("identity", "meeting_id"),
	}
}
