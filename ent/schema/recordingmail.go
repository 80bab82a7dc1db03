package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// RecordingMail is the one mail by which somebody is told of a recording, and what
// became of it. It outlives the access that it is about, so that nobody is told
// twice. Written by internal/recording.
type RecordingMail struct{ ent.Schema }

// Fields of a mail.
func (RecordingMail) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("recording_id", uuid.UUID{}).Immutable(),
		field.UUID("user_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("None for who has never signed in."),
		field.String("email").Immutable().Comment("Lower case; to where it goes, whatever the user's address is later."),
		field.Enum("status").Values("waiting", "sent", "refused", "given_up", "withdrawn").
			Comment("Refused: by the mail server. Given up: it was away for days. Withdrawn: there was nothing left to tell."),
		field.Int("tries").Default(0).Comment("That failed and were worth another."),
		createTime(),
		field.Time("update_time"),
	}
}

// Edges of a mail.
func (RecordingMail) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("recording", Recording.Type).Ref("mails").Field("recording_id").Unique().Required().Immutable(),
		edge.From("user", User.Type).Ref("recording_mails").Field("user_id").Unique().Immutable(),
	}
}

// Indexes of a mail.
func (RecordingMail) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("recording_id", "email").Unique(),
		index.Fields("recording_id", "user_id").Unique(),
		index.Fields("user_id"),
	}
}
