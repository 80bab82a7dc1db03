package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// SignIn is a browser in which somebody is signed in to the console. Written by
// internal/user.
type SignIn struct{ ent.Schema }

// Fields of a sign-in.
func (SignIn) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.Bytes("secret_hash").Immutable().Unique().Sensitive().Comment("SHA-256 of what the cookie holds."),
		field.UUID("user_id", uuid.UUID{}).Immutable(),
		field.Bool("operator").Comment("As the provider said last."),
		field.Bytes("id_token").Sensitive().Comment("Sealed; the provider wants it back when somebody signs out."),
		field.Bytes("refresh_token").Optional().Nillable().Sensitive().Comment("Sealed."),
		field.Time("refresh_time").Optional().Nillable().Comment("When the provider is asked again; never without a refresh token."),
		createTime(),
		field.Time("expire_time").Immutable(),
	}
}

// Edges of a sign-in.
func (SignIn) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("sign_ins").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of a sign-in.
func (SignIn) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id"), index.Fields("expire_time")}
}
