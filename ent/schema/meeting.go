package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Meeting is one occupancy of a room. Written by internal/meeting.
type Meeting struct{ ent.Schema }

// Fields of a meeting.
func (Meeting) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		provider(),
		field.String("provider_sid").Immutable().Comment("LiveKit's room SID: one for each occupancy."),
		field.Time("start_time").Optional().Nillable().Comment("The earliest stated."),
		field.Time("end_time").Optional().Nillable(),
		rank("end_rank"),
		field.Time("missed_time").Optional().Nillable().Comment("When it was last looked for in vain."),
		field.Time("seen_time").Optional().Nillable().Comment("When it was last looked for and found."),
		createTime(),
	}
}

// Edges of a meeting.
func (Meeting) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("room", Room.Type).Ref("meetings").Field("room_id").Unique().Required().Immutable(),
		edge.To("participations", Participation.Type),
		edge.To("recordings", Recording.Type),
		edge.To("consents", Consent.Type),
	}
}

// Indexes of a meeting.
func (Meeting) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("provider_sid", "provider").Unique(),
		index.Fields("room_id", "end_time"),
		index.Fields("room_id", "id"),
		index.Fields("end_time"),
	}
}
