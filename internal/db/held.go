package db

import (
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/ent/predicate"
)

// Accessible are the accesses that somebody has now, by user or by e-mail
// address ("" when unknown), and that have not expired.
func Accessible(userID uuid.UUID, email string, now time.Time) predicate.Access {
	var known *string
	if email != "" {
		known = &email
	}
	return access.And(HeldBy(&userID, known), access.Or(access.ExpireTimeIsNil(), access.ExpireTimeGT(now)))
}

// HeldBy are the accesses of a user, and those that wait for an e-mail address.
func HeldBy(userID *uuid.UUID, email *string) predicate.Access {
	var held []predicate.Access
	if userID != nil {
		held = append(held, access.UserID(*userID))
	}
	if email != nil {
		held = append(held, access.And(access.UserIDIsNil(), access.Email(*email)))
	}
	return access.Or(held...)
}
