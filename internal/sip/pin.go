package sip

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math/big"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/pin"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// pinTries is how many PINs are drawn for one room. In a space that is half
// full, all of them are taken once in a thousand rooms.
const pinTries = 10

var collisions = promauto.NewCounter(prometheus.CounterOpts{
	Name: "anteroom_pin_collisions_total",
	Help: "PINs that were drawn and belonged to a room already; many mean that PINs are too short.",
})

// randomDigits draws a PIN; every one of that length is equally likely.
func randomDigits(length int) string {
	digits := make([]byte, length)
	for i := range digits {
		n, err := rand.Int(rand.Reader, big.NewInt(10))
		if err != nil {
			panic(err) // crypto/rand does not fail on a system that works
		}
		digits[i] = '0' + byte(n.Int64())
	}
	return string(digits)
}

// makePin draws a PIN for a room until one is free.
func (s *SIP) makePin(ctx context.Context, tx *db.Tx, roomID uuid.UUID) (string, error) {
	for range pinTries {
		digits := s.digits(s.config.PinLength)
		free, err := tx.InsertNew(ctx, pin.Table, map[string]any{
			pin.FieldID: uuid.Must(uuid.NewV7()), pin.FieldRoomID: roomID,
			pin.FieldPinSpace: DefaultSpace, pin.FieldDigits: digits, pin.FieldCreateTime: s.now(),
		})
		if err != nil || free {
			return digits, err
		}
		earlier, err := tx.Pin.Query().Where(ofRoom(roomID)).Only(ctx)
		if !ent.IsNotFound(err) {
			return digitsOf(earlier), err
		}
		collisions.Inc()
		s.log.WarnContext(ctx, "PIN collision", slog.String("pin_space", DefaultSpace), slog.Int("pin_length", s.config.PinLength))
	}
	return "", ErrPinsExhausted
}

// pinOf reads a room's PIN. A room that was made while telephony was off gets
// its PIN now.
func (s *SIP) pinOf(ctx context.Context, roomID uuid.UUID) (string, error) {
	p, err := s.db.Pin.Query().Where(ofRoom(roomID)).Only(ctx)
	if !ent.IsNotFound(err) {
		return digitsOf(p), err
	}
	var digits string
	err = s.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if err = lockLiving(ctx, tx, roomID); err == nil {
			digits, err = s.makePin(ctx, tx, roomID)
		}
		return err
	})
	return digits, err
}

func dropPin(ctx context.Context, tx *db.Tx, roomID uuid.UUID) error {
	_, err := tx.Pin.Delete().Where(pin.RoomID(roomID)).Exec(ctx)
	return err
}

func digitsOf(p *ent.Pin) string {
	if p == nil {
		return ""
	}
	return p.Digits
}
