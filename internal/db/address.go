package db

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/user"
)

// HasAddress is the one user for whom one of these issuers vouches with an
// e-mail address; nil when there is none, or more than one.
func HasAddress(ctx context.Context, c *ent.Client, issuers []string, address string) (*uuid.UUID, error) {
	ids, err := c.User.Query().Where(user.Email(address), user.IssuerIn(issuers...)).Limit(2).IDs(ctx)
	if err != nil || len(ids) != 1 {
		return nil, err
	}
	return &ids[0], nil
}
