package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// User is somebody who has signed in at least once. Written by internal/user.
type User struct{ ent.Schema }

// Fields of a user.
func (User) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.String("issuer").Immutable().Comment("Who vouches for the subject."),
		field.String("subject").Immutable().Comment("The issuer's name for this person."),
		field.String("email").Optional().Comment("Lower case; empty when unknown."),
		field.String("full_name").Optional(),
		field.String("language").Optional().Comment("BCP 47."),
		field.String("time_zone").Optional().Comment("IANA."),
		field.Time("first_seen_time").Immutable(),
		field.Time("update_time"),
	}
}

// Edges of a user.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("accesses", Access.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("sign_ins", SignIn.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("api_keys", ApiKey.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("recording_accesses", RecordingAccess.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
		edge.To("recording_mails", RecordingMail.Type).Annotations(entsql.OnDelete(entsql.Cascade)),
	}
}

// Indexes of a user.
func (User) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("issuer", "subject").Unique(),
		index.Fields("email"),
	}
}
