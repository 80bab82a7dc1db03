package sip

import (
	"context"
	stdsql "database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// outlook is what should be at LiveKit for a room and what is known to be.
type outlook struct {
	roomID   uuid.UUID
	provider video.Name
	wish
	known       ruleFacts
	ruleID      string
	claim       uuid.UUID // zero when nobody is settling
	claimExpire time.Time
	updated     time.Time // when this was noted
}

// free says whether a settler may claim the room.
func (o outlook) free(now time.Time) bool {
	return o.claim == uuid.Nil || !o.claimExpire.After(now)
}

// outlookQuery is written out, because it runs at every join and leave. What
// follows are the ids of rooms.
const outlookQuery = `SELECT r.id, r.provider, r.settings, r.delete_time IS NULL,
	p.digits, d.status, d.digits, d.livekit_rule_id, d.claim, d.claim_expire_time, d.update_time,
	EXISTS (SELECT 1 FROM participations q WHERE q.room_id = r.id AND q.leave_time IS NULL
		AND q.join_time IS NOT NULL AND q.kind IN ('web', 'phone'))
	FROM rooms r
	LEFT JOIN pins p ON p.room_id = r.id AND p.pin_space = '` + DefaultSpace + `'
	LEFT JOIN dispatch_rules d ON d.room_id = r.id
	WHERE r.id IN `

// querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error)
}

// outlooks reads those of rooms, in any order.
func (s *SIP) outlooks(ctx context.Context, q querier, rooms ...uuid.UUID) (outlooks []outlook, err error) {
	ctx = context.WithoutCancel(ctx) // to watch for its end costs as much as the query
	rooms = db.Padded(rooms)
	args := make([]any, len(rooms))
	for i, id := range rooms {
		args[i] = id
	}
	rows, err := q.QueryContext(ctx, outlookQuery+"("+db.Placeholders(s.db.Dialect, 1, len(args))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read what rooms want: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is Err's
	for rows.Next() {
		o, err := s.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read what a room wants: %w", err)
		}
		outlooks = append(outlooks, o)
	}
	return outlooks, rows.Err()
}

func (s *SIP) scan(rows *stdsql.Rows) (o outlook, err error) {
	var (
		pin, status, ruleDigits, ruleID stdsql.NullString
		claim                           uuid.NullUUID
		expire, updated                 stdsql.NullTime
		living, occupied                bool
		text                            []byte
		settings                        schema.RoomSettings
	)
	err = rows.Scan(&o.roomID, &o.provider, &text, &living, &pin, &status, &ruleDigits, &ruleID, &claim, &expire, &updated, &occupied)
	if err != nil {
		return o, err
	}
	if err := json.Unmarshal(text, &settings); err != nil {
		return o, err
	}
	o.ruleID, o.claim, o.claimExpire, o.updated = ruleID.String, claim.UUID, expire.Time, updated.Time
	o.known = ruleFacts{dispatchrule.StatusAbsent, ruleDigits.String, !o.free(s.now())}
	if status.Valid {
		o.known.status = dispatchrule.Status(status.String)
	}
	if occupied && living && s.config.On && settings.DialIn {
		o.wish = wish{true, pin.String}
	}
	return o, nil
}

// agree asks for a settle of those rooms, locked by the caller, whose rule is
// not as wanted. A room that nobody is settling is claimed for it at once, so
// that the settler finds its way prepared.
func (s *SIP) agree(ctx context.Context, tx *db.Tx, rooms ...uuid.UUID) error {
	if len(rooms) == 0 {
		return nil
	}
	outlooks, err := s.outlooks(ctx, tx.SQL, rooms...)
	if err != nil {
		return err
	}
	var claims [][]any
	var jobs []settleArgs
	for _, o := range outlooks {
		args := settleArgs{RoomID: o.roomID, Claim: uuid.New()}
		switch args.Step = next(o.wish, o.known, false); {
		case args.Step == doNothing:
			continue
		case o.free(s.now()) && o.prepares(args.Step):
			claims = append(claims, s.claimRow(o, args))
		}
		jobs = append(jobs, args)
	}
	if _, err := tx.InsertRows(ctx, claimRows, claims); err != nil {
		return fmt.Errorf("claim rooms: %w", err)
	}
	return job.EnqueueAll(ctx, s.jobs, tx, jobs, job.MaxAttempts(settleTries))
}

// prepares says whether a step needs nothing but what is known already.
func (o outlook) prepares(next step) bool {
	return next == create && o.digits != "" || next == remove
}

// claimRows note the claim and what will be known if the step's answer is lost:
// a rule that is being made with a PIN, and of any other not with which.
var claimRows = db.Rows{
	Table: dispatchrule.Table,
	Columns: []string{
		dispatchrule.FieldID, dispatchrule.FieldRoomID, dispatchrule.FieldStatus, dispatchrule.FieldDigits,
		dispatchrule.FieldClaim, dispatchrule.FieldClaimExpireTime, dispatchrule.FieldUpdateTime,
	},
	Conflict: `(room_id) DO UPDATE SET status = excluded.status, digits = excluded.digits, claim = excluded.claim,
		claim_expire_time = excluded.claim_expire_time, update_time = excluded.update_time`,
}

func (s *SIP) claimRow(o outlook, args settleArgs) []any {
	status, digits := o.known.status, any(nil)
	if args.Step == create {
		status, digits = dispatchrule.StatusCreating, o.digits
	}
	return []any{uuid.Must(uuid.NewV7()), o.roomID, status, digits, args.Claim, s.now().Add(claimLease), s.now()}
}
