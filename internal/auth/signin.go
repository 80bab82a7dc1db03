package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrSignInRefused says that the provider does not sign somebody in, or no
// longer.
var ErrSignInRefused = fault.New(fault.Unauthenticated, "sign_in_refused", "the identity provider refused the sign-in")

// Attempt is a sign-in that has begun: what has to come back from the provider,
// and where to go then. It stays with the browser, sealed.
type Attempt struct {
	State, Nonce, Verifier string
	Return                 string    // a path of ours
	ExpireTime             time.Time // after which it is too late
}

// NewAttempt draws what nobody may guess.
func NewAttempt(returnPath string, expire time.Time) Attempt {
	return Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Return: returnPath, ExpireTime: expire}
}

// Tokens are what a provider gives when somebody signs in, and later in
// exchange for the refresh token.
type Tokens struct {
	Identity
	IDToken, RefreshToken string    // RefreshToken is empty where the provider gives none
	AccessExpireTime      time.Time // zero when the provider does not say

	silent bool // about the claim that makes operators
}

// SignInURL is where to send a browser that signs in.
func (p *Provider) SignInURL(ctx context.Context, a Attempt) (string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return d.oauth.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier), oauth2.SetAuthURLParam("nonce", a.Nonce)), nil
}

// Exchange turns the code that came back with an attempt into tokens.
func (p *Provider) Exchange(ctx context.Context, code string, a Attempt) (Tokens, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return Tokens{}, err
	}
	answer, err := d.oauth.Exchange(p.with(ctx), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Tokens{}, refused(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	claims, err := p.idToken(ctx, raw)
	if err != nil {
		return Tokens{}, err
	}
	if subtle.ConstantTimeCompare([]byte(str(claims, "nonce")), []byte(a.Nonce)) != 1 {
		return Tokens{}, ErrSignInRefused.Because(errors.New("the ID token is of another sign-in"))
	}
	t, err := p.tokens(ctx, d, answer, raw, claims)
	if err == nil && t.silent {
		p.silence.Do(func() {
			p.config.Log.WarnContext(ctx, "neither the ID token nor the provider's answer about a user has the claim that makes operators",
				slog.String("claim", p.config.Operators.Claim))
		})
	}
	return t, err
}

// Refresh asks what is true of somebody by now, of whom is known what the
// provider gave last. That the provider ended the
// sign-in, or that it is somebody else's by now, is ErrSignInRefused. Whatever
// else goes wrong may go right the next time: it is ErrProvider, with a refresh
// token if the provider gave one before that.
func (p *Provider) Refresh(ctx context.Context, last Tokens) (Tokens, error) {
	t, err := p.refresh(ctx, last)
	if err != nil && !errors.Is(err, ErrSignInRefused) && !errors.Is(err, ErrProvider) {
		err = ErrProvider.Because(err)
	}
	return t, err
}

func (p *Provider) refresh(ctx context.Context, last Tokens) (Tokens, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return Tokens{}, err
	}
	answer, err := d.oauth.TokenSource(p.with(ctx), &oauth2.Token{RefreshToken: last.RefreshToken}).Token()
	if err != nil {
		return Tokens{}, ended(err)
	}
	claims := jwt.MapClaims{"sub": last.Subject}
	raw, _ := answer.Extra("id_token").(string)
	if raw != "" {
		if claims, err = p.idToken(ctx, raw); err != nil {
			return Tokens{RefreshToken: answer.RefreshToken}, err
		}
	}
	if str(claims, "sub") != last.Subject {
		return Tokens{}, ErrSignInRefused.Because(errors.New("the refreshed sign-in is of somebody else"))
	}
	t, err := p.tokens(ctx, d, answer, raw, claims)
	if err == nil && t.silent && raw == "" {
		t.Operator = last.Operator && p.madeOperator(last.IDToken)
	}
	return t, err
}

// madeOperator is whether an ID token made an operator that was accepted before:
// a provider that gives no new one has not taken its words back.
func (p *Provider) madeOperator(idToken string) bool {
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(idToken, claims); err != nil {
		return false
	}
	id, err := p.identify(claims)
	return err == nil && id.Operator
}

// idToken checks a token that was made for the console (OpenID Connect Core,
// 3.1.3.7).
func (p *Provider) idToken(ctx context.Context, raw string) (jwt.MapClaims, error) {
	claims, err := p.claims(ctx, raw, []string{p.config.ClientID})
	if err != nil {
		return nil, err
	}
	audiences, err := claims.GetAudience()
	party := str(claims, "azp")
	if err != nil || party != "" && party != p.config.ClientID || party == "" && len(audiences) > 1 {
		return nil, p.refuse(ctx, errParty)
	}
	return claims, nil
}

func (p *Provider) tokens(ctx context.Context, d *discovered, answer *oauth2.Token, raw string, claims jwt.MapClaims) (Tokens, error) {
	claims, err := p.complete(ctx, d, answer, claims)
	if err != nil {
		return Tokens{RefreshToken: answer.RefreshToken}, err
	}
	id, err := p.identify(claims)
	_, said := lookUp(claims, p.config.Operators.Claim)
	return Tokens{
		Identity: id, IDToken: raw, RefreshToken: answer.RefreshToken, AccessExpireTime: answer.Expiry,
		silent: !said && p.config.Operators.Claim != "",
	}, err
}

// complete asks the provider for the claims that an ID token does not have: not
// all of them put all into it.
func (p *Provider) complete(ctx context.Context, d *discovered, answer *oauth2.Token, claims jwt.MapClaims) (jwt.MapClaims, error) {
	wanted := []string{"email", "name"}
	if p.config.Operators.Claim != "" {
		wanted = append(wanted, p.config.Operators.Claim)
	}
	missing := slices.ContainsFunc(wanted, func(path string) bool { _, ok := lookUp(claims, path); return !ok })
	if !missing || d.UserInfoURL == "" {
		return claims, nil
	}
	told, err := d.UserInfo(p.with(ctx), oauth2.StaticTokenSource(answer))
	if err != nil {
		return nil, ErrProvider.Because(fmt.Errorf("ask for who signs in: %w", brief(err)))
	}
	more := map[string]any{}
	if err := told.Claims(&more); err != nil {
		return nil, ErrProvider.Because(err)
	}
	if told.Subject != str(claims, "sub") {
		return nil, ErrSignInRefused.Because(errors.New("what the provider says is of somebody else"))
	}
	maps.Copy(more, claims)
	return more, nil
}

// SignOutURL is where to send a browser so that it is signed out at the
// provider too; empty where the provider has no such page.
func (p *Provider) SignOutURL(ctx context.Context, idToken string) string {
	d, err := p.discover(ctx)
	if err != nil || d.EndSession == "" {
		return ""
	}
	u, err := url.Parse(d.EndSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.config.ClientID)
	q.Set("post_logout_redirect_uri", p.config.SignedOutURL)
	if idToken != "" {
		q.Set("id_token_hint", idToken)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Revoke tells the provider that a refresh token is not used any more (RFC
// 7009), where it wants to know.
func (p *Provider) Revoke(ctx context.Context, refreshToken string) error {
	d, err := p.discover(ctx)
	if err != nil || d.Revocation == "" || refreshToken == "" {
		return err
	}
	form := url.Values{"token": {refreshToken}, "token_type_hint": {"refresh_token"}}
	if p.config.ClientSecret == "" {
		form.Set("client_id", p.config.ClientID)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Revocation, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if p.config.ClientSecret != "" {
		r.SetBasicAuth(url.QueryEscape(p.config.ClientID), url.QueryEscape(p.config.ClientSecret))
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("revoke a refresh token: %s", resp.Status)
	}
	return nil
}

// refused tells a provider's no to a code from its being away.
func refused(err error) error {
	answer := answerOf(err)
	switch {
	case answer == nil:
		return ErrProvider.Because(err)
	case answer.Response.StatusCode >= http.StatusInternalServerError:
		return ErrProvider.Because(inWords(answer))
	}
	return ErrSignInRefused.Because(inWords(answer))
}

// ended tells that a refresh token is good no more (RFC 6749, 5.2) from all else
// that a provider may answer: that it is asked too often, say, or that the
// client's secret is wrong today.
func ended(err error) error {
	if answer := answerOf(err); answer != nil && answer.ErrorCode != "invalid_grant" {
		return ErrProvider.Because(inWords(answer))
	}
	return refused(err)
}

// answerOf is what the provider answered, nil when it did not.
func answerOf(err error) *oauth2.RetrieveError {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && answer.Response != nil {
		return answer
	}
	return nil
}

// inWords leaves out the answer's own text, which may hold anything.
func inWords(answer *oauth2.RetrieveError) error {
	return fmt.Errorf("the provider answered %s, %s", answer.Response.Status, plain(answer.ErrorCode, maxText))
}
