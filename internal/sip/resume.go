package sip

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/db"
)

// resumePage is how many rooms Resume looks at in one transaction.
const resumePage = 100

// Resume asks for a settle of every room whose rule is not as wanted: after a
// crash in the middle of one, and when telephony was switched on or off.
func (s *SIP) Resume(ctx context.Context) error {
	for after := uuid.Nil; ; {
		rooms, err := s.concerned(ctx, after, resumePage)
		if err != nil || len(rooms) == 0 {
			return err
		}
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			for _, room := range rooms {
				if err := s.agree(ctx, tx, room); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		after = rooms[len(rooms)-1].ID
	}
}
