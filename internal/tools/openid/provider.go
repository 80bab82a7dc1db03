package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"slices"
	"sync"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// people are who can sign in, all with the password "secret".
func people() map[string]*storage.User {
	made := map[string]*storage.User{}
	for _, u := range []*storage.User{
		{Username: "ada", FirstName: "Ada", LastName: "Admin", EmailVerified: true, PreferredLanguage: language.French},
		{Username: "oscar", FirstName: "Oscar", LastName: "Operator", EmailVerified: true, PreferredLanguage: language.English},
		{Username: "uma", FirstName: "Uma", LastName: "User", EmailVerified: true, PreferredLanguage: language.BrazilianPortuguese},
		{Username: "vera", FirstName: "Vera", LastName: "Vague", PreferredLanguage: language.German},
	} {
		u.ID, u.Password, u.Email = "sub-"+u.Username, "secret", u.Username+"@example.org"
		made[u.ID] = u
	}
	return made
}

type users map[string]*storage.User

func (u users) ExampleClientID() string                  { return "nobody" }
func (u users) GetUserByID(id string) *storage.User      { return u[id] }
func (u users) GetUserByUsername(n string) *storage.User { return u["sub-"+n] }

// provider is zitadel's storage, whose keys rotate and whose tokens carry roles.
type provider struct {
	*storage.Storage
	redirects []string
	lifetime  time.Duration

	mu      sync.Mutex
	keys    []signingKey // the last one signs
	roles   map[string][]string
	down    bool // the keys alone
	gone    bool // all of it
	fetched int
	answers map[string]*answer // by path
	asked   map[string]int     // by path
}

func newProvider(redirects []string, lifetime time.Duration) *provider {
	p := &provider{
		Storage: storage.NewStorageWithClients(users(people()), map[string]*storage.Client{
			"anteroom": storage.WebClient("anteroom", "client-secret", redirects...),
			"frontend": storage.WebClient("frontend", "frontend-secret", redirects...),
			"page":     storage.NativeClient("page", redirects...), // has no secret
		}),
		redirects: redirects, lifetime: lifetime, keys: []signingKey{newKey()},
		answers: map[string]*answer{}, asked: map[string]int{},
		roles: map[string][]string{"sub-ada": {"anteroom-operator", "staff"}, "sub-oscar": {"anteroom-operator"}, "sub-uma": {"staff"}},
	}
	return p
}

type signingKey struct {
	id  string
	key *rsa.PrivateKey
}

func newKey() signingKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return signingKey{uuid.NewString(), key}
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) Key() any                                    { return k.key }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }

type publicKey struct{ signingKey }

func (k publicKey) Key() any                           { return &k.key.PublicKey }
func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }

func (p *provider) signing() signingKey {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[len(p.keys)-1]
}

// SigningKey implements op.Storage.
func (p *provider) SigningKey(context.Context) (op.SigningKey, error) { return p.signing(), nil }

// SignatureAlgorithms implements op.Storage.
func (p *provider) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet implements op.Storage.
func (p *provider) KeySet(context.Context) ([]op.Key, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var keys []op.Key
	for _, k := range p.keys {
		keys = append(keys, publicKey{k})
	}
	return keys, nil
}

// client is zitadel's, whose tokens say all that they can.
type client struct {
	op.Client
	p *provider
}

func (c client) IDTokenLifetime() time.Duration       { return c.p.lifetime }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }
func (c client) RedirectURIGlobs() []string           { return c.p.redirects }
func (c client) PostLogoutRedirectURIGlobs() []string {
	return []string{"http://127.0.0.1:*/", "http://localhost:*/", "https://127.0.0.1:*/"}
}

// GetClientByClientID implements op.Storage.
func (p *provider) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := p.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{c, p}, nil
}

func (p *provider) claims(subject string) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return map[string]any{"roles": slices.Clone(p.roles[subject])}
}

// SetUserinfoFromRequest implements op.CanSetUserinfoFromRequest.
func (p *provider) SetUserinfoFromRequest(ctx context.Context, info *oidc.UserInfo, token op.IDTokenRequest, scopes []string) error {
	err := p.Storage.SetUserinfoFromRequest(ctx, info, token, scopes)
	p.describe(info, token.GetSubject())
	return err
}

// SetUserinfoFromToken implements op.Storage.
func (p *provider) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, id, subject, origin string) error {
	err := p.Storage.SetUserinfoFromToken(ctx, info, id, subject, origin)
	p.describe(info, subject)
	return err
}

func (p *provider) describe(info *oidc.UserInfo, subject string) {
	info.Zoneinfo = "Europe/Paris"
	if info.Email != "" && !bool(info.EmailVerified) {
		info.AppendClaims("email_verified", false) // the library leaves out what is false
	}
	for name, value := range p.claims(subject) {
		info.AppendClaims(name, value)
	}
}

// GetPrivateClaimsFromScopes implements op.Storage.
func (p *provider) GetPrivateClaimsFromScopes(_ context.Context, subject, _ string, _ []string) (map[string]any, error) {
	return p.claims(subject), nil
}
