package livekit

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// leeway is by how much LiveKit's clock may differ from ours, as with its own
// verifier.
const leeway = time.Minute

var (
	errUnknownKey = errors.New("signed with an API key that is not known")
	errOtherBody  = errors.New("signed for another body")
)

// signature is what LiveKit's token over a webhook says.
type signature struct {
	jwt.RegisteredClaims
	SHA256 string `json:"sha256"`
}

var signatures = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithLeeway(leeway))

// verify comes to the verdict of LiveKit's own verifier, protocol/webhook.Receive,
// which reads the token twice.
func (p *Provider) verify(token string, body []byte) error {
	var s signature
	_, err := signatures.ParseWithClaims(token, &s, func(*jwt.Token) (any, error) {
		secret, ok := p.webhookKeys[s.Issuer]
		if !ok {
			return nil, errUnknownKey
		}
		return []byte(secret), nil
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if subtle.ConstantTimeCompare([]byte(s.SHA256), []byte(base64.StdEncoding.EncodeToString(sum[:]))) != 1 {
		return errOtherBody
	}
	return nil
}
