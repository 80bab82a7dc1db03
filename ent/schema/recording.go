package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Processing is what an outside processor said of its work on a recording.
type Processing struct {
	Processor string    `json:"processor"`
	Status    string    `json:"status"` // running, done or failed
	URL       string    `json:"url,omitempty"`
	Time      time.Time `json:"time"`
}

// Recording is what was, or is being, recorded of a meeting. Written by
// internal/recording.
type Recording struct{ ent.Schema }

// Fields of a recording.
func (Recording) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		field.UUID("meeting_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		provider(),
		field.Enum("mode").Values("screen", "audio", "participant", "tracks").Immutable(),
		field.String("identity").Immutable().Comment("Whom it is of, at the provider; empty for all."),
		field.UUID("participation_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("Whom it is of."),
		field.Enum("status").Values("starting", "active", "stopping", "completed", "limit_reached", "failed", "aborted", "failed_to_start"),
		field.String("reason").Optional().Comment("Why it ended as it did; empty when all is well."),
		field.Enum("cause").Values("person", "automatic", "compliance", "caller").Immutable().Comment("Who or what had it started."),
		field.UUID("starter_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("The user who started it."),
		field.String("request_id").Optional().Nillable().Immutable().Comment("The starter's own, so that a repeated request finds this recording."),
		field.Bool("despite_declined").Optional().Immutable().Comment("Whether it was started knowing that somebody has declined."),
		field.String("title"),
		field.Enum("stop_cause").Values("person", "limit", "meeting", "consent").Optional().Nillable().Comment("Why it was asked to stop; the first word counts."),
		field.Time("stop_time").Optional().Nillable().Comment("When it was asked to stop."),
		field.Time("start_time").Optional().Nillable().Comment("The earliest stated."),
		field.Time("end_time").Optional().Nillable().Comment("The latest stated. Nil exactly as long as the recording is being made, which the index recording_live relies on."),
		field.Time("captured_time").Optional().Nillable().Comment("Since when nothing more is captured for it, and only written. Nil until then, which the index recording_capturing relies on."),
		field.Time("limit_near_time").Optional().Nillable().Comment("When it was told that it is nearly as long as it may be."),
		field.Int64("duration_ms").Default(0).Comment("Of the longest file."),
		field.Time("expire_time").Optional().Nillable().Comment("Until when it is kept."),
		field.Time("available_time").Optional().Nillable().Comment("Since when its files were seen in the store and accesses granted."),
		field.Time("notify_time").Optional().Nillable().Comment("When all owners who could be were told by mail."),
		field.Time("expired_time").Optional().Nillable().Comment("When its files were left to the store's own rules."),
		field.Time("delete_time").Optional().Nillable().Comment("Since when nobody sees it; its files are being deleted."),
		field.JSON("processing", []Processing{}).Optional(),
		createTime(),
		field.Time("update_time"),
	}
}

// Edges of a recording.
func (Recording) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("room", Room.Type).Ref("recordings").Field("room_id").Unique().Required().Immutable(),
		edge.From("meeting", Meeting.Type).Ref("recordings").Field("meeting_id").Unique().Immutable(),
		edge.To("captures", Capture.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("files", RecordingFile.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("mails", RecordingMail.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("accesses", RecordingAccess.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of a recording.
func (Recording) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("room_id", "mode", "identity").Unique().StorageKey("recording_capturing").Annotations(entsql.IndexWhere("captured_time IS NULL")),
		index.Fields("room_id").StorageKey("recording_live").Annotations(entsql.IndexWhere("end_time IS NULL")),
		index.Fields("starter_id", "request_id").Unique(),
		index.Fields("room_id", "id"),
		index.Fields("meeting_id"),
		index.Fields("start_time"),
		index.Fields("expire_time").Annotations(entsql.IndexWhere("expire_time IS NOT NULL")),
		index.Fields("delete_time").Annotations(entsql.IndexWhere("delete_time IS NOT NULL")),
	}
}
