// Package sip is the telephone's way into rooms: PINs, and the dispatch rules
// by which LiveKit sends a caller to the right room while somebody is there.
package sip

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	// ErrOff says that the installation has no telephony.
	ErrOff = fault.New(fault.Unimplemented, "telephony_off", "telephony is switched off in this installation")
	// ErrDisabled says that a room takes no calls.
	ErrDisabled = fault.New(fault.Precondition, "dial_in_disabled", "this room takes no telephone calls")
	// ErrPinsExhausted says that no free PIN was found.
	ErrPinsExhausted = fault.New(fault.Exhausted, "pins_exhausted", "no free PIN was found: configure longer PINs")
	// ErrBusy says that the room is being settled.
	ErrBusy = fault.New(fault.Unavailable, "settle_in_progress", "this room is being settled: try again in a moment")
	// ErrNoService says that nothing connects callers.
	ErrNoService = fault.New(fault.Unavailable, "no_sip_service", "LiveKit's SIP service does not answer")
	// ErrPinLength says that PINs cannot be of the configured length.
	ErrPinLength = fault.New(fault.Invalid, "pin_length_invalid", "a PIN has 4 to 16 digits")
)

// The lengths that a PIN may have: fewer digits are guessed, and LiveKit reads
// sixteen at most.
const (
	MinPinLength = 4
	MaxPinLength = 16
)

// DefaultSpace is the PIN space while there is no trunk with its own.
const DefaultSpace = "default"

// Config is what an installation says about telephony.
type Config struct {
	On        bool
	PinLength int
	Numbers   []Number
	URI       string // a SIP address that reaches the trunk; "" without
}

// Check finds what is wrong with a configuration.
func (c Config) Check() error {
	if c.On && (c.PinLength < MinPinLength || c.PinLength > MaxPinLength) {
		return ErrPinLength.Saying(fmt.Sprintf("a PIN has %d to %d digits, not %d", MinPinLength, MaxPinLength, c.PinLength))
	}
	return nil
}

// FindRoom reads a room on which the caller may do something, or says why not.
type FindRoom func(ctx context.Context, ref string, action access.Action) (*ent.Room, error)

// SIP is the noun.
type SIP struct {
	db        *db.DB
	clock     clockwork.Clock
	log       *slog.Logger
	providers video.Providers
	jobs      *job.Queue
	config    Config
	digits    func(length int) string
}

// New makes the noun and takes over its jobs.
func New(d *db.DB, clock clockwork.Clock, log *slog.Logger, providers video.Providers, jobs *job.Queue, c Config) (*SIP, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	s := &SIP{d, clock, log, providers, jobs, c, randomDigits}
	job.Handle(jobs, s.settleJob)
	job.HandleInterruptible(jobs, s.resumeJob)
	job.HandleInterruptible(jobs, s.reviewJob)
	jobs.Periodic(resumeEvery, resumeArgs{})
	jobs.PeriodicLater(reviewEvery, reviewArgs{})
	return s, nil
}

// RoomChanged gives a new room its PIN, which it leaves in the room's edges for
// who shows it next, takes a deleted one's away, and has the rule settled when a
// change makes it wanted or unwanted.
func (s *SIP) RoomChanged(ctx context.Context, tx *db.Tx, before, after *ent.Room) error {
	switch {
	case !s.takesCalls(after):
		return nil
	case before == nil:
		digits, err := s.makePin(ctx, tx, after.ID)
		after.Edges.Pins = []*ent.Pin{{RoomID: after.ID, PinSpace: DefaultSpace, Digits: digits}}
		return err
	case after.DeleteTime != nil:
		if err := dropPin(ctx, tx, after.ID); err != nil {
			return err
		}
	}
	return s.agree(ctx, tx, after.ID)
}

// Apply has the rules settled of rooms where people came or left.
func (s *SIP) Apply(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) error {
	var concerned []uuid.UUID
	for _, e := range events {
		switch e.Kind {
		case video.ParticipantJoined, video.ParticipantLeft, video.ParticipantAborted, video.RoomFinished,
			video.ParticipantSeen, video.ParticipantMissed, video.RoomSeen, video.RoomMissed:
			room := rooms[e.Room.Name]
			if s.takesCalls(room) && !slices.Contains(concerned, room.ID) {
				concerned = append(concerned, room.ID)
			}
		}
	}
	return s.agree(ctx, tx, concerned...)
}

// takesCalls says whether there is telephony at all for a room's provider.
func (s *SIP) takesCalls(room *ent.Room) bool {
	if !s.config.On {
		return false
	}
	_, err := s.providers.Dialer(video.Name(room.Provider))
	return err == nil
}

// Able says why nobody can dial in at a provider now: ErrOff, video.ErrNoDialer or
// ErrNoService. It asks no provider, and goes by how its SIP service was heard to be
// last.
func (s *SIP) Able(name video.Name, heard video.Health) error {
	if !s.config.On {
		return ErrOff
	}
	if _, err := s.providers.Dialer(name); err != nil {
		return err
	}
	if heard == video.Unhealthy {
		return ErrNoService
	}
	return nil
}

// AcceptsCalls says whether calls to a room are wanted, whatever is well now.
func (s *SIP) AcceptsCalls(room *ent.Room) bool { return room.Settings.DialIn && s.takesCalls(room) }

// DialIn tells how to reach a room by telephone, to who may enter it.
func (s *SIP) DialIn(ctx context.Context, room *ent.Room) (DialIn, error) {
	if !s.config.On {
		return DialIn{}, ErrOff
	}
	if !s.AcceptsCalls(room) {
		return DialIn{}, ErrDisabled
	}
	if len(room.Edges.Pins) > 0 {
		return s.config.dialIn(room.Edges.Pins[0].Digits), nil
	}
	pin, err := s.pinOf(ctx, room.ID)
	if err != nil {
		return DialIn{}, err
	}
	return s.config.dialIn(pin), nil
}

// RotatePin gives a room a new PIN. The old one is refused as soon as LiveKit's
// rule is replaced, which begins at once.
func (s *SIP) RotatePin(ctx context.Context, room *ent.Room) (DialIn, error) {
	if !s.config.On {
		return DialIn{}, ErrOff
	}
	if !s.AcceptsCalls(room) {
		return DialIn{}, ErrDisabled
	}
	var digits string
	err := s.db.InTx(ctx, func(tx *db.Tx) (err error) {
		if err := lockLiving(ctx, tx, room.ID); err != nil {
			return err
		}
		if err := dropPin(ctx, tx, room.ID); err != nil {
			return err
		}
		if digits, err = s.makePin(ctx, tx, room.ID); err != nil {
			return err
		}
		return s.agree(ctx, tx, room.ID)
	})
	if err != nil {
		return DialIn{}, err
	}
	return s.config.dialIn(digits), nil
}

// Telephony says whether there is any, and by which numbers.
func (s *SIP) Telephony() (on bool, numbers []Number) {
	if !s.config.On {
		return false, nil
	}
	return true, s.config.Numbers
}

func (s *SIP) now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }

// Rule is what should be of a room's rule and what is.
type Rule struct {
	RoomID            uuid.UUID
	Wanted            bool
	*ent.DispatchRule // nil before the first settle
}
