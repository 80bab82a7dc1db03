package livekit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/webhook"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestSignaturesAreJudgedAsLiveKitDoes: ours is the verdict of LiveKit's verifier.
func TestSignaturesAreJudgedAsLiveKitDoes(t *testing.T) {
	body := []byte(`{"event":"room_started","id":"EV_1"}`)
	sum := sha256.Sum256(body)
	hash := base64.StdEncoding.EncodeToString(sum[:])
	in := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	good := func(change jwt.MapClaims) jwt.MapClaims {
		claims := jwt.MapClaims{"iss": livekittest.APIKey, "nbf": in(0), "exp": in(time.Minute), "sha256": hash}
		for name, value := range change {
			claims[name] = value
			if value == nil {
				delete(claims, name)
			}
		}
		return claims
	}
	key, none := []byte(livekittest.APISecret), jwt.UnsafeAllowNoneSignatureType
	token := func(method jwt.SigningMethod, claims jwt.MapClaims, key any) string {
		text, err := jwt.NewWithClaims(method, claims).SignedString(key)
		require.NoError(t, err)
		return text
	}
	hs256 := func(change jwt.MapClaims) string { return token(jwt.SigningMethodHS256, good(change), key) }
	provider := local(t, nil)
	keys := auth.NewSimpleKeyProvider(livekittest.APIKey, livekittest.APISecret)
	for name, c := range map[string]struct {
		token string
		valid bool
	}{
		"good":                    {hs256(nil), true},
		"without an end":          {hs256(jwt.MapClaims{"exp": nil}), true},
		"ended a moment ago":      {hs256(jwt.MapClaims{"exp": in(-50 * time.Second)}), true},
		"ended":                   {hs256(jwt.MapClaims{"exp": in(-90 * time.Second)}), false},
		"from a clock ahead":      {hs256(jwt.MapClaims{"nbf": in(50 * time.Second), "exp": in(time.Hour)}), true},
		"not yet":                 {hs256(jwt.MapClaims{"nbf": in(90 * time.Second), "exp": in(time.Hour)}), false},
		"unknown key":             {hs256(jwt.MapClaims{"iss": "stranger"}), false},
		"no key":                  {hs256(jwt.MapClaims{"iss": nil}), false},
		"no hash":                 {hs256(jwt.MapClaims{"sha256": nil}), false},
		"another hash":            {hs256(jwt.MapClaims{"sha256": base64.StdEncoding.EncodeToString(key[:32])}), false},
		"another secret":          {token(jwt.SigningMethodHS256, good(nil), []byte("another secret")), false},
		"another algorithm":       {token(jwt.SigningMethodHS512, good(nil), key), false},
		"no algorithm":            {token(jwt.SigningMethodNone, good(nil), none), false},
		"with the word Bearer":    {"Bearer " + hs256(nil), false},
		"cut off":                 {hs256(nil)[:100], false},
		"not there":               {"", false},
		"the end is not a number": {hs256(jwt.MapClaims{"exp": "soon"}), false},
	} {
		t.Run(name, func(t *testing.T) {
			header := http.Header{"Authorization": {c.token}}
			_, theirs := webhook.Receive(&http.Request{Header: header, Body: io.NopCloser(bytes.NewReader(body))}, keys)
			_, ours := provider.ParseWebhook(header, body)
			require.Equal(t, c.valid, theirs == nil, theirs)
			require.Equal(t, c.valid, ours == nil, ours)
		})
	}
}
