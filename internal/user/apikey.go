package user

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entkey "github.com/anteroom-dev/anteroom/ent/apikey"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrKeyNotFound says that there is no such API key.
	ErrKeyNotFound = fault.New(fault.NotFound, "api_key_not_found", "there is no such API key")
	// ErrKeyName says that an application cannot be called so.
	ErrKeyName = fault.New(fault.Invalid, "invalid_request", "an application's name is lower-case letters, digits and hyphens, at most 60")
	// ErrScope says that there is no such scope.
	ErrScope = fault.New(fault.Invalid, "unknown_scope", "there is no such scope")
	// ErrKeyExpireTime says that a key would have ended already.
	ErrKeyExpireTime = fault.New(fault.Invalid, "key_expire_time_past", "a key ends at a time to come")
)

const (
	// applications vouches for the users that applications are.
	applications = "anteroom:application"
	// prefixLength is how many characters a key is found by.
	prefixLength = 12
	// useInterval is how exact the time of the last use is.
	useInterval = 5 * time.Minute
)

var keyName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$`)

// NewKey describes an API key.
type NewKey struct {
	Name       string // the application's
	Scopes     []string
	ExpireTime *time.Time // nil for a key that does not end by itself
}

func (n NewKey) check(now time.Time) error {
	if !keyName.MatchString(n.Name) {
		return ErrKeyName
	}
	if len(n.Scopes) == 0 {
		return ErrScope.Saying("a key without a scope opens nothing")
	}
	for _, s := range n.Scopes {
		if !slices.Contains(access.Scopes, access.Scope(s)) {
			return ErrScope.With("scope", s).Saying(fmt.Sprintf("there is no scope %.40q", s))
		}
	}
	if n.ExpireTime != nil && !n.ExpireTime.After(now) {
		return ErrKeyExpireTime
	}
	return nil
}

// CreateKey makes a key for an application, and the application if this is its
// first. The secret is told here and kept nowhere.
func (u *Users) CreateKey(ctx context.Context, n NewKey) (made *ent.ApiKey, secret string, err error) {
	now := u.now()
	if err := n.check(now); err != nil {
		return nil, "", err
	}
	scopes := slices.Compact(slices.Sorted(slices.Values(n.Scopes)))
	prefix, raw := strings.ToLower(rand.Text()[:prefixLength]), auth.NewSecret()
	hash := sha256.Sum256(raw)
	err = u.db.InTx(ctx, func(tx *db.Tx) error {
		application, err := u.record(ctx, tx, auth.Identity{Issuer: applications, Subject: n.Name, FullName: n.Name})
		if err != nil {
			return err
		}
		create := tx.ApiKey.Create().SetUserID(application.ID).SetName(n.Name).SetPrefix(prefix).SetSecretHash(hash[:]).
			SetScopes(scopes).SetCreateTime(now).SetNillableExpireTime(utc(n.ExpireTime))
		if p := auth.From(ctx); p.SignedIn() {
			create.SetCreatedBy(p.UserID)
		}
		made, err = create.Save(ctx)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return made, auth.KeyPrefix + prefix + "_" + base64.RawURLEncoding.EncodeToString(raw), nil
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	at := t.UTC().Truncate(time.Microsecond)
	return &at
}

// ListKeys lists keys, the newest first, of one application or of all.
func (u *Users) ListKeys(ctx context.Context, name string, after uuid.UUID, limit int) (keys []*ent.ApiKey, more bool, err error) {
	q := u.db.ApiKey.Query().Order(entkey.ByID(sql.OrderDesc())).Limit(limit + 1)
	if name != "" {
		q.Where(entkey.Name(name))
	}
	if after != uuid.Nil {
		q.Where(entkey.IDLT(after))
	}
	if keys, err = q.All(ctx); err != nil {
		return nil, false, err
	}
	return keys[:min(limit, len(keys))], len(keys) > limit, nil
}

// RevokeKey ends a key at once.
func (u *Users) RevokeKey(ctx context.Context, id uuid.UUID) (*ent.ApiKey, error) {
	_, err := u.db.ApiKey.Update().Where(entkey.ID(id), entkey.RevokeTimeIsNil()).SetRevokeTime(u.now()).Save(ctx)
	if err != nil {
		return nil, err
	}
	key, err := u.db.ApiKey.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, ErrKeyNotFound
	}
	return key, err
}

// ByKey finds the application that shows a key. One that is not known costs the
// same work as one whose secret is wrong.
func (u *Users) ByKey(ctx context.Context, shown string) (auth.Principal, error) {
	prefix, secret, _ := strings.Cut(strings.TrimPrefix(shown, auth.KeyPrefix), "_")
	if len(prefix) != prefixLength {
		return auth.Principal{}, auth.ErrToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(raw) != sha256.Size {
		return auth.Principal{}, auth.ErrToken
	}
	key, err := u.db.ApiKey.Query().Where(entkey.Prefix(prefix)).WithUser().Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return auth.Principal{}, err
	}
	if !matches(key, raw) {
		return auth.Principal{}, auth.ErrToken
	}
	if why := ended(key.RevokeTime, key.ExpireTime, u.now()); why != "" {
		return auth.Principal{}, auth.ErrToken.With("why", why)
	}
	application, err := key.Edges.UserOrErr()
	if err != nil {
		return auth.Principal{}, err
	}
	u.used(ctx, key)
	return auth.Principal{
		UserID: application.ID, FullName: application.FullName, Key: key.ID, Scopes: key.Scopes,
		Operator: slices.Contains(key.Scopes, string(access.Operating)),
	}, nil
}

// matches compares in a time that does not tell how much of a secret is right,
// nor whether there is such a key.
func matches(key *ent.ApiKey, raw []byte) bool {
	hash, kept := sha256.Sum256(raw), make([]byte, sha256.Size)
	if key != nil {
		kept = key.SecretHash
	}
	return subtle.ConstantTimeCompare(hash[:], kept) == 1 && key != nil
}

// used keeps the time of a key's last use, some minutes behind. A request does
// not fail for the sake of it.
func (u *Users) used(ctx context.Context, key *ent.ApiKey) {
	now := u.now()
	before := now.Add(-useInterval)
	if key.LastUseTime != nil && key.LastUseTime.After(before) {
		return
	}
	_, _ = u.db.ApiKey.Update().Where(entkey.ID(key.ID), entkey.Or(entkey.LastUseTimeIsNil(), entkey.LastUseTimeLTE(before))).
		SetLastUseTime(now).Save(ctx)
}
