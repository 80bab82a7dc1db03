package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/server"
	"github.com/anteroom-dev/anteroom/internal/user"
)

// signInFlags are the settings of who may use the API and how people sign in.
type signInFlags struct {
	OidcIssuer          string        `help:"OpenID provider whose tokens are accepted, as its tokens name it; empty for none." env:"ANTEROOM_OIDC_ISSUER" placeholder:"URL"`
	OidcAudience        []string      `help:"What API tokens must be for: one of these, separated by commas. None is accepted when nothing is said." env:"ANTEROOM_OIDC_AUDIENCE" placeholder:"AUDIENCE"`
	OidcAuthorizedParty []string      `help:"Applications (azp, else client_id) whose API tokens are accepted, separated by commas; all when nothing is said." env:"ANTEROOM_OIDC_AUTHORIZED_PARTY" placeholder:"CLIENT"`
	OidcClientID        string        `help:"The console's client at the provider; without it nobody signs in to the console." env:"ANTEROOM_OIDC_CLIENT_ID" placeholder:"ID"`
	OidcClientSecret    string        `help:"Its secret; none for a public client." env:"ANTEROOM_OIDC_CLIENT_SECRET" placeholder:"SECRET" secret:""`
	OidcScopes          []string      `help:"What the console asks for besides openid, separated by commas; when nothing is said: profile, email, and offline_access where the provider has it." env:"ANTEROOM_OIDC_SCOPES" placeholder:"SCOPE"`
	OidcOperatorClaim   string        `help:"Claim that makes an operator, with dots into objects: roles, realm_access.roles. Nobody is one when nothing is said." env:"ANTEROOM_OIDC_OPERATOR_CLAIM" placeholder:"CLAIM"`
	OidcOperatorValue   []string      `help:"What that claim is, or holds: one of these, separated by commas." env:"ANTEROOM_OIDC_OPERATOR_VALUE" placeholder:"VALUE"`
	OidcVerifiedEmail   bool          `help:"Take e-mail addresses only if the provider says that they were checked; else, if it does not say that they were not." env:"ANTEROOM_OIDC_VERIFIED_EMAIL"`
	OidcSkew            time.Duration `help:"How far the provider's clock may differ, at most 10m." default:"1m" env:"ANTEROOM_OIDC_SKEW" placeholder:"DURATION"`
	SignInLifetime      time.Duration `help:"After how long people sign in to the console again, at least 1m." default:"12h" env:"ANTEROOM_SIGN_IN_LIFETIME" placeholder:"DURATION"`
	CorsOrigins         []string      `help:"Origins of pages elsewhere whose scripts may call the API, exactly as browsers write them, separated by commas." env:"ANTEROOM_CORS_ORIGINS" placeholder:"ORIGIN"`
}

// signInConfig is how people sign in: what the flags come to.
type signInConfig struct {
	OpenID   auth.OpenID // without an issuer there is none
	Lifetime time.Duration
	Origins  []string
}

// signIn reads the flags; every problem is in the error.
func (f signInFlags) signIn(publicURL string, development bool, clock clockwork.Clock, log *slog.Logger) (signInConfig, error) {
	public := strings.TrimSuffix(publicURL, "/")
	s := signInConfig{
		OpenID: auth.OpenID{
			Issuer: f.OidcIssuer, Audiences: f.OidcAudience, Parties: f.OidcAuthorizedParty,
			Operators: auth.Operators{Claim: f.OidcOperatorClaim, Values: f.OidcOperatorValue}, VerifiedEmail: f.OidcVerifiedEmail, Skew: f.OidcSkew,
			ClientID: f.OidcClientID, ClientSecret: f.OidcClientSecret, Scopes: f.OidcScopes,
			RedirectURL: public + server.CallbackPath, SignedOutURL: public + "/", Clock: clock, Log: log,
		},
		Lifetime: f.SignInLifetime, Origins: f.CorsOrigins,
	}
	problems := []error{f.checkSignIn(development)}
	if f.OidcClientID != "" && publicURL != "" {
		if err := server.CheckPublicURL(publicURL); err != nil {
			problems = append(problems, fmt.Errorf("--public-url: %w", err))
		}
	}
	for _, origin := range f.CorsOrigins {
		if err := server.CheckOrigin(origin); err != nil {
			problems = append(problems, fmt.Errorf("--cors-origins: %s: %w", origin, err))
		}
	}
	return s, errors.Join(problems...)
}

// checkSignIn finds settings that do not fit together.
func (f signInFlags) checkSignIn(development bool) error {
	var problems []error
	wrong := func(is bool, problem string) {
		if is {
			problems = append(problems, errors.New(problem))
		}
	}
	wrong(f.OidcSkew < 0 || f.OidcSkew > 10*time.Minute, "--oidc-skew is 0 to 10m")
	wrong(f.SignInLifetime < time.Minute, "--sign-in-lifetime is at least 1m")
	wrong((f.OidcOperatorClaim == "") != (len(f.OidcOperatorValue) == 0), "--oidc-operator-claim and --oidc-operator-value go together")
	wrong(f.OidcClientSecret != "" && f.OidcClientID == "", "--oidc-client-secret needs --oidc-client-id")
	if f.OidcIssuer == "" {
		wrong(f.OidcClientID != "" || len(f.OidcAudience) > 0, "--oidc-client-id and --oidc-audience need --oidc-issuer")
		return errors.Join(problems...)
	}
	wrong(len(f.OidcAuthorizedParty) > 0 && len(f.OidcAudience) == 0, "--oidc-authorized-party needs --oidc-audience: without it no API token is accepted")
	u, err := url.Parse(f.OidcIssuer)
	wrong(err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "",
		"--oidc-issuer is a URL, as https://login.example.org")
	wrong(err == nil && u.Scheme == "http" && !development && !loopback(u.Hostname()),
		"--oidc-issuer does not go over http outside of development, but on this machine: whoever is on the way could sign in as anybody")
	wrong(f.OidcClientID == "" && len(f.OidcAudience) == 0, "--oidc-issuer needs --oidc-client-id, for the console, or --oidc-audience, for the API")
	return errors.Join(problems...)
}

// loopback is whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// issuers are those whose users can come.
func (c Config) issuers() []string {
	var names []string
	for _, v := range c.Verifiers {
		names = append(names, v.Issuer())
	}
	if issuer := c.SignIn.OpenID.Issuer; issuer != "" {
		names = append(names, issuer)
	}
	return names
}

// authenticator is who finds out who is asking, and how people sign in to the
// console; nil where they cannot.
func (c Config) authenticator(users *user.Users) (*auth.Authenticator, *server.SignIn, error) {
	verifiers, byCookie := c.Verifiers, auth.BySecret(nil)
	var console *server.SignIn
	if open := c.SignIn.OpenID; open.Issuer != "" {
		provider := auth.NewProvider(open)
		verifiers = append(slices.Clone(verifiers), provider)
		if open.ClientID != "" {
			signIns, err := user.NewSignIns(users, provider, c.Secret, c.SignIn.Lifetime, c.Log)
			if err != nil {
				return nil, nil, err
			}
			byCookie = signIns.ByCookie
			public := strings.TrimSuffix(open.RedirectURL, server.CallbackPath)
			if console, err = server.NewSignIn(provider, signIns, c.Secret, public, c.Clock, c.Log); err != nil {
				return nil, nil, err
			}
		}
	}
	a := auth.New(c.Clock, users.Sighted, verifiers...)
	a.Accept(users.ByKey, byCookie)
	return a, console, nil
}
