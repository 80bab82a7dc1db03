package recording

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrAccessNotFound says that there is no such access.
	ErrAccessNotFound = fault.New(fault.NotFound, "access_not_found", "there is no such access")
	// ErrAccessExists says that there is an access for this already.
	ErrAccessExists = fault.New(fault.Exists, "access_exists", "there is an access for this already")
	// ErrLastOwner says that a recording would be left without an owner.
	ErrLastOwner = fault.New(fault.Precondition, "last_owner", "a recording keeps at least one owner who has signed in")
	// ErrOwnerExpires says that an owner's access cannot end by itself.
	ErrOwnerExpires = fault.New(fault.Invalid, "owner_cannot_expire", "an owner's access cannot expire")
	// ErrUserNotFound says that there is no such user.
	ErrUserNotFound = fault.New(fault.NotFound, "user_not_found", "there is no such user: grant by e-mail address instead")
)

// Grant is an access to be made: for a user, for an e-mail address, or for
// everyone who was there.
type Grant struct {
	UserID     uuid.UUID
	Email      string
	Everyone   bool
	Role       access.Role
	ExpireTime *time.Time
}

// manages names the action that a change of an access needs.
func manages(role access.Role) access.Action {
	if role == access.Owner {
		return access.ManageRecordingOwners
	}
	return access.ManageRecordingAccess
}

// Grant lets somebody see a recording.
func (r *Recordings) Grant(ctx context.Context, id uuid.UUID, g Grant) (*ent.RecordingAccess, error) {
	if g.Role == access.Owner && g.ExpireTime != nil {
		return nil, ErrOwnerExpires
	}
	rec, err := r.allowed(ctx, r.db.Client, id, manages(g.Role))
	if err != nil {
		return nil, err
	}
	var made uuid.UUID
	err = r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		rec, err := r.allowed(ctx, tx.Client, id, manages(g.Role)) // it may be available since a moment ago
		if err != nil {
			return err
		}
		if err := dropExpired(ctx, tx, id, r.now()); err != nil {
			return err
		}
		row, err := g.row(ctx, tx.Client, r.config.Issuers, id, r.now())
		if err != nil {
			return err
		}
		made = row[recordingaccess.FieldID].(uuid.UUID)
		isNew, err := tx.InsertNew(ctx, recordingaccess.Table, row)
		switch {
		case err != nil:
			return err
		case !isNew:
			return ErrAccessExists
		case g.Role == access.Owner && rec.AvailableTime != nil:
			return r.tellOwners(ctx, tx, id, recordingaccess.ID(made))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.db.RecordingAccess.Query().Where(recordingaccess.ID(made)).WithUser().Only(ctx)
}

// row is the access that a grant makes. An address of exactly one user of the
// issuers who has signed in is that user's.
func (g Grant) row(ctx context.Context, c *ent.Client, issuers []string, id uuid.UUID, now time.Time) (map[string]any, error) {
	var userID *uuid.UUID
	var email *string
	switch {
	case g.Everyone:
	case g.Email != "":
		address := auth.FoldAddress(g.Email)
		email = &address
		var err error
		if userID, err = db.HasAddress(ctx, c, issuers, address); err != nil {
			return nil, err
		}
	default:
		u, err := c.User.Get(ctx, g.UserID)
		if ent.IsNotFound(err) {
			return nil, ErrUserNotFound
		}
		if err != nil {
			return nil, err
		}
		userID, email = &u.ID, orNil(u.Email)
	}
	return map[string]any{
		recordingaccess.FieldID: uuid.Must(uuid.NewV7()), recordingaccess.FieldRecordingID: id,
		recordingaccess.FieldUserID: userID, recordingaccess.FieldEmail: email, recordingaccess.FieldEveryone: g.Everyone,
		recordingaccess.FieldRole: g.Role.String(), recordingaccess.FieldCreateTime: now, recordingaccess.FieldExpireTime: g.ExpireTime,
	}, nil
}

// ListAccesses reads a page of a recording's accesses after a given one, oldest
// first. more says whether another page follows.
func (r *Recordings) ListAccesses(ctx context.Context, id, after uuid.UUID, size int) (page []*ent.RecordingAccess, more bool, err error) {
	if _, err := r.allowed(ctx, r.db.Client, id, access.ReadRecordingAccesses); err != nil {
		return nil, false, err
	}
	page, err = r.db.RecordingAccess.Query().Where(recordingaccess.RecordingID(id), recordingaccess.IDGT(after)).
		Order(recordingaccess.ByID()).Limit(size + 1).WithUser().All(ctx)
	if more = len(page) > size; more {
		page = page[:size]
	}
	return page, more, err
}

// Revoke takes an access away.
func (r *Recordings) Revoke(ctx context.Context, id uuid.UUID) error {
	found, err := r.db.RecordingAccess.Query().Where(recordingaccess.ID(id)).WithRecording().Only(ctx)
	if ent.IsNotFound(err) {
		return ErrAccessNotFound
	}
	if err != nil {
		return err
	}
	return r.inRoom(ctx, found.Edges.Recording.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		held, err := tx.RecordingAccess.Get(ctx, id)
		if ent.IsNotFound(err) {
			return ErrAccessNotFound
		}
		if err != nil {
			return err
		}
		if err := r.mayRevoke(ctx, tx.Client, held); err != nil {
			return err
		}
		return tx.RecordingAccess.DeleteOne(held).Exec(ctx)
	})
}

func (r *Recordings) mayRevoke(ctx context.Context, c *ent.Client, held *ent.RecordingAccess) error {
	rec, err := r.find(ctx, c, held.RecordingID)
	if fault.KindOf(err) == fault.NotFound {
		return ErrAccessNotFound
	}
	if err != nil {
		return err
	}
	self := r.asker(ctx).holds(held)
	role := access.ByName(held.Role.String())
	switch {
	case !self && !rec.May(access.ReadRecordingAccesses):
		return ErrAccessNotFound
	case !self && !rec.May(manages(role)):
		return ErrDenied
	case role != access.Owner || held.UserID == nil:
		return nil
	}
	owners, err := c.RecordingAccess.Query().Where(recordingaccess.RecordingID(held.RecordingID),
		recordingaccess.RoleEQ(recordingaccess.RoleOwner), recordingaccess.UserIDNotNil()).Count(ctx)
	if err == nil && owners <= 1 {
		return ErrLastOwner
	}
	return err
}
