package recording

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// brokeOff says whether a capture ended though its track, as far as anybody told,
// is still there, and whether it is time to begin anew. before is how many there were
// of the track before it.
func brokeOff(c *ent.Capture, before int, now time.Time) bool {
	ended := factsOf(c).ended() && c.Status != capture.StatusComplete
	return ended && c.StopTime == nil && now.Sub(c.HeardTime) >= min(firstPause<<min(before, pauseSpells), longestPause)
}

// broken are the captures of a recording to be begun anew.
func broken(captures []*ent.Capture, now time.Time) (found []uuid.UUID) {
	before := map[string]int{}
	for _, c := range captures {
		if brokeOff(c, before[c.TrackSid], now) {
			found = append(found, c.ID)
		}
		before[c.TrackSid]++
	}
	return found
}

// revive begins anew to capture tracks whose captures broke off while their recording goes
// on, longer and longer after the last time.
func (r *Recordings) revive(ctx context.Context, rec *ent.Recording, now time.Time) error {
	if !modes[rec.Mode].perTrack || rec.StopTime != nil || len(broken(rec.Edges.Captures, now)) == 0 {
		return nil
	}
	return r.inRoom(ctx, rec.RoomID, func(tx *db.Tx, room *ent.Room) error {
		held, err := tx.Recording.Query().Where(entrecording.ID(rec.ID), isLive, entrecording.StopTimeIsNil()).WithCaptures(byAge).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		ids := broken(held.Edges.Captures, now)
		if err := r.stopSome(ctx, tx, rec.ID, func(p *piece) bool { return slices.Contains(ids, p.ID) }); err != nil {
			return err
		}
		for _, c := range held.Edges.Captures {
			if !slices.Contains(ids, c.ID) {
				continue
			}
			who, err := presentIn(ctx, tx.Client, *held.MeetingID, *c.ParticipationID)
			if errors.Is(err, ErrNoParticipant) {
				continue
			}
			if err != nil {
				return err
			}
			if err := r.captureTrack(ctx, tx, room, rec.ID, who, c.TrackSid); err != nil {
				return err
			}
		}
		return r.jobs.Enqueue(ctx, tx, askArgs{rec.ID})
	})
}
