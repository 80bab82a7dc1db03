package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// ApiKey is a secret by which an application makes requests. An application may
// have several, so that a new one can be in use before the old one ends. Written
// by internal/user.
type ApiKey struct{ ent.Schema }

// Fields of a key.
func (ApiKey) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("user_id", uuid.UUID{}).Immutable().Comment("The application, which is a user of our own."),
		field.String("name").Immutable().Comment("The application's."),
		field.String("prefix").Immutable().Unique().Comment("How a key is found; no secret."),
		field.Bytes("secret_hash").Immutable().Sensitive().Comment("SHA-256 of 32 random bytes."),
		field.Strings("scopes").Immutable(),
		field.UUID("created_by", uuid.UUID{}).Optional().Nillable().Immutable().Comment("A user; none when the command line made it."),
		createTime(),
		field.Time("expire_time").Optional().Nillable().Immutable(),
		field.Time("last_use_time").Optional().Nillable().Comment("Some minutes behind."),
		field.Time("revoke_time").Optional().Nillable(),
	}
}

// Edges of a key.
func (ApiKey) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("user", User.Type).Ref("api_keys").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of a key.
func (ApiKey) Indexes() []ent.Index { return []ent.Index{index.Fields("user_id")} }
