// Package auth finds out who is asking. Today those are guests, who bring no
// token, and users with a development token; every later way in is one more
// Verifier.
package auth

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrToken says that a bearer token is not accepted.
	ErrToken = fault.New(fault.Unauthenticated, "unauthenticated", "the token is not valid here: sign in again")
	// ErrSignInRequired says that guests cannot do this.
	ErrSignInRequired = fault.New(fault.Unauthenticated, "sign_in_required", "sign in first")
	// ErrOperatorRequired says that only operators can do this.
	ErrOperatorRequired = fault.New(fault.Denied, "operator_required", "only an operator may do this")
)

// Principal is who makes a request. The zero value is a guest.
type Principal struct {
	UserID   uuid.UUID // zero for guests
	FullName string
	Email    string // lower case; empty when unknown
	Operator bool
}

// SignedIn says whether this is a user.
func (p Principal) SignedIn() bool { return p.UserID != uuid.Nil }

// Kind is a word for logs: guest, user or operator.
func (p Principal) Kind() string {
	switch {
	case !p.SignedIn():
		return "guest"
	case p.Operator:
		return "operator"
	}
	return "user"
}

// Identity is what a token says about its bearer.
type Identity struct {
	Issuer, Subject    string
	Email, FullName    string
	Language, TimeZone string // BCP 47, IANA
	Operator           bool
	ExpireTime         time.Time // of the token
}

// Verifier turns a bearer token into an identity. A token that is not of its
// kind, or not valid, is ErrToken.
type Verifier interface {
	Verify(ctx context.Context, token string) (Identity, error)
}

// Sighted is told of an identity and answers with its user.
type Sighted func(ctx context.Context, id Identity) (Principal, error)

// Authenticator finds the principal of a request.
type Authenticator struct {
	verifiers []Verifier
	sighted   Sighted
	clock     clockwork.Clock
	known     *expirable.LRU[[sha256.Size]byte, sighting]
}

// sighting is a token that was accepted a moment ago.
type sighting struct {
	Principal
	expires time.Time
}

// New makes an authenticator. Tokens that were accepted are remembered for a
// minute, by their hash and not beyond their end, so that a request costs no
// signature and no write.
func New(clock clockwork.Clock, sighted Sighted, verifiers ...Verifier) *Authenticator {
	return &Authenticator{verifiers, sighted, clock, expirable.NewLRU[[sha256.Size]byte, sighting](10_000, nil, time.Minute)}
}

// Authenticate finds who sent an Authorization header; no header is a guest,
// and a header that nobody accepts is ErrToken, never a guest.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string) (Principal, error) {
	if authorization == "" {
		return Principal{}, nil
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, ErrToken
	}
	hash := sha256.Sum256([]byte(token))
	if known, ok := a.known.Get(hash); ok && a.clock.Now().Before(known.expires) {
		return known.Principal, nil
	}
	for _, v := range a.verifiers {
		id, err := v.Verify(ctx, token)
		if err != nil {
			continue
		}
		p, err := a.sighted(ctx, id)
		if err == nil {
			a.known.Add(hash, sighting{p, id.ExpireTime})
		}
		return p, err
	}
	return Principal{}, ErrToken
}

// Forget drops what is remembered, after a user has changed their own record.
func (a *Authenticator) Forget() { a.known.Purge() }

type key struct{}

// With puts the principal into a context.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, key{}, p)
}

// From takes the principal out of a context; a guest when there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(key{}).(Principal)
	return p
}
