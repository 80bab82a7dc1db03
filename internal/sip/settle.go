package sip

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// claimLease is how long a settler may be silent before another takes over;
	// it is longer than any one step at LiveKit.
	claimLease = 30 * time.Second
	// settleTries is how often one job tries; after that resume asks anew.
	settleTries = 6
	// busyPause is how soon a settle that found the room claimed comes back.
	busyPause = 250 * time.Millisecond
)

// settleArgs asks to make LiveKit agree with what a room wants.
type settleArgs struct {
	RoomID uuid.UUID `json:"room_id"`
}

// Kind is permanent: jobs outlive programs.
func (settleArgs) Kind() string { return "sip.settle" }

func (s *SIP) settleJob(ctx context.Context, args settleArgs, _ job.Attempt) error {
	err := s.settle(ctx, args.RoomID, false)
	if errors.Is(err, ErrBusy) {
		return job.Snooze(busyPause)
	}
	return err
}

// Settle makes LiveKit agree with what a room wants, after a look at what is
// really there.
func (s *SIP) Settle(ctx context.Context, room *ent.Room) (Rule, error) {
	if !s.takesCalls(room) {
		return Rule{}, ErrOff
	}
	if err := s.settle(ctx, room.ID, true); err != nil {
		return Rule{}, err
	}
	rule, err := ruleOf(ctx, s.db.Client, room.ID)
	if err != nil {
		return Rule{}, err
	}
	w, err := s.readWish(ctx, s.db.Client, room)
	return Rule{room.ID, w.wanted, rule}, err
}

// plan is a step with what it needs, read under the claim.
type plan struct {
	step
	provider video.Name
	wish
	ruleID string
}

// result is what a step found out about LiveKit's side.
type result struct {
	status dispatchrule.Status
	ruleID string
	digits string
}

var absent = result{status: dispatchrule.StatusAbsent}

// settle claims a room, and does one step at LiveKit after the other until what
// is there is what is wanted. The wish is read anew before each step and before
// the claim is given up, so one that changes meanwhile is not missed.
func (s *SIP) settle(ctx context.Context, roomID uuid.UUID, check bool) error {
	claim := uuid.New()
	p, err := s.advance(ctx, roomID, claim, nil, check)
	for err == nil && p.step != doNothing {
		var done result
		if done, err = s.carryOut(ctx, roomID, p); err != nil {
			return s.giveUp(ctx, roomID, claim, done, err)
		}
		p, err = s.advance(ctx, roomID, claim, &done, false)
	}
	return err
}

// advance notes what a step found out and says what comes next, in one
// transaction under the room's lock. It takes or renews the claim, or gives it
// up when nothing is left to do. A create is noted before it is tried.
func (s *SIP) advance(ctx context.Context, roomID, claim uuid.UUID, done *result, check bool) (p plan, err error) {
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		p = plan{}
		room, err := tx.Room.Query().Where(entroom.ID(roomID), db.Lock).Only(ctx)
		if err != nil {
			return fmt.Errorf("lock the room to settle: %w", err)
		}
		rule, err := s.claimed(ctx, tx, roomID, claim, done == nil)
		if err != nil {
			return err
		}
		if p.wish, err = s.wishOf(ctx, tx, room); err != nil {
			return err
		}
		now := factsOf(rule)
		if done != nil {
			now = ruleFacts{done.status, done.digits}
		}
		p.step, p.provider = next(p.wish, now, check), video.Name(room.Provider)
		p.ruleID = ruleIDOf(rule, done)
		return s.note(ctx, tx, rule, claim, done, p.step)
	})
	return p, err
}

// claimed reads the room's rule for who holds its claim, or says ErrBusy. Only at
// first may a claim be taken that is free or has expired: whoever comes back
// with a result and has lost the claim meanwhile must not write it.
func (s *SIP) claimed(ctx context.Context, tx *db.Tx, roomID, claim uuid.UUID, first bool) (*ent.DispatchRule, error) {
	rule, err := ruleOf(ctx, tx.Client, roomID, db.Lock)
	if err != nil {
		return nil, err
	}
	if rule == nil {
		return tx.DispatchRule.Create().SetRoomID(roomID).SetUpdateTime(s.now()).Save(ctx)
	}
	mine := rule.Claim != nil && *rule.Claim == claim
	free := rule.Claim == nil || rule.ClaimExpireTime == nil || !rule.ClaimExpireTime.After(s.now())
	if mine || first && free {
		return rule, nil
	}
	return nil, ErrBusy
}

// wishOf is readWish for a settler, who makes the PIN that a room lacks.
func (s *SIP) wishOf(ctx context.Context, tx *db.Tx, room *ent.Room) (wish, error) {
	w, err := s.readWish(ctx, tx.Client, room)
	if err == nil && w.wanted && w.digits == "" {
		w.digits, err = s.makePin(ctx, tx, room.ID)
	}
	return w, err
}

func (s *SIP) note(ctx context.Context, tx *db.Tx, rule *ent.DispatchRule, claim uuid.UUID, done *result, coming step) error {
	u := tx.DispatchRule.Update().Where(dispatchrule.ID(rule.ID)).SetUpdateTime(s.now())
	if done != nil {
		done.noteIn(u)
	}
	switch coming {
	case create:
		u.SetStatus(dispatchrule.StatusCreating)
	case remove: // should its answer be lost, what is there is no rule to rely on
		u.ClearDigits()
	}
	if coming == doNothing {
		u.ClearClaim().ClearClaimExpireTime().ClearFailureReason()
	} else {
		u.SetClaim(claim).SetClaimExpireTime(s.now().Add(claimLease))
	}
	return u.Exec(ctx)
}

func (r result) noteIn(u *ent.DispatchRuleUpdate) {
	u.SetStatus(r.status)
	if r.status == dispatchrule.StatusPresent {
		u.SetLivekitRuleID(r.ruleID).SetDigits(r.digits)
		return
	}
	u.ClearLivekitRuleID().ClearDigits()
}

func ruleIDOf(rule *ent.DispatchRule, done *result) string {
	if done != nil {
		return done.ruleID
	}
	if rule.LivekitRuleID != nil {
		return *rule.LivekitRuleID
	}
	return ""
}

// carryOut does one step at LiveKit. With an error, the result still says what
// is known: creating where the outcome is not. Deleting by id may be repeated
// without a look.
func (s *SIP) carryOut(ctx context.Context, roomID uuid.UUID, p plan) (result, error) {
	dialer, err := s.providers.Dialer(p.provider)
	if err != nil {
		return absent, err
	}
	switch p.step {
	case create:
		return s.create(ctx, dialer, roomID, p.wish)
	case remove:
		if err := dialer.DeleteRule(ctx, p.ruleID); err != nil {
			return result{status: dispatchrule.StatusPresent, ruleID: p.ruleID}, fmt.Errorf("delete the dispatch rule: %w", err)
		}
		return absent, nil
	}
	return s.compare(ctx, dialer, roomID, p.wish)
}

// create makes the rule. When LiveKit has one with this PIN, it is ours from a
// try whose answer was lost, or it stands in the way.
func (s *SIP) create(ctx context.Context, dialer video.Dialer, roomID uuid.UUID, w wish) (result, error) {
	id, err := dialer.CreateRule(ctx, video.Rule{RoomName: roomID.String(), RoomID: roomID.String(), PIN: w.digits})
	switch {
	case err == nil:
		return result{dispatchrule.StatusPresent, id, w.digits}, nil
	case errors.Is(err, video.ErrRuleExists):
		found, listErr := s.compare(ctx, dialer, roomID, w)
		if listErr == nil && found.status == dispatchrule.StatusAbsent {
			return absent, fmt.Errorf("another rule has this room's PIN: %w", err)
		}
		return found, listErr
	case errors.Is(err, video.ErrRefused):
		return absent, fmt.Errorf("create the dispatch rule: %w", err)
	}
	return result{status: dispatchrule.StatusCreating}, fmt.Errorf("create the dispatch rule: %w", err)
}

// compare lists LiveKit's rules, keeps one of this room's that has the room's
// PIN and deletes its others.
func (s *SIP) compare(ctx context.Context, dialer video.Dialer, roomID uuid.UUID, w wish) (result, error) {
	unknown := result{status: dispatchrule.StatusCreating}
	rules, err := dialer.ListRules(ctx)
	if err != nil {
		return unknown, fmt.Errorf("list the dispatch rules: %w", err)
	}
	kept := absent
	for _, r := range rules {
		switch {
		case r.RoomID != roomID.String():
		case w.wanted && r.PIN == w.digits && kept.status == dispatchrule.StatusAbsent:
			kept = result{dispatchrule.StatusPresent, r.ID, r.PIN}
		default:
			if err := dialer.DeleteRule(ctx, r.ID); err != nil {
				return unknown, fmt.Errorf("delete a superfluous dispatch rule: %w", err)
			}
		}
	}
	return kept, nil
}

// giveUp notes a failure and frees the claim for the next try.
func (s *SIP) giveUp(ctx context.Context, roomID, claim uuid.UUID, known result, cause error) error {
	reason := "internal"
	if f, ok := fault.Of(cause); ok {
		reason = f.Reason
	}
	s.log.WarnContext(ctx, "room not settled, will be tried again",
		slog.String("room_id", roomID.String()), slog.String("reason", reason), slog.Any("error", cause))
	// The caller may have gone away because LiveKit hangs: this must be noted.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	u := s.db.DispatchRule.Update().Where(dispatchrule.RoomID(roomID), dispatchrule.Claim(claim)).
		SetStatus(known.status).ClearClaim().ClearClaimExpireTime().SetFailureReason(reason).SetUpdateTime(s.now())
	if known.ruleID == "" {
		u.ClearLivekitRuleID().ClearDigits()
	}
	if err := u.Exec(ctx); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}
