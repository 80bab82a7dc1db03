package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Consent is what one person of a meeting said to being recorded. Written by
// internal/recording.
type Consent struct{ ent.Schema }

// Fields of a consent.
func (Consent) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("meeting_id", uuid.UUID{}).Immutable(),
		field.String("identity").NotEmpty().Immutable().Comment("Who it is at the provider."),
		field.Enum("decision").Values("given", "declined"),
		field.Time("decide_time"),
		createTime(),
	}
}

// Edges of a consent.
func (Consent) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("meeting", Meeting.Type).Ref("consents").Field("meeting_id").Unique().Required().Immutable(),
	}
}

// Indexes of a consent.
func (Consent) Indexes() []ent.Index {
	return []ent.Index{index.Fields("meeting_id", "identity").Unique()}
}
