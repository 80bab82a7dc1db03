// Package room keeps rooms and who may enter them: it makes, changes and
// deletes rooms, grants accesses, and hands out passes at the door.
package room

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	// ErrNotFound says that no living room has this id or slug.
	ErrNotFound = fault.New(fault.NotFound, "room_not_found", "there is no such room")
	// ErrDenied says that the caller's role does not allow this.
	ErrDenied = fault.New(fault.Denied, "permission_denied", "your role in this room does not allow this")
	// ErrEntryDenied says that the caller may not enter.
	ErrEntryDenied = fault.New(fault.Denied, "room_entry_denied", "you may not enter this room: ask its owner for access")
	// ErrFull says that as many people are in as may be.
	ErrFull = fault.New(fault.Exhausted, "room_full", "the room is full: try again when somebody has left")
	// ErrSlugTaken says that a living room has the wished slug.
	ErrSlugTaken = fault.New(fault.Exists, "slug_taken", "another room has this slug: choose another")
	// ErrSlugLooksLikeID says that a slug could be mistaken for an id.
	ErrSlugLooksLikeID = fault.New(fault.Invalid, "slug_looks_like_id", "a slug must not look like a room's id")
)

// Changed is told, in the transaction, that a room was made (no before),
// changed, or deleted (after has a delete time).
type Changed func(ctx context.Context, tx *db.Tx, before, after *ent.Room) error

// Recordings are asked what is to become of a room's recordings, in the
// transaction that deletes the room, which they have locked. An error keeps the room.
// They are told, also so, of who has another role in it.
type Recordings interface {
	None(ctx context.Context, tx *db.Tx, room *ent.Room) error      // unless it has any
	DeleteAll(ctx context.Context, tx *db.Tx, room *ent.Room) error // unless the caller may not
	AccessesChanged(ctx context.Context, tx *db.Tx, room *ent.Room) error
}

// Fate is what becomes of a room's recordings when it is deleted.
type Fate int

// The fates.
const (
	Keep   Fate = iota
	Delete      // with their files
	Refuse      // to delete a room that has any
)

// Rooms is the noun.
type Rooms struct {
	db        *db.DB
	clock     clockwork.Clock
	providers video.Providers
	provider  video.Name
	tickets   tickets
	notices   *notice.Notices
	changed   []Changed

	recordings Recordings // nil where nothing is recorded
	issuers    []string
}

// New makes the noun. provider is what new rooms get when they do not say;
// secret signs tickets; changed are told of every change, in order.
func New(d *db.DB, clock clockwork.Clock, providers video.Providers, provider video.Name, secret []byte, notices *notice.Notices, changed ...Changed) *Rooms {
	return &Rooms{
		db: d, clock: clock, providers: providers, provider: provider, tickets: newTickets(secret, clock), notices: notices, changed: changed,
	}
}

// AskRecordings says who knows of recordings; called before the first request.
func (r *Rooms) AskRecordings(recordings Recordings) { r.recordings = recordings }

// TrustIssuers says who vouches for e-mail addresses: only a user of theirs is
// found by one. Called before the first request.
func (r *Rooms) TrustIssuers(issuers []string) { r.issuers = issuers }

// DefaultSettings are those of a room that says nothing.
func DefaultSettings() schema.RoomSettings {
	return schema.RoomSettings{DialIn: true, EmptyTimeout: 10 * time.Minute, DepartureTimeout: 20 * time.Second}
}

// NewRoom is what a room is made from.
type NewRoom struct {
	Name      string
	Slug      string // "" makes one from the name
	Level     entroom.AccessLevel
	Settings  schema.RoomSettings
	Provider  video.Name // "" for the installation's
	RequestID string     // "" when the request is not to be repeated
}

// Get reads a room as the caller may see it.
func (r *Rooms) Get(ctx context.Context, ref string) (*Room, error) {
	rm, err := find(ctx, r.db.Client, ref, r.asker(ctx))
	if err != nil {
		return nil, err
	}
	return rm, r.complete(ctx, rm)
}

// complete adds what a page about one room shows.
func (r *Rooms) complete(ctx context.Context, rm *Room) error {
	live, err := liveIn(ctx, r.db.Client, rm.ID)
	if err != nil {
		return err
	}
	rm.Live = live[rm.ID]
	if rm.May(access.ReadAccesses) {
		rm.Accesses, err = accessesOf(ctx, r.db.Client, rm.ID, uuid.Nil, maxShownAccesses)
	}
	return err
}

// Allowed reads a room on which the caller may do something, or says why not.
func (r *Rooms) Allowed(ctx context.Context, ref string, action access.Action) (*ent.Room, error) {
	rm, err := allowed(ctx, r.db.Client, ref, r.asker(ctx), action)
	if err != nil {
		return nil, err
	}
	return rm.Room, nil
}

// List reads a page of rooms after a given one, newest first: those on which
// the caller has an access, or all. more says whether another page follows.
func (r *Rooms) List(ctx context.Context, all bool, after uuid.UUID, size int) (rooms []*Room, more bool, err error) {
	a := r.asker(ctx)
	if all && !a.Operator {
		return nil, false, auth.ErrOperatorRequired
	}
	rooms, err = page(ctx, r.db.Client, a, all, after, size+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(rooms) > size; more {
		rooms = rooms[:size]
	}
	return rooms, more, showLive(ctx, r.db.Client, rooms)
}

// Update changes a room.
func (r *Rooms) Update(ctx context.Context, ref string, c Changes) (*Room, error) {
	if c.Slug != nil && looksLikeID(*c.Slug) {
		return nil, ErrSlugLooksLikeID
	}
	var changed *Room
	err := r.db.InTx(ctx, func(tx *db.Tx) error {
		before, err := allowed(ctx, tx.Client, ref, r.asker(ctx), access.UpdateRoom, db.Lock)
		if err != nil {
			return err
		}
		after, err := c.apply(tx.Room.UpdateOne(before.Room), before.Settings).SetUpdateTime(r.now()).Save(ctx)
		if err != nil {
			return err
		}
		changed = before.as(after)
		return r.tell(ctx, tx, before.Room, after)
	})
	if db.IsUnique(err) {
		return nil, ErrSlugTaken
	}
	if err != nil {
		return nil, err
	}
	return changed, r.complete(ctx, changed)
}

// Delete deletes a room. Its slug is free again at once; what else follows is
// done by those who are told.
func (r *Rooms) Delete(ctx context.Context, ref string, fate Fate) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		before, err := allowed(ctx, tx.Client, ref, r.asker(ctx), access.DeleteRoom, db.Lock)
		if err != nil {
			return err
		}
		if err := r.settleRecordings(ctx, tx, before.Room, fate); err != nil {
			return err
		}
		after, err := tx.Room.UpdateOne(before.Room).SetDeleteTime(r.now()).SetUpdateTime(r.now()).Save(ctx)
		if err != nil {
			return err
		}
		return r.tell(ctx, tx, before.Room, after)
	})
}

func (r *Rooms) settleRecordings(ctx context.Context, tx *db.Tx, room *ent.Room, fate Fate) error {
	switch {
	case r.recordings == nil || fate == Keep:
		return nil
	case fate == Refuse:
		return r.recordings.None(ctx, tx, room)
	}
	return r.recordings.DeleteAll(ctx, tx, room)
}

// Changes says what to change; nil leaves a field as it is.
type Changes struct {
	Name     *string
	Slug     *string
	Level    *entroom.AccessLevel
	Settings func(*schema.RoomSettings)
}

func (c Changes) apply(u *ent.RoomUpdateOne, settings schema.RoomSettings) *ent.RoomUpdateOne {
	if c.Name != nil {
		u.SetName(strings.TrimSpace(*c.Name))
	}
	if c.Slug != nil {
		u.SetSlug(*c.Slug)
	}
	if c.Level != nil {
		u.SetAccessLevel(*c.Level)
	}
	if c.Settings != nil {
		c.Settings(&settings)
		u.SetSettings(settings)
	}
	return u
}

func (r *Rooms) tell(ctx context.Context, tx *db.Tx, before, after *ent.Room) error {
	if err := r.notices.Publish(ctx, tx, told(before, after)...); err != nil {
		return err
	}
	for _, changed := range r.changed {
		if err := changed(ctx, tx, before, after); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rooms) now() time.Time { return r.clock.Now().UTC().Truncate(time.Microsecond) }

func (r *Rooms) asker(ctx context.Context) asker { return asker{auth.From(ctx), r.now()} }
