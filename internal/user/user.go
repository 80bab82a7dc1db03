// Package user knows who has signed in.
package user

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"golang.org/x/text/language"

	"github.com/anteroom-dev/anteroom/ent"
	entuser "github.com/anteroom-dev/anteroom/ent/user"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrLanguage says that a language is no BCP 47 tag.
	ErrLanguage = fault.New(fault.Invalid, "invalid_language", "a language is a BCP 47 tag, as fr or pt-BR")
	// ErrTimeZone says that a time zone is not known.
	ErrTimeZone = fault.New(fault.Invalid, "invalid_time_zone", "a time zone is an IANA name, as Europe/Paris")
)

// Users is the noun.
type Users struct {
	db    *db.DB
	clock clockwork.Clock
}

// New makes the noun.
func New(d *db.DB, clock clockwork.Clock) *Users { return &Users{d, clock} }

// Sighted finds the user of an identity, and makes the record at first sight.
// What the issuer says later of the e-mail address is taken over, also that it is
// unchecked; name, language and time zone are the user's own as soon as they
// are known.
func (u *Users) Sighted(ctx context.Context, id auth.Identity) (auth.Principal, error) {
	id.Email = auth.FoldAddress(id.Email)
	var known *ent.User
	err := u.db.InTx(ctx, func(tx *db.Tx) (err error) {
		known, err = u.record(ctx, tx, id)
		if err == nil {
			known, err = u.learn(ctx, tx, known, id)
		}
		return err
	})
	if err != nil {
		return auth.Principal{}, err
	}
	return auth.Principal{UserID: known.ID, FullName: known.FullName, Email: known.Email, Operator: id.Operator}, nil
}

// learn keeps what is new in what the issuer says of a user.
func (u *Users) learn(ctx context.Context, tx *db.Tx, known *ent.User, id auth.Identity) (*ent.User, error) {
	change := tx.User.UpdateOne(known)
	if (id.Email != "" || id.EmailUnchecked) && known.Email != id.Email {
		change.SetEmail(id.Email)
	}
	if known.FullName == "" && id.FullName != "" {
		change.SetFullName(id.FullName)
	}
	if known.Language == "" && id.Language != "" {
		change.SetLanguage(id.Language)
	}
	if known.TimeZone == "" && id.TimeZone != "" {
		change.SetTimeZone(id.TimeZone)
	}
	if len(change.Mutation().Fields()) == 0 {
		return known, nil
	}
	return change.SetUpdateTime(u.now()).Save(ctx)
}

func (u *Users) record(ctx context.Context, tx *db.Tx, id auth.Identity) (*ent.User, error) {
	of := entuser.And(entuser.Issuer(id.Issuer), entuser.Subject(id.Subject))
	known, err := tx.User.Query().Where(of).Only(ctx)
	if !ent.IsNotFound(err) {
		return known, err
	}
	now := u.now()
	_, err = tx.InsertNew(ctx, entuser.Table, map[string]any{
		entuser.FieldID: uuid.Must(uuid.NewV7()), entuser.FieldIssuer: id.Issuer, entuser.FieldSubject: id.Subject,
		entuser.FieldEmail: id.Email, entuser.FieldFullName: id.FullName,
		entuser.FieldLanguage: id.Language, entuser.FieldTimeZone: id.TimeZone,
		entuser.FieldFirstSeenTime: now, entuser.FieldUpdateTime: now,
	})
	if err != nil {
		return nil, err
	}
	return tx.User.Query().Where(of).Only(ctx)
}

// Self reads the caller's record.
func (u *Users) Self(ctx context.Context) (*ent.User, error) {
	p := auth.From(ctx)
	if !p.SignedIn() {
		return nil, auth.ErrSignInRequired
	}
	return u.db.User.Get(ctx, p.UserID)
}

// Changes says what to change; nil leaves a field as it is.
type Changes struct{ FullName, Language, TimeZone *string }

func (c Changes) check() error {
	if c.Language != nil && *c.Language != "" {
		if _, err := language.Parse(*c.Language); err != nil {
			return ErrLanguage
		}
	}
	if c.TimeZone != nil && *c.TimeZone != "" {
		if _, err := time.LoadLocation(*c.TimeZone); err != nil || *c.TimeZone == "Local" {
			return ErrTimeZone
		}
	}
	return nil
}

// UpdateSelf changes the caller's record.
func (u *Users) UpdateSelf(ctx context.Context, c Changes) (*ent.User, error) {
	p := auth.From(ctx)
	if !p.SignedIn() {
		return nil, auth.ErrSignInRequired
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return u.db.User.UpdateOneID(p.UserID).SetNillableFullName(c.FullName).SetNillableLanguage(c.Language).
		SetNillableTimeZone(c.TimeZone).SetUpdateTime(u.now()).Save(ctx)
}

func (u *Users) now() time.Time { return u.clock.Now().UTC().Truncate(time.Microsecond) }
