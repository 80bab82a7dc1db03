package sip

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// resumePage is how many rooms Resume looks at in one transaction.
const resumePage = 100

// resumeEvery is how often rooms are looked at that nothing happens in.
const resumeEvery = time.Minute

// resumeArgs asks for Resume.
type resumeArgs struct{}

// Kind is permanent: jobs outlive programs.
func (resumeArgs) Kind() string { return "sip.resume" }

func (s *SIP) resumeJob(ctx context.Context, _ resumeArgs, _ job.Attempt) error { return s.Resume(ctx) }

// Resume asks for a settle of every room whose rule is not as wanted: after a
// crash in the middle of one, after LiveKit was away for long, and when telephony
// was switched on or off.
func (s *SIP) Resume(ctx context.Context) error {
	for after := uuid.Nil; ; {
		rooms, err := s.concerned(ctx, after, resumePage)
		if err != nil || len(rooms) == 0 {
			return err
		}
		err = s.db.InTx(ctx, func(tx *db.Tx) error {
			ids, err := tx.Room.Query().Where(entroom.IDIn(ids(rooms)...), db.Lock).Order(entroom.ByID()).IDs(ctx)
			if err != nil {
				return err
			}
			return s.agree(ctx, tx, ids...)
		})
		if err != nil {
			return err
		}
		after = rooms[len(rooms)-1].ID
	}
}

func ids(rooms []*ent.Room) []uuid.UUID {
	out := make([]uuid.UUID, len(rooms))
	for i, room := range rooms {
		out[i] = room.ID
	}
	return db.Padded(out)
}
