package sip

import (
	"cmp"
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
	"github.com/anteroom-dev/anteroom/internal/failpoint"
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

// settleArgs asks to make LiveKit agree with what a room wants. The claim is the
// job's own, by which it knows what an earlier run of it has begun; where the room was
// free, it is claimed already and the first step noted. To check is to look at what
// is really there.
type settleArgs struct {
	RoomID uuid.UUID `json:"room_id"`
	Claim  uuid.UUID `json:"claim,omitzero"` // jobs of older releases may have none
	Step   step      `json:"step,omitzero"`
	Check  bool      `json:"check,omitzero"`
}

// Kind is permanent: jobs outlive programs.
func (settleArgs) Kind() string { return "sip.settle" }

func (s *SIP) settleJob(ctx context.Context, args settleArgs, attempt job.Attempt) error {
	p, err := s.prepared(ctx, args, attempt)
	if err == nil && p.step != doNothing {
		err = s.do(ctx, args.RoomID, args.Claim, p)
	}
	if err == nil && !p.suffices() {
		err = s.settleBy(ctx, args.RoomID, cmp.Or(args.Claim, uuid.New()), args.Check)
	}
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
	all, err := s.outlooks(ctx, s.db.Reader(), room.ID)
	return Rule{room.ID, len(all) > 0 && all[0].wanted, rule}, err
}

// plan is a step with what it needs, read under the claim.
type plan struct {
	step
	provider video.Name
	wish
	ruleID string
}

// suffices says whether nothing is left to do when the plan is carried out.
func (p plan) suffices() bool { return p.step == create || p.step == remove && !p.wanted }

// result is what a step found out about LiveKit's side.
type result struct {
	status dispatchrule.Status
	ruleID string
	digits string
}

var absent = result{status: dispatchrule.StatusAbsent}

// settle is settleBy with a claim of its own.
func (s *SIP) settle(ctx context.Context, roomID uuid.UUID, check bool) error {
	return s.settleBy(ctx, roomID, uuid.New(), check)
}

// settleBy does one step at LiveKit after the other until what is there is what
// is wanted.
func (s *SIP) settleBy(ctx context.Context, roomID, claim uuid.UUID, check bool) error {
	for {
		p, err := s.advance(ctx, roomID, claim, check)
		if err != nil || p.step == doNothing {
			return err
		}
		if err := s.do(ctx, roomID, claim, p); err != nil {
			return err
		}
		check = false
	}
}

// do carries out a plan and notes what came of it. Whoever changes the wish from
// the claim on finds it at odds with what is known, and asks for a settle of
// its own.
func (s *SIP) do(ctx context.Context, roomID, claim uuid.UUID, p plan) error {
	failpoint.Here("claimed, not called")
	done, err := s.carryOut(ctx, roomID, p)
	failpoint.Here("called, not noted")
	if err != nil {
		return s.giveUp(ctx, roomID, claim, done, err)
	}
	return s.note(ctx, roomID, claim, done)
}

// prepared is the plan of a claim that was made together with the job. There is
// none when it has been used or will soon have expired; then it is let go, as it would
// pass for that of somebody who is about to settle. When an earlier run of the job
// died with the claim, what it did is not known, so LiveKit is looked at.
func (s *SIP) prepared(ctx context.Context, args settleArgs, attempt job.Attempt) (plan, error) {
	if args.Claim == uuid.Nil {
		return plan{}, nil
	}
	all, err := s.outlooks(ctx, s.db.Reader(), args.RoomID)
	if err != nil || len(all) == 0 {
		return plan{}, err
	}
	o := all[0]
	switch {
	case o.claim != args.Claim:
		return plan{}, nil
	case !o.claimExpire.After(s.now().Add(claimLease / 2)):
		return plan{}, s.letGo(ctx, args.RoomID, args.Claim)
	case attempt.Number > 1:
		return plan{compare, o.provider, o.wish, o.ruleID}, nil
	case args.Step == create && !o.wanted: // since the claim; nothing was tried
		return plan{}, s.note(ctx, args.RoomID, args.Claim, absent)
	}
	return plan{args.Step, o.provider, o.wish, o.ruleID}, nil
}

// letGo frees a claim. What was noted with it says what may have been done.
func (s *SIP) letGo(ctx context.Context, roomID, claim uuid.UUID) error {
	return s.db.DispatchRule.Update().Where(dispatchrule.RoomID(roomID), dispatchrule.Claim(claim)).
		ClearClaim().ClearClaimExpireTime().SetUpdateTime(s.now()).Exec(ctx)
}

// advance says what is to be done next and claims the room for it, or says
// ErrBusy. A create is noted before it is tried.
func (s *SIP) advance(ctx context.Context, roomID, claim uuid.UUID, check bool) (p plan, err error) {
	all, err := s.outlooks(ctx, s.db.Reader(), roomID)
	if err != nil || len(all) == 0 || next(all[0].wish, all[0].known, check) == doNothing {
		return plan{}, err
	}
	err = s.db.InTx(ctx, func(tx *db.Tx) error {
		p, err = s.claim(ctx, tx, roomID, claim, check)
		return err
	})
	return p, err
}

// claim is advance under the room's lock.
func (s *SIP) claim(ctx context.Context, tx *db.Tx, roomID, claim uuid.UUID, check bool) (plan, error) {
	room, err := tx.Room.Query().Where(entroom.ID(roomID), db.Lock).Only(ctx)
	if err != nil {
		return plan{}, fmt.Errorf("lock the room to settle: %w", err)
	}
	all, err := s.outlooks(ctx, tx.SQL, roomID)
	if err != nil {
		return plan{}, err
	}
	o := all[0]
	if !o.free(s.now()) {
		return plan{}, ErrBusy
	}
	if o.wanted && o.digits == "" {
		if o.digits, err = s.makePin(ctx, tx, room.ID); err != nil {
			return plan{}, err
		}
	}
	p := plan{next(o.wish, o.known, check), o.provider, o.wish, o.ruleID}
	if p.step == doNothing {
		return p, nil
	}
	_, err = tx.InsertRows(ctx, claimRows, [][]any{s.claimRow(o, settleArgs{Claim: claim, Step: p.step})})
	return p, err
}

// note writes what a step found out and gives up the claim, or says ErrBusy to
// who has lost it.
func (s *SIP) note(ctx context.Context, roomID, claim uuid.UUID, done result) error {
	u := s.db.DispatchRule.Update().Where(dispatchrule.RoomID(roomID), dispatchrule.Claim(claim)).
		SetStatus(done.status).ClearClaim().ClearClaimExpireTime().ClearFailureReason().SetUpdateTime(s.now())
	if done.status == dispatchrule.StatusPresent {
		u.SetLivekitRuleID(done.ruleID).SetDigits(done.digits)
	} else {
		u.ClearLivekitRuleID().ClearDigits()
	}
	n, err := u.Save(context.WithoutCancel(ctx))
	if err == nil && n == 0 {
		return ErrBusy
	}
	return err
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
