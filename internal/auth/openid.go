package auth

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"
	"golang.org/x/oauth2"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

var (
	// ErrProvider says that the identity provider does not answer.
	ErrProvider = fault.New(fault.Unavailable, "identity_provider_unavailable", "the identity provider cannot be reached: try again")

	// ErrNoKey says that the identity provider answers, and shows nothing to check
	// signatures with.
	ErrNoKey = errors.New("the identity provider shows no key that tokens could be signed by")

	errUnknownKey = errors.New("the token is signed by a key that the provider does not show")
	errType       = errors.New("this type of token is not for signing in")
	errParty      = errors.New("the token was made for another application")
	errNoAudience = errors.New("no audience is configured that tokens could be for")
	errIDToken    = errors.New("an ID token says who signed in, and opens nothing")
)

const (
	providerTimeout = 10 * time.Second
	discoveryPause  = 5 * time.Second // between two tries
	maxAnswer       = 1 << 20         // bytes of an answer of the provider
	maxToken        = 16 << 10        // bytes of a token
)

// asymmetric are the algorithms that tokens may be signed with. None of them
// lets somebody who knows a public key make a token.
var asymmetric = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// tokenTypes are the types of tokens that speak for somebody: unnamed, and the
// access tokens of RFC 9068. A logout token, for one, does not.
var tokenTypes = []string{"", "jwt", "at+jwt", "application/at+jwt"}

// OpenID is how an OpenID provider is trusted.
type OpenID struct {
	Issuer    string
	Audiences []string // of which a bearer token has one; none is accepted when there are none
	Parties   []string // the applications whose bearer tokens are accepted; all when there are none
	Operators Operators
	// VerifiedEmail is whether an e-mail address counts only if the provider says
	// that it was checked; else it is enough that it does not say the contrary.
	VerifiedEmail bool
	Skew          time.Duration // how far the clocks may differ

	// What follows is for signing in to the console.
	ClientID, ClientSecret string
	Scopes                 []string // asked for besides openid; when there are none, profile, email and what keeps the sign-in going
	RedirectURL            string   // of this program, where the provider sends people back to
	SignedOutURL           string   // where it sends them after signing out

	Clock clockwork.Clock
	Log   *slog.Logger
}

// Provider is an OpenID provider. It is looked at when it is first needed, so
// that the program starts while it is away.
type Provider struct {
	config OpenID
	client *http.Client
	keys   *keys

	silence sync.Once // tells that the claim that makes operators is nowhere

	mu    sync.Mutex
	found *discovered
	tried time.Time
	err   error
}

// discovered is what a provider says of itself.
type discovered struct {
	*oidc.Provider
	oauth       oauth2.Config
	EndSession  string   `json:"end_session_endpoint"`
	Revocation  string   `json:"revocation_endpoint"`
	KeysURL     string   `json:"jwks_uri"`
	Supported   []string `json:"scopes_supported"`
	UserInfoURL string   `json:"userinfo_endpoint"`
}

// NewProvider makes one; nothing is asked of it yet.
func NewProvider(c OpenID) *Provider {
	client := &http.Client{Timeout: providerTimeout, Transport: bounded{http.DefaultTransport}}
	p := &Provider{config: c, client: client}
	p.keys = &keys{where: p.keysURL, client: client, clock: c.Clock}
	return p
}

// bounded cuts answers that are larger than any provider's.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// Check asks the provider what it is, and for its keys: an error says in words
// what is wrong with it or with what is configured.
func (p *Provider) Check(ctx context.Context) error {
	if _, err := p.discover(ctx); err != nil {
		return err
	}
	if err := p.keys.refresh(ctx); err != nil {
		return err
	}
	if p.keys.none() {
		return ErrNoKey
	}
	return nil
}

// discover asks the provider for what it says of itself, until it has said it.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if !p.tried.IsZero() && p.config.Clock.Since(p.tried) < discoveryPause {
		return nil, ErrProvider.Because(p.err)
	}
	p.found, p.err = p.ask(p.with(ctx))
	p.tried = p.config.Clock.Now()
	if p.err != nil {
		return nil, ErrProvider.Because(p.err)
	}
	return p.found, nil
}

// keysURL is where the keys are. What the provider says of itself is asked anew
// with them, unless that was just now; while it does not say it, they are sought
// where they were.
func (p *Provider) keysURL(ctx context.Context) (string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	soon := p.config.Clock.Since(p.tried) < keysPause
	p.mu.Unlock()
	if soon {
		return d.KeysURL, nil
	}
	fresh, err := p.ask(p.with(ctx))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = p.config.Clock.Now()
	if err != nil {
		p.config.Log.WarnContext(ctx, "the identity provider does not say what it is, and is taken for what it was", slog.Any("error", err))
		return d.KeysURL, nil
	}
	p.found = fresh
	return fresh.KeysURL, nil
}

// with puts the HTTP client where the libraries look for it. What is asked of
// the provider is asked for everybody who waits, so it outlives who asked first.
func (p *Provider) with(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), oauth2.HTTPClient, p.client)
}

func (p *Provider) ask(ctx context.Context) (*discovered, error) {
	c := p.config
	found, err := oidc.NewProvider(ctx, c.Issuer)
	if err != nil {
		return nil, brief(err)
	}
	d := &discovered{Provider: found}
	if err := found.Claims(d); err != nil {
		return nil, err
	}
	d.oauth = oauth2.Config{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: found.Endpoint(),
		RedirectURL: c.RedirectURL, Scopes: append([]string{oidc.ScopeOpenID}, d.scopes(c.Scopes)...),
	}
	if c.ClientSecret == "" {
		d.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return d, nil
}

// maxWords is how much of a provider's words is repeated, in characters.
const maxWords = 400

// brief is an error without most of the page that may be in it: the library repeats
// whatever was answered.
func brief(err error) error { return errors.New(plain(err.Error(), maxWords)) }

// scopes are those that were configured, else those that say who somebody is,
// and what keeps a sign-in going where the provider has it: some refuse what
// they do not know.
func (d *discovered) scopes(configured []string) []string {
	if len(configured) > 0 {
		return slices.DeleteFunc(slices.Clone(configured), func(s string) bool { return s == oidc.ScopeOpenID })
	}
	scopes := []string{"profile", "email"}
	if slices.Contains(d.Supported, oidc.ScopeOfflineAccess) {
		scopes = append(scopes, oidc.ScopeOfflineAccess)
	}
	return scopes
}

// Issuer implements Verifier.
func (p *Provider) Issuer() string { return p.config.Issuer }

// Verify accepts the provider's tokens that were made for this API.
func (p *Provider) Verify(ctx context.Context, token string) (Identity, error) {
	if len(p.config.Audiences) == 0 && p.issued(token) {
		return Identity{}, p.refuse(ctx, errNoAudience)
	}
	claims, err := p.claims(ctx, token, p.config.Audiences)
	switch {
	case err != nil:
		return Identity{}, err
	case isIDToken(claims):
		return Identity{}, p.refuse(ctx, errIDToken)
	}
	if len(p.config.Parties) > 0 && !slices.Contains(p.config.Parties, cmp.Or(str(claims, "azp"), str(claims, "client_id"))) {
		return Identity{}, p.refuse(ctx, errParty)
	}
	return p.identify(claims)
}

// isIDToken is whether a token says of itself that it is one: by the hash of
// what was given with it, or by its name at Keycloak or at Cognito. Where the
// API's audience is the client's id, nothing else tells it from others.
func isIDToken(claims jwt.MapClaims) bool {
	return str(claims, "at_hash") != "" || str(claims, "c_hash") != "" || str(claims, "typ") == "ID" || str(claims, "token_use") == "id"
}

// identify reads the claims of a token that is good.
func (p *Provider) identify(claims jwt.MapClaims) (Identity, error) {
	_, named := claims["email"]
	if v := claims["email_verified"]; p.config.VerifiedEmail && named && v != true && v != "true" {
		claims = maps.Clone(claims)
		claims["email_verified"] = false
	}
	id, err := p.config.Operators.identity(claims)
	if err != nil {
		return Identity{}, err
	}
	id.Issuer = p.config.Issuer
	if at, err := claims.GetExpirationTime(); err == nil && at != nil {
		id.ExpireTime = at.Add(p.config.Skew)
	}
	return id, nil
}

// claims checks a token's signature, issuer, audience and times.
func (p *Provider) claims(ctx context.Context, token string, audiences []string) (jwt.MapClaims, error) {
	if !p.issued(token) {
		return nil, ErrToken
	}
	if _, err := p.discover(ctx); err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if kind, _ := t.Header["typ"].(string); !slices.Contains(tokenTypes, strings.ToLower(kind)) {
			return nil, errType
		}
		id, _ := t.Header["kid"].(string)
		return p.keys.find(ctx, id, t.Method.Alg())
	},
		jwt.WithValidMethods(asymmetric), jwt.WithIssuer(p.config.Issuer), jwt.WithAudience(audiences...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(p.config.Skew), jwt.WithTimeFunc(p.config.Clock.Now))
	switch {
	case errors.Is(err, ErrProvider):
		return nil, err
	case err != nil:
		return nil, p.refuse(ctx, err)
	}
	return claims, nil
}

// issued is whether a token says that it is of this provider: whatever else
// somebody sends is not worth asking the provider for its keys.
func (p *Provider) issued(token string) bool {
	if len(token) > maxToken {
		return false
	}
	var claims jwt.RegisteredClaims
	_, _, err := jwt.NewParser().ParseUnverified(token, &claims)
	return err == nil && claims.Issuer == p.config.Issuer
}

// refuse says why a token is not good: to the log, since most of these are
// settings that do not fit, and in a word to who sent it.
func (p *Provider) refuse(ctx context.Context, why error) error {
	word := "signature"
	switch {
	case errors.Is(why, jwt.ErrTokenInvalidAudience), errors.Is(why, errParty), errors.Is(why, errNoAudience):
		word = "audience"
	case errors.Is(why, jwt.ErrTokenExpired):
		word = "expired"
	case errors.Is(why, jwt.ErrTokenNotValidYet), errors.Is(why, jwt.ErrTokenUsedBeforeIssued):
		word = "not_yet_valid"
	case errors.Is(why, jwt.ErrTokenInvalidClaims), errors.Is(why, errIDToken):
		word = "claims"
	}
	level := slog.LevelInfo
	if word == "audience" || word == "not_yet_valid" {
		level = slog.LevelWarn
	}
	p.config.Log.Log(ctx, level, "a token of the identity provider was refused", slog.String("why", word), slog.Any("error", why))
	return ErrToken.With("why", word).Because(why)
}
