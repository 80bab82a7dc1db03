package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Access is a user's role on a room. Written by internal/room.
type Access struct{ ent.Schema }

// Fields of an access.
func (Access) Fields() []ent.Field {
	return []ent.Field{
		id(),
		field.UUID("room_id", uuid.UUID{}).Immutable(),
		field.UUID("user_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.String("email").Optional().Nillable().Immutable().Comment("Lower case; whoever signs in with it has this access."),
		field.Enum("role").Values("owner", "admin", "member"),
		createTime(),
		field.Time("expire_time").Optional().Nillable(),
	}
}

// Edges of an access.
func (Access) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("room", Room.Type).Ref("accesses").Field("room_id").Unique().Required().Immutable(),
		edge.From("user", User.Type).Ref("accesses").Field("user_id").Unique().Immutable(),
	}
}

// Indexes of an access.
func (Access) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("room_id", "user_id").Unique(),
		index.Fields("room_id", "email").Unique().Annotations(entsql.IndexWhere("user_id IS NULL")),
		index.Fields("user_id"),
		index.Fields("email"),
	}
}
