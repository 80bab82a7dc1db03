// Package auth finds out who is asking: a guest, who brings nothing; a user, by
// a token of the OpenID provider or of `anteroom dev`, or by the cookie of the
// console; an application, by its API key.
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
	// ErrSignInEnded says that a cookie signs nobody in any more.
	ErrSignInEnded = fault.New(fault.Unauthenticated, "sign_in_ended", "your sign-in has ended: sign in again")
	// ErrCrossSite says that a page of elsewhere asked with a browser's cookie.
	ErrCrossSite = fault.New(fault.Denied, "cross_site_request", "only Anteroom's own pages may use its cookie")
	// ErrScope says that an API key does not open this.
	ErrScope = fault.New(fault.Denied, "scope_required", "this API key has not the scope for this")
	// ErrOperatorRequired says that only operators can do this.
	ErrOperatorRequired = fault.New(fault.Denied, "operator_required", "only an operator may do this")
)

// Principal is who makes a request. The zero value is a guest.
type Principal struct {
	UserID   uuid.UUID // zero for guests
	FullName string
	Email    string // lower case; empty when unknown
	Operator bool
	// Key is the API key of an application, zero for people.
	Key uuid.UUID
	// Scopes are what an application may do; they do not bind people.
	Scopes []string
}

// Application says whether this is one, and no person.
func (p Principal) Application() bool { return p.Key != uuid.Nil }

// SignedIn says whether this is a user.
func (p Principal) SignedIn() bool { return p.UserID != uuid.Nil }

// Kind says in a word what a principal is: guest, user, operator or application.
func (p Principal) Kind() string {
	switch {
	case p.Application():
		return "application"
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
	EmailUnchecked     bool   // whoever vouches says that they have checked no address; else an empty one is just not said
	Language, TimeZone string // BCP 47, IANA
	Operator           bool
	ExpireTime         time.Time // of the token
}

// Verifier turns a bearer token into an identity. A token that is not of its
// kind, or not valid, is ErrToken.
type Verifier interface {
	Verify(ctx context.Context, token string) (Identity, error)
	// Issuer is that of all its identities.
	Issuer() string
}

// Sighted is told of an identity and answers with its user.
type Sighted func(ctx context.Context, id Identity) (Principal, error)

// BySecret finds the principal of an API key or of a cookie.
type BySecret func(ctx context.Context, secret string) (Principal, error)

// KeyPrefix begins every API key, so that it is told from tokens, and found by
// those who look for secrets in what was published.
const KeyPrefix = "anteroom_"

// Authenticator finds the principal of a request.
type Authenticator struct {
	apiKeys   BySecret
	cookies   BySecret
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
	return &Authenticator{verifiers: verifiers, sighted: sighted, clock: clock, known: expirable.NewLRU[[sha256.Size]byte, sighting](10_000, nil, time.Minute)}
}

// Accept lets in by API keys and by the console's cookie too. Neither is
// remembered here: what was revoked ends with the next request.
func (a *Authenticator) Accept(apiKeys, cookies BySecret) { a.apiKeys, a.cookies = apiKeys, cookies }

// Authenticate finds who sent an Authorization header, or else the cookie in
// the context; neither is a guest, and what nobody accepts is an error, never a
// guest.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string) (Principal, error) {
	if authorization == "" {
		return a.byCookie(ctx)
	}
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return Principal{}, ErrToken
	}
	if strings.HasPrefix(token, KeyPrefix) && a.apiKeys != nil {
		return a.apiKeys(ctx, token)
	}
	return a.byToken(ctx, token)
}

func (a *Authenticator) byToken(ctx context.Context, token string) (Principal, error) {
	hash := sha256.Sum256([]byte(token))
	if known, ok := a.known.Get(hash); ok && a.clock.Now().Before(known.expires) {
		return known.Principal, nil
	}
	var refusal error = ErrToken
	for _, v := range a.verifiers {
		id, err := v.Verify(ctx, token)
		if err != nil {
			if !isPlain(err) {
				refusal = err
			}
			continue
		}
		p, err := a.sighted(ctx, id)
		if err == nil {
			a.known.Add(hash, sighting{p, id.ExpireTime})
		}
		return p, err
	}
	return Principal{}, refusal
}

// isPlain is whether an error is no more than that a token is of another kind.
func isPlain(err error) bool {
	f, ok := fault.Of(err)
	return ok && f.Reason == ErrToken.Reason && f.Metadata == nil
}

// Cookie is what a browser sent.
type Cookie struct {
	Secret string
	// CrossSite is whether a page of elsewhere made the browser send it, with
	// more than a link.
	CrossSite bool
}

type cookieKey struct{}

// WithCookie puts the console's cookie into a context.
func WithCookie(ctx context.Context, c Cookie) context.Context {
	return context.WithValue(ctx, cookieKey{}, c)
}

func (a *Authenticator) byCookie(ctx context.Context) (Principal, error) {
	c, ok := ctx.Value(cookieKey{}).(Cookie)
	switch {
	case !ok || a.cookies == nil:
		return Principal{}, nil
	case c.CrossSite:
		return Principal{}, ErrCrossSite
	}
	return a.cookies(ctx, c.Secret)
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
