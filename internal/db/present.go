package db

import (
	entsql "entgo.io/ent/dialect/sql"

	"github.com/anteroom-dev/anteroom/ent/participation"
)

// Present is a predicate of participations: people who are in a meeting now,
// callers included. Recorders, agents and ingresses are not people, and of whom
// no event has said the kind nobody knows it.
func Present(s *entsql.Selector) {
	participation.And(
		participation.LeaveTimeIsNil(),
		participation.JoinTimeNotNil(),
		participation.KindIn(participation.KindWeb, participation.KindPhone),
	)(s)
}
