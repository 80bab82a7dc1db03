package room

import (
	"context"
	"errors"
	"strings"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// slugTries is how many slugs are tried for a name; the first is the plain one.
const slugTries = 5

// Create makes a room that the caller owns. A request id that the caller has
// used before gives the room of that time.
func (r *Rooms) Create(ctx context.Context, n NewRoom) (*Room, error) {
	p := auth.From(ctx)
	if !p.SignedIn() {
		return nil, auth.ErrSignInRequired
	}
	if looksLikeID(n.Slug) {
		return nil, ErrSlugLooksLikeID
	}
	if n.Provider == "" {
		n.Provider = r.provider
	}
	if _, err := r.providers.Get(n.Provider); err != nil {
		return nil, err
	}
	made, owner, err := r.insert(ctx, p, n)
	if err != nil {
		return nil, err
	}
	if owner == nil { // made by an earlier request, and perhaps in use
		return r.Get(ctx, made.ID.String())
	}
	return &Room{Room: made, Role: access.Owner, Operator: p.Operator, Accesses: []*ent.Access{owner}}, nil
}

// insert tries slugs until one is free. A conflict ends the transaction, so
// each try has its own; what a conflict was about is found out afterwards. There
// is no owner's access when the room was there already.
func (r *Rooms) insert(ctx context.Context, p auth.Principal, n NewRoom) (made *ent.Room, owner *ent.Access, err error) {
	for try := range slugTries {
		slug := n.Slug
		if slug == "" {
			slug = slugFor(n.Name, try > 0)
		}
		err = r.db.InTx(ctx, func(tx *db.Tx) error {
			made, owner, err = r.insertIn(ctx, tx, p, n, slug)
			return err
		})
		if !db.IsUnique(err) {
			return made, owner, err
		}
		if earlier, err := requested(ctx, r.db.Client, p.UserID, n.RequestID); earlier != nil || err != nil {
			return earlier, nil, err
		}
		if n.Slug != "" {
			return nil, nil, ErrSlugTaken
		}
	}
	return nil, nil, errors.Join(errors.New("no free slug found"), err)
}

func (r *Rooms) insertIn(ctx context.Context, tx *db.Tx, p auth.Principal, n NewRoom, slug string) (*ent.Room, *ent.Access, error) {
	if earlier, err := requested(ctx, tx.Client, p.UserID, n.RequestID); earlier != nil || err != nil {
		return earlier, nil, err
	}
	now := r.now()
	made, err := tx.Room.Create().
		SetName(strings.TrimSpace(n.Name)).SetSlug(slug).SetAccessLevel(n.Level).SetSettings(n.Settings).
		SetProvider(entroom.Provider(n.Provider)).SetCreatorID(p.UserID).SetNillableRequestID(orNil(n.RequestID)).
		SetCreateTime(now).SetUpdateTime(now).
		Save(ctx)
	if err != nil {
		return nil, nil, err
	}
	owner, err := tx.Access.Create().SetRoomID(made.ID).SetUserID(p.UserID).SetNillableEmail(orNil(p.Email)).
		SetRole(entaccess.RoleOwner).SetCreateTime(now).Save(ctx)
	if err != nil {
		return nil, nil, err
	}
	return made, owner, r.tell(ctx, tx, nil, made)
}

// requested finds the room that an earlier request with this id made; nil when
// there is none, or no id.
func requested(ctx context.Context, c *ent.Client, creator uuid.UUID, requestID string) (*ent.Room, error) {
	if requestID == "" {
		return nil, nil
	}
	rm, err := c.Room.Query().Where(entroom.CreatorID(creator), entroom.RequestID(requestID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return rm, err
}

// DefaultProvider is what new rooms get when they do not say.
func (r *Rooms) DefaultProvider() video.Name { return r.provider }

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
