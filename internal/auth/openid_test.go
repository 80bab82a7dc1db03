package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"net/http/httptest"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func trusting(issuer string, clock clockwork.Clock, change ...func(*auth.OpenID)) *auth.Provider {
	c := auth.OpenID{
		Issuer: issuer, Audiences: []string{"anteroom-api", "frontend"}, Skew: time.Minute, ClientID: authtest.ClientID,
		Operators: auth.Operators{Claim: "roles", Values: []string{"anteroom-operator"}}, Clock: clock, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&c)
	}
	return auth.NewProvider(c)
}

// claims are good ones, with some of them changed; nil takes one away.
func claims(change map[string]any) map[string]any {
	c := map[string]any{"sub": "sub-ada", "aud": "anteroom-api", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	for name, value := range change {
		c[name] = value
		if value == nil {
			delete(c, name)
		}
	}
	return c
}

// why is the word that says what is wrong with a token.
func why(t *testing.T, err error) string {
	t.Helper()
	require.ErrorIs(t, err, auth.ErrToken)
	f, _ := fault.Of(err)
	return f.Metadata["why"]
}

func TestTokensOfTheProvider(t *testing.T) {
	op := authtest.StartProvider(t)
	clock := clockwork.NewFakeClockAt(now)
	p := trusting(op.Issuer, clock)

	id, err := p.Verify(t.Context(), op.Sign(claims(map[string]any{
		"email": "Ada@Example.org", "email_verified": true, "name": "Ada", "locale": "fr-FR", "zoneinfo": "Europe/Paris", "roles": []string{"staff", "anteroom-operator"},
	})))
	require.NoError(t, err)
	require.Equal(t, auth.Identity{
		Issuer: op.Issuer, Subject: "sub-ada", Email: "ada@example.org", FullName: "Ada", Language: "fr-FR", TimeZone: "Europe/Paris",
		Operator: true, ExpireTime: now.Add(time.Hour + time.Minute).Local(),
	}, id)

	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	for name, c := range map[string]struct {
		change map[string]any
		why    string // empty when it is accepted
	}{
		"good":                    {nil, ""},
		"one of many audiences":   {map[string]any{"aud": []string{"other", "frontend"}}, ""},
		"wrong audience":          {map[string]any{"aud": "other"}, "audience"},
		"part of an audience":     {map[string]any{"aud": "anteroom"}, "audience"},
		"no audience":             {map[string]any{"aud": nil}, "claims"},
		"expired":                 {map[string]any{"exp": at(-2 * time.Minute)}, "expired"},
		"expired within the skew": {map[string]any{"exp": at(-30 * time.Second)}, ""},
		"no expiry":               {map[string]any{"exp": nil}, "claims"},
		"not yet valid":           {map[string]any{"nbf": at(2 * time.Minute)}, "not_yet_valid"},
		"soon valid":              {map[string]any{"nbf": at(30 * time.Second)}, ""},
		"issued in the future":    {map[string]any{"iat": at(time.Hour)}, "not_yet_valid"},
		"an ID token":             {map[string]any{"at_hash": "x"}, "claims"},
		"an ID token of Keycloak": {map[string]any{"typ": "ID"}, "claims"},
		"an access token of it":   {map[string]any{"typ": "Bearer"}, ""},
		"no subject":              {map[string]any{"sub": nil}, "subject"},
		"long subject":            {map[string]any{"sub": strings.Repeat("x", 256)}, "subject"},
		"NUL in the subject":      {map[string]any{"sub": "a\x00b"}, "subject"},
	} {
		_, err := p.Verify(t.Context(), op.Sign(claims(c.change)))
		if c.why == "" {
			require.NoError(t, err, name)
			continue
		}
		require.Equal(t, c.why, why(t, err), name)
	}

	for name, issuer := range map[string]string{"wrong issuer": "https://elsewhere.example.org", "issuer with a slash": op.Issuer + "/", "empty issuer": ""} {
		fetched := op.Fetched()
		_, err := p.Verify(t.Context(), op.Sign(claims(map[string]any{"iss": issuer})))
		require.ErrorIs(t, err, auth.ErrToken, name)
		require.Equal(t, fetched, op.Fetched(), "%s is not worth a question", name)
	}
}

// TestForgedTokens: what is not signed by a key of the provider is refused,
// whatever it says of itself.
func TestForgedTokens(t *testing.T) {
	op := authtest.StartProvider(t)
	p := trusting(op.Issuer, clockwork.NewFakeClockAt(now))
	good := op.Sign(claims(nil))
	_, err := p.Verify(t.Context(), good)
	require.NoError(t, err)

	body := jwt.MapClaims(claims(map[string]any{"iss": op.Issuer}))
	var set jose.JSONWebKeySet
	require.NoError(t, json.Unmarshal([]byte(op.Keys()), &set))
	public, ok := set.Keys[0].Key.(*rsa.PublicKey)
	require.True(t, ok)
	der, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	asJWK, err := set.Keys[0].MarshalJSON()
	require.NoError(t, err)
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	forge := func(method jwt.SigningMethod, key any, header map[string]any) string {
		token := jwt.NewWithClaims(method, body)
		maps.Copy(token.Header, header)
		signed, err := token.SignedString(key)
		require.NoError(t, err)
		return signed
	}
	kid := map[string]any{"kid": set.Keys[0].KeyID}
	parts := strings.Split(good, ".")
	changed := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(decoded(t, parts[1]), "sub-ada", "sub-uma", 1)))
	ownJWK := jose.JSONWebKey{Key: &own.PublicKey, KeyID: "own"}
	for name, token := range map[string]string{
		"alg none":                      forge(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, kid),
		"alg None, good signature":      base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"None"}`)) + "." + parts[1] + "." + parts[2],
		"HS256 with the public key":     forge(jwt.SigningMethodHS256, asPEM, kid),
		"HS256 with its DER":            forge(jwt.SigningMethodHS256, der, kid),
		"HS256 with its JWK":            forge(jwt.SigningMethodHS256, asJWK, kid),
		"HS512 with the public key":     forge(jwt.SigningMethodHS512, asPEM, kid),
		"another key, the same id":      forge(jwt.SigningMethodRS256, own, kid),
		"another key, its own id":       forge(jwt.SigningMethodRS256, own, map[string]any{"kid": "own"}),
		"another key, no id":            forge(jwt.SigningMethodRS256, own, nil),
		"a key brought along":           forge(jwt.SigningMethodRS256, own, map[string]any{"kid": "own", "jwk": ownJWK}),
		"an algorithm unlike the key's": forge(jwt.SigningMethodPS256, own, kid),
		"other claims":                  parts[0] + "." + changed + "." + parts[2],
		"no signature":                  parts[0] + "." + parts[1] + ".",
		"cut":                           good[:len(good)-8],
		"too long":                      good + strings.Repeat("A", 20<<10),
		"noise":                         "a.b.c",
		"empty":                         "",
	} {
		_, err := p.Verify(t.Context(), token)
		require.ErrorIs(t, err, auth.ErrToken, name)
	}
}

func decoded(t *testing.T, part string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	require.NoError(t, err)
	return string(text)
}

func TestLogoutTokensSpeakForNobody(t *testing.T) {
	op := authtest.StartProvider(t)
	p := trusting(op.Issuer, clockwork.NewFakeClockAt(now))
	for kind, ok := range map[string]bool{"JWT": true, "at+jwt": true, "application/at+jwt": true, "logout+jwt": false, "secevent+jwt": false} {
		_, err := p.Verify(t.Context(), op.Sign(claims(map[string]any{"test:typ": kind})))
		require.Equal(t, ok, err == nil, "%s: %v", kind, err)
	}
}

func TestAuthorizedParties(t *testing.T) {
	op := authtest.StartProvider(t)
	p := trusting(op.Issuer, clockwork.NewFakeClockAt(now), func(c *auth.OpenID) { c.Parties = []string{"frontend"} })
	for name, c := range map[string]struct {
		change map[string]any
		ok     bool
	}{
		"azp":             {map[string]any{"azp": "frontend"}, true},
		"client_id":       {map[string]any{"client_id": "frontend"}, true},
		"another":         {map[string]any{"azp": "other"}, false},
		"azp comes first": {map[string]any{"azp": "other", "client_id": "frontend"}, false},
		"nobody":          {nil, false},
	} {
		_, err := p.Verify(t.Context(), op.Sign(claims(c.change)))
		require.Equal(t, c.ok, err == nil, "%s: %v", name, err)
	}
}

// TestAnAddressThatIsNotNamed is neither checked nor unchecked.
func TestAnAddressThatIsNotNamed(t *testing.T) {
	op := authtest.StartProvider(t)
	p := trusting(op.Issuer, clockwork.NewFakeClockAt(now), func(o *auth.OpenID) { o.VerifiedEmail = true })
	id, err := p.Verify(t.Context(), op.Sign(claims(nil)))
	require.NoError(t, err)
	require.Empty(t, id.Email)
	require.False(t, id.EmailUnchecked)
}

func TestAddressesThatMustBeChecked(t *testing.T) {
	op := authtest.StartProvider(t)
	for _, c := range []struct {
		must     bool
		verified any
		taken    bool
	}{{false, nil, true}, {false, true, true}, {false, false, false}, {true, nil, false}, {true, true, true}, {true, "true", true}, {true, false, false}} {
		p := trusting(op.Issuer, clockwork.NewFakeClockAt(now), func(o *auth.OpenID) {
			o.VerifiedEmail, o.Operators = c.must, auth.Operators{Claim: "email", Values: []string{"ada@example.org"}}
		})
		id, err := p.Verify(t.Context(), op.Sign(claims(map[string]any{"email": "ada@example.org", "email_verified": c.verified})))
		require.NoError(t, err)
		require.Equal(t, c.taken, id.Email != "", "%v", c)
		require.Equal(t, !c.taken, id.EmailUnchecked, "%v", c)
		require.Equal(t, c.taken, id.Operator, "%v", c)
	}
}

// TestKeysRotate: a new key is accepted when it is first seen, one that was
// withdrawn is not for long, and who shows unknown ones does not make Anteroom ask
// again and again.
func TestKeysRotate(t *testing.T) {
	op := authtest.StartProvider(t)
	clock := clockwork.NewFakeClockAt(now)
	p := trusting(op.Issuer, clock, func(c *auth.OpenID) { c.Skew = 10 * time.Minute })
	first := op.Sign(claims(nil))
	verify := func(token string) error { _, err := p.Verify(t.Context(), token); return err }
	require.NoError(t, verify(first))
	require.Equal(t, 1, op.Fetched())

	op.Rotate(false)
	second := op.Sign(claims(nil))
	require.ErrorIs(t, verify(second), auth.ErrToken, "asked a moment ago")
	require.Equal(t, 1, op.Fetched())
	clock.Advance(11 * time.Second)
	require.NoError(t, verify(second))
	require.NoError(t, verify(first), "both are shown")
	require.Equal(t, 2, op.Fetched(), "known keys cost nothing")

	own, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for range 100 {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims(map[string]any{"iss": op.Issuer})))
		token.Header["kid"] = rand.Text()
		signed, err := token.SignedString(own)
		require.NoError(t, err)
		require.ErrorIs(t, verify(signed), auth.ErrToken)
	}
	require.Equal(t, 2, op.Fetched(), "a hundred unknown keys")

	op.Rotate(true)
	require.NoError(t, verify(first), "not yet known to be withdrawn")
	clock.Advance(16 * time.Minute)
	require.NoError(t, verify(first), "answered while the keys are fetched")
	require.Eventually(t, func() bool { return verify(first) != nil }, time.Minute, 10*time.Millisecond)
	require.Equal(t, 3, op.Fetched())
}

// TestKeysAway: while the provider shows no keys, those that are known are good,
// and others are told that they may be good later.
func TestKeysAway(t *testing.T) {
	op := authtest.StartProvider(t)
	clock := clockwork.NewFakeClockAt(now)
	p := trusting(op.Issuer, clock)
	known := op.Sign(claims(nil))
	op.KeysDown(true)
	_, err := p.Verify(t.Context(), known)
	require.ErrorIs(t, err, auth.ErrProvider, "nothing is known yet")
	op.KeysDown(false)
	clock.Advance(11 * time.Second)
	_, err = p.Verify(t.Context(), known)
	require.NoError(t, err)

	op.KeysDown(true)
	clock.Advance(50 * time.Minute)
	for range 3 {
		_, err = p.Verify(t.Context(), known)
		require.NoError(t, err, "an old key is better than none")
		clock.Advance(time.Minute)
	}
	op.Rotate(false)
	_, err = p.Verify(t.Context(), op.Sign(claims(nil)))
	require.ErrorIs(t, err, auth.ErrProvider)
	op.KeysDown(false)
	clock.Advance(11 * time.Second)
	_, err = p.Verify(t.Context(), op.Sign(claims(nil)))
	require.NoError(t, err)
}

// TestProviderAwayAtTheStart: it is found when it is back, and asked no more
// often than every few seconds until then.
func TestProviderAwayAtTheStart(t *testing.T) {
	op := authtest.StartProvider(t)
	target, err := url.Parse(op.Issuer)
	require.NoError(t, err)
	var down atomic.Bool
	var asked atomic.Int64
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	clock := clockwork.NewFakeClockAt(now)
	down.Store(true)
	p := trusting(proxy.URL, clock)
	token := op.Sign(claims(map[string]any{"iss": proxy.URL}))
	for range 5 {
		_, err := p.Verify(t.Context(), token)
		require.ErrorIs(t, err, auth.ErrProvider)
	}
	require.EqualValues(t, 1, asked.Load())
	down.Store(false)
	clock.Advance(6 * time.Second)
	err = p.Check(t.Context())
	require.ErrorIs(t, err, auth.ErrProvider, "it is there, and calls itself otherwise")
	require.ErrorContains(t, err, op.Issuer)
	require.NoError(t, trusting(op.Issuer, clock).Check(t.Context()))
}
