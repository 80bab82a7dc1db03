package room

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrAccessNotFound says that there is no such access.
	ErrAccessNotFound = fault.New(fault.NotFound, "access_not_found", "there is no such access")
	// ErrAccessExists says that somebody has an access here already.
	ErrAccessExists = fault.New(fault.Exists, "access_exists", "there is an access for this person already: change that one")
	// ErrLastOwner says that a room would be left without an owner.
	ErrLastOwner = fault.New(fault.Precondition, "last_owner", "a room keeps at least one owner who has signed in: make another one first")
	// ErrOwnerExpires says that an owner's access cannot end by itself.
	ErrOwnerExpires = fault.New(fault.Invalid, "owner_cannot_expire", "an owner's access cannot expire")
	// ErrUserNotFound says that there is no such user.
	ErrUserNotFound = fault.New(fault.NotFound, "user_not_found", "there is no such user: grant by e-mail address instead")
)

// maxShownAccesses is how many accesses a room shows of itself.
const maxShownAccesses = 100

// Grant is an access to be made: for a user, or for an e-mail address.
type Grant struct {
	UserID     uuid.UUID
	Email      string
	Role       access.Role
	ExpireTime *time.Time
}

// Grant gives somebody a role in a room.
func (r *Rooms) Grant(ctx context.Context, ref string, g Grant) (made *ent.Access, err error) {
	if g.Role == access.Owner && g.ExpireTime != nil {
		return nil, ErrOwnerExpires
	}
	err = r.db.InTx(ctx, func(tx *db.Tx) error {
		rm, err := allowed(ctx, tx.Client, ref, r.asker(ctx), ownerChange{becomes: g.Role}.manages(), db.Lock)
		if err != nil {
			return err
		}
		if made, err = r.grantIn(ctx, tx, rm.ID, g); err != nil {
			return err
		}
		return r.tellAccesses(ctx, tx, rm.Room)
	})
	if err != nil {
		return nil, err
	}
	return r.db.Access.Query().Where(entaccess.ID(made.ID)).WithUser().Only(ctx)
}

// grantIn makes an access under the room's lock, so that one person gets one.
func (r *Rooms) grantIn(ctx context.Context, tx *db.Tx, roomID uuid.UUID, g Grant) (*ent.Access, error) {
	userID, email, err := g.grantee(ctx, tx.Client, r.issuers)
	if err != nil {
		return nil, err
	}
	taken, err := tx.Access.Query().Where(entaccess.RoomID(roomID), db.HeldBy(userID, email)).Exist(ctx)
	if err != nil {
		return nil, err
	}
	if taken {
		return nil, ErrAccessExists
	}
	return tx.Access.Create().SetRoomID(roomID).SetNillableUserID(userID).SetNillableEmail(email).
		SetRole(entaccess.Role(g.Role.String())).SetNillableExpireTime(g.ExpireTime).SetCreateTime(r.now()).Save(ctx)
}

// grantee is the user, with the e-mail address where one is known; an address
// of exactly one user of the issuers who has signed in is that user's.
func (g Grant) grantee(ctx context.Context, c *ent.Client, issuers []string) (*uuid.UUID, *string, error) {
	if g.Email == "" {
		u, err := c.User.Get(ctx, g.UserID)
		if ent.IsNotFound(err) {
			return nil, nil, ErrUserNotFound
		}
		if err != nil {
			return nil, nil, err
		}
		return &u.ID, orNil(u.Email), nil
	}
	email := auth.FoldAddress(g.Email)
	userID, err := db.HasAddress(ctx, c, issuers, email)
	return userID, &email, err
}

// ListAccesses reads a page of a room's accesses after a given one, oldest
// first. more says whether another page follows.
func (r *Rooms) ListAccesses(ctx context.Context, ref string, after uuid.UUID, size int) (accesses []*ent.Access, more bool, err error) {
	rm, err := allowed(ctx, r.db.Client, ref, r.asker(ctx), access.ReadAccesses)
	if err != nil {
		return nil, false, err
	}
	accesses, err = accessesOf(ctx, r.db.Client, rm.ID, after, size+1)
	if more = len(accesses) > size; more {
		accesses = accesses[:size]
	}
	return accesses, more, err
}

// SetRole changes what an access allows.
func (r *Rooms) SetRole(ctx context.Context, id uuid.UUID, role access.Role) (*ent.Access, error) {
	err := r.change(ctx, id, role, func(tx *db.Tx, a *ent.Access) error {
		if role == access.Owner && a.ExpireTime != nil {
			return ErrOwnerExpires
		}
		return tx.Access.UpdateOne(a).SetRole(entaccess.Role(role.String())).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return r.db.Access.Query().Where(entaccess.ID(id)).WithUser().Only(ctx)
}

// Revoke takes an access away.
func (r *Rooms) Revoke(ctx context.Context, id uuid.UUID) error {
	return r.change(ctx, id, access.None, func(tx *db.Tx, a *ent.Access) error {
		return tx.Access.DeleteOne(a).Exec(ctx)
	})
}

// change does something to one access under its room's lock, so that two
// changes at once cannot each rely on the other's owner.
func (r *Rooms) change(ctx context.Context, id uuid.UUID, becomes access.Role, do func(*db.Tx, *ent.Access) error) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		roomID, err := tx.Access.Query().Where(entaccess.ID(id)).QueryRoom().OnlyID(ctx)
		if ent.IsNotFound(err) {
			return ErrAccessNotFound
		}
		if err != nil {
			return err
		}
		rm, err := find(ctx, tx.Client, roomID.String(), r.asker(ctx), db.Lock)
		if err != nil {
			return err
		}
		a, err := tx.Access.Get(ctx, id)
		if ent.IsNotFound(err) {
			return ErrAccessNotFound
		}
		if err != nil {
			return err
		}
		if err := r.mayChange(ctx, tx.Client, rm, a, becomes); err != nil {
			return err
		}
		if err := do(tx, a); err != nil {
			return err
		}
		return r.tellAccesses(ctx, tx, rm.Room)
	})
}

func (r *Rooms) tellAccesses(ctx context.Context, tx *db.Tx, room *ent.Room) error {
	if r.recordings == nil {
		return nil
	}
	return r.recordings.AccessesChanged(ctx, tx, room)
}

func (r *Rooms) mayChange(ctx context.Context, c *ent.Client, rm *Room, a *ent.Access, becomes access.Role) error {
	owners, err := c.Access.Query().Where(ownersWhoCanAct(rm.ID)...).Count(ctx)
	if err != nil {
		return err
	}
	change := ownerChange{
		owners: owners, was: access.ByName(a.Role.String()), becomes: becomes,
		counts: a.Role == entaccess.RoleOwner && a.UserID != nil,
	}
	leaving := becomes == access.None && r.asker(ctx).holds(a)
	switch {
	case !leaving && !rm.May(change.manages()):
		if !rm.May(access.ReadAccesses) {
			return ErrAccessNotFound
		}
		return ErrDenied
	case !change.leavesOwner():
		return ErrLastOwner
	}
	return nil
}

// accessesOf reads accesses with their users after a given one, oldest first.
func accessesOf(ctx context.Context, c *ent.Client, roomID, after uuid.UUID, limit int) ([]*ent.Access, error) {
	return c.Access.Query().Where(entaccess.RoomID(roomID), entaccess.IDGT(after)).
		Order(entaccess.ByID()).Limit(limit).WithUser().All(ctx)
}
