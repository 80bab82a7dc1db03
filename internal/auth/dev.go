package auth

import (
	"context"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/jonboulle/clockwork"
)

const devIssuer = "anteroom-dev"

// DevTokens issues and accepts the tokens of `anteroom dev`: HS256 JWTs (RFC
// 7519) signed with a secret of the data folder. No other command makes one.
type DevTokens struct {
	secret []byte
	clock  clockwork.Clock
}

// NewDevTokens makes an issuer; the secret must be random, 32 bytes or more.
func NewDevTokens(secret []byte, clock clockwork.Clock) *DevTokens {
	return &DevTokens{secret, clock}
}

type devClaims struct {
	jwt.RegisteredClaims
	Email    string `json:"email,omitempty"`
	Name     string `json:"name,omitempty"`
	Operator bool   `json:"operator,omitempty"`
}

// Issue makes a token that is valid for thirty days.
func (d *DevTokens) Issue(id Identity) (string, error) {
	now := d.clock.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, devClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: devIssuer, Subject: id.Subject,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(30 * 24 * time.Hour)),
		},
		Email: id.Email, Name: id.FullName, Operator: id.Operator,
	}).SignedString(d.secret)
}

// Issuer implements Verifier.
func (*DevTokens) Issuer() string { return devIssuer }

// Verify accepts what Issue made and nothing else.
func (d *DevTokens) Verify(_ context.Context, token string) (Identity, error) {
	var c devClaims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return d.secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(devIssuer),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(d.clock.Now))
	if err != nil || c.Subject == "" {
		return Identity{}, ErrToken
	}
	return Identity{Issuer: devIssuer, Subject: c.Subject, Email: c.Email, FullName: c.Name, Operator: c.Operator, ExpireTime: c.ExpiresAt.Time}, nil
}
