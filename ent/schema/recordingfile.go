package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// RecordingFile is one file of a recording, in the store. Written by
// internal/recording.
type RecordingFile struct{ ent.Schema }

// Fields of a file.
func (RecordingFile) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("recording_id", uuid.UUID{}).Immutable(),
		field.String("key").NotEmpty().Immutable().Comment("Its name in the store."),
		field.UUID("participation_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("Whom it is of."),
		field.String("track_sid").Optional().Immutable(),
		field.Int64("size").Default(0),
		field.String("content_type").Optional(),
		field.Int64("duration_ms").Default(0),
		field.Time("start_time").Optional().Nillable(),
		field.Time("seen_time").Optional().Nillable().Comment("When it was seen in the store."),
		field.Time("move_time").Optional().Nillable().Comment("Since when it is being moved to the archive: until that has ended nobody deletes it."),
		field.Time("archive_time").Optional().Nillable().Comment("When it was moved to the archive."),
		createTime(),
	}
}

// Edges of a file.
func (RecordingFile) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("recording", Recording.Type).Ref("files").Field("recording_id").Unique().Required().Immutable(),
	}
}

// Indexes of a file.
func (RecordingFile) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("key").Unique(),
		index.Fields("recording_id"),
		index.Fields("seen_time").StorageKey("recordingfile_to_archive").Annotations(entsql.IndexWhere("archive_time IS NULL")),
	}
}
