package sip

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// reviewEvery is how often LiveKit's rules are compared with what is noted.
const reviewEvery = 5 * time.Minute

var mended = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_rule_mends_total",
	Help: "Rooms whose dispatch rules were not what is noted of them, by kind (rule_superfluous, rule_missing).",
}, []string{"provider", "kind"})

// Mends are the rooms that a review had settled, by kind.
type Mends map[string]int

// reviewArgs asks for Review.
type reviewArgs struct{}

// Kind is permanent: jobs outlive programs.
func (reviewArgs) Kind() string { return "sip.review" }

func (s *SIP) reviewJob(ctx context.Context, _ reviewArgs, _ job.Attempt) error {
	_, err := s.Review(ctx)
	return err
}

// Review finds what the database does not know of: it lists the rules that there
// are once, compares them with what is noted, and asks for a settle with a look
// of each room where they differ. Rules of rooms that are not in the database are
// another installation's, and stay.
func (s *SIP) Review(ctx context.Context) (Mends, error) {
	all := Mends{}
	if !s.config.On {
		return all, nil
	}
	for _, name := range s.providers.Names("") {
		dialer, err := s.providers.Dialer(name)
		if err != nil {
			continue // it takes no calls
		}
		if err := s.review(ctx, name, dialer, all); err != nil {
			return all, fmt.Errorf("review the dispatch rules of %s: %w", name, err)
		}
	}
	return all, nil
}

func (s *SIP) review(ctx context.Context, name video.Name, dialer video.Dialer, mends Mends) error {
	asked := s.now()
	rules, err := dialer.ListRules(ctx)
	if err != nil {
		return err
	}
	there := byRoom(rules)
	rooms, err := s.noted(ctx)
	if err != nil {
		return err
	}
	rooms = slices.AppendSeq(rooms, maps.Keys(there))
	slices.SortFunc(rooms, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	var jobs []settleArgs
	for page := range slices.Chunk(slices.Compact(rooms), resumePage) {
		outlooks, err := s.outlooks(ctx, s.db.Reader(), page...)
		if err != nil {
			return err
		}
		for _, o := range outlooks {
			kind := differs(o.known, o.ruleID, there[o.roomID])
			delete(there, o.roomID)
			if kind != "" && o.provider == name && o.rests(asked) {
				mends[kind]++
				mended.WithLabelValues(string(name), kind).Inc()
				jobs = append(jobs, settleArgs{RoomID: o.roomID, Check: true})
			}
		}
	}
	if len(there) > 0 {
		s.log.InfoContext(ctx, "dispatch rules of rooms that are not in this database stay", slog.String("provider", string(name)), slog.Int("rooms", len(there)))
	}
	return s.db.InTx(ctx, func(tx *db.Tx) error {
		return job.EnqueueAll(ctx, s.jobs, tx, jobs, job.MaxAttempts(settleTries))
	})
}

// byRoom sorts the rules that are an Anteroom's.
func byRoom(rules []video.Rule) map[uuid.UUID][]video.Rule {
	of := map[uuid.UUID][]video.Rule{}
	for _, r := range rules {
		if id, err := uuid.Parse(r.RoomID); err == nil {
			of[id] = append(of[id], r)
		}
	}
	return of
}

// noted are the rooms that are known to have a rule.
func (s *SIP) noted(ctx context.Context) (rooms []uuid.UUID, err error) {
	err = s.db.DispatchRule.Query().Where(dispatchrule.StatusEQ(dispatchrule.StatusPresent)).
		Select(dispatchrule.FieldRoomID).Scan(ctx, &rooms)
	return rooms, err
}

// rests says whether a room is as it is wanted, for all that is known, and was
// so when LiveKit was asked: where it is not, a settle is on its way anyway.
func (o outlook) rests(asked time.Time) bool {
	return next(o.wish, o.known, false) == doNothing && !o.known.claimed && !o.updated.After(asked)
}
