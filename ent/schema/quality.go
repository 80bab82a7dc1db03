package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// Quality adds up what a browser reported of one participation. Durations are
// milliseconds; a sum belongs to as many samples as its count says. Written by
// internal/meeting.
type Quality struct{ ent.Schema }

// Fields of a quality.
func (Quality) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("participation_id", uuid.UUID{}).Immutable(),
		field.Int64("sequence").Comment("Of the last report that was counted."),
		field.Int64("samples"),
		field.Int64("excellent_ms"),
		field.Int64("good_ms"),
		field.Int64("poor_ms"),
		field.Int64("lost_ms"),
		field.Int64("packet_loss_count"),
		field.Float("packet_loss_sum"),
		field.Float("packet_loss_max"),
		field.Int64("jitter_count"),
		field.Float("jitter_ms_sum"),
		field.Float("jitter_ms_max"),
		field.Int64("round_trip_count"),
		field.Float("round_trip_ms_sum"),
		field.Float("round_trip_ms_max"),
		field.String("device").Optional(),
		field.String("browser").Optional(),
		createTime(),
		field.Time("update_time"),
	}
}

// Edges of a quality.
func (Quality) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("participation", Participation.Type).Ref("quality").Field("participation_id").Unique().Required().Immutable(),
	}
}
