package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Capture is one work of a recorder, which LiveKit calls an egress; a recording
// has one or more. Written by internal/recording.
type Capture struct{ ent.Schema }

// Fields of a capture.
func (Capture) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("recording_id", uuid.UUID{}).Immutable(),
		provider(),
		field.String("egress_id").Optional().Nillable().Comment("The provider's; none until it was heard of."),
		field.String("path").Immutable().Comment("The file that was asked for; holds the recording's id."),
		field.String("identity").Immutable().Comment("Whom it is of, at the provider; empty for all."),
		field.UUID("participation_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.String("track_sid").Immutable().Comment("Of what; empty for more than a track."),
		field.Enum("status").Values("asked", "starting", "active", "ending", "aborted", "failed", "limit_reached", "complete").
			Comment("Asked: no recorder has said anything yet. Only ever moves on, in this order."),
		field.Bool("began").Default(false).Comment("Whether it has ever been active."),
		field.String("reason").Optional().Comment("Why it ended badly."),
		field.String("error").Optional().Comment("The recorder's own words."),
		field.Time("ask_time").Optional().Nillable().Comment("When the recorder was asked; none while nobody has."),
		field.Time("stop_time").Optional().Nillable().Comment("When it was asked to stop while its recording goes on."),
		field.Time("start_time").Optional().Nillable(),
		field.Time("end_time").Optional().Nillable(),
		field.Time("heard_time").Comment("When something was last heard or done about it."),
		field.Time("missed_time").Optional().Nillable().Comment("Since when the provider does not know it."),
		createTime(),
	}
}

// Edges of a capture.
func (Capture) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("recording", Recording.Type).Ref("captures").Field("recording_id").Unique().Required().Immutable(),
	}
}

// Indexes of a capture.
func (Capture) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("egress_id", "provider").Unique(),
		index.Fields("recording_id", "path").Unique(),
		index.Fields("reason", "heard_time"),
	}
}
