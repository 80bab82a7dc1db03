// Package schema describes Anteroom's tables, one file each. A table is
// written by the one domain package that its comment names.
package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// id is a UUIDv7: it sorts by the time of its making, so it is also the order
// in which lists are paged.
func id() ent.Field {
	return field.UUID("id", uuid.UUID{}).Default(func() uuid.UUID { return uuid.Must(uuid.NewV7()) }).Immutable()
}

func createTime() ent.Field { return field.Time("create_time").Immutable() }

func provider() ent.Field {
	return field.Enum("provider").Values("livekit", "whereby", "daily").Immutable()
}

// rank says how an end is known; of two the higher one wins.
func rank(name string) ent.Field {
	return field.Enum(name).Values("estimated", "stated").Optional().Nillable()
}
