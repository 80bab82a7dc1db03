package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// RecordingAccess lets somebody see a recording: a user, whoever signs in with
// an e-mail address, or every user who was in its meeting. Written by
// internal/recording.
type RecordingAccess struct{ ent.Schema }

// Fields of an access.
func (RecordingAccess) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("recording_id", uuid.UUID{}).Immutable(),
		field.UUID("user_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.String("email").Optional().Nillable().Immutable().Comment("Lower case; whoever signs in with it has this access."),
		field.Bool("everyone").Default(false).Immutable().Comment("Every user who was there."),
		field.Enum("role").Values("owner", "admin", "member").Immutable(),
		createTime(),
		field.Time("expire_time").Optional().Nillable().Immutable(),
	}
}

// Edges of an access.
func (RecordingAccess) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("recording", Recording.Type).Ref("accesses").Field("recording_id").Unique().Required().Immutable(),
		edge.From("user", User.Type).Ref("recording_accesses").Field("user_id").Unique().Immutable(),
	}
}

// Indexes of an access.
func (RecordingAccess) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("recording_id", "user_id").Unique(),
		index.Fields("recording_id", "email").Unique().Annotations(entsql.IndexWhere("user_id IS NULL")),
		index.Fields("recording_id").Unique().StorageKey("recordingaccess_everyone").Annotations(entsql.IndexWhere("everyone")),
		index.Fields("user_id"),
		index.Fields("email"),
	}
}
