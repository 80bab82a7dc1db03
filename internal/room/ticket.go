package room

import (
	"crypto/hkdf"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrTicket says that a ticket is not one of this room, or too old.
var ErrTicket = fault.New(fault.Denied, "invalid_ticket", "this ticket is not valid here: enter without it")

// guestPrefix begins every guest's identity, so that none is a user's.
const guestPrefix = "guest_"

// ticketLifetime is how long a guest may come back under the same identity.
const ticketLifetime = 12 * time.Hour

// tickets signs and checks tickets: HS256 JWTs (RFC 7519) of room and identity.
type tickets struct {
	key   []byte
	clock clockwork.Clock
}

func newTickets(secret []byte, clock clockwork.Clock) tickets {
	key, err := hkdf.Key(sha256.New, secret, nil, "anteroom pass ticket", 32)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return tickets{key, clock}
}

func (t tickets) issue(room uuid.UUID, identity string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: identity, Audience: jwt.ClaimStrings{room.String()},
		ExpiresAt: jwt.NewNumericDate(t.clock.Now().Add(ticketLifetime)),
	}).SignedString(t.key)
}

// verify gives the guest's identity that a ticket carries, and its room. A
// user's ticket is nothing without the user's own token.
func (t tickets) verify(ticket string) (identity string, room uuid.UUID, err error) {
	identity, room, err = t.holder(ticket)
	if err == nil && !strings.HasPrefix(identity, guestPrefix) {
		return "", uuid.Nil, ErrTicket
	}
	return identity, room, err
}

// holder gives whose a ticket is, a guest's or a user's, and its room.
func (t tickets) holder(ticket string) (identity string, room uuid.UUID, err error) {
	var c jwt.RegisteredClaims
	_, err = jwt.ParseWithClaims(ticket, &c, func(*jwt.Token) (any, error) { return t.key, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.clock.Now))
	if err != nil || len(c.Audience) != 1 {
		return "", uuid.Nil, ErrTicket
	}
	if room, err = uuid.Parse(c.Audience[0]); err != nil {
		return "", uuid.Nil, ErrTicket
	}
	return c.Subject, room, nil
}
