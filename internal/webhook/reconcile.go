package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// reconcileEvery is how often providers are asked what is true.
	reconcileEvery = 30 * time.Second
	// secondLook is how long after a first look that raises doubts comes another.
	secondLook = 3 * time.Second
	// roundTimeout bounds a round.
	roundTimeout = 50 * time.Second
	// A question after one person takes seconds when the answer is no.
	aliveAtOnce = 64
	// maxAlive is how many doubts of a round are asked after; the others wait for the next.
	maxAlive = 600
	// maxSamples is in how many rooms a round asks after somebody whom nobody doubts.
	maxSamples = 50
	// witnesses are how many people of a meeting are asked after before it is over.
	witnesses = 3
)

// What a round mends, as the metric and the console name it.
const (
	MendedJoin  = "join_unheard"
	MendedLeave = "leave_unheard"
	MendedStart = "start_unheard"
	MendedEnd   = "end_unheard"
)

var mendedOf = map[video.EventKind]string{
	video.ParticipantSeen: MendedJoin, video.ParticipantMissed: MendedLeave,
	video.RoomSeen: MendedStart, video.RoomMissed: MendedEnd,
}

var (
	mended = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "anteroom_reconcile_mends_total",
		Help: "What no webhook told and a reconcile found, by kind (join_unheard, leave_unheard, start_unheard, end_unheard).",
	}, []string{"provider", "kind"})
	rounds = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "anteroom_reconciles_total",
		Help: "Rounds of reconciling, by outcome (ok, failed).",
	}, []string{"provider", "outcome"})
)

// Mends are what a round of reconciling mended, by kind.
type Mends map[string]int

// reconcileArgs asks for a round.
type reconcileArgs struct{}

// Kind is permanent: jobs outlive programs.
func (reconcileArgs) Kind() string { return "webhook.reconcile" }

func (i *Inbox) reconcileJob(ctx context.Context, _ reconcileArgs, _ job.Attempt) error {
	_, err := i.Reconcile(ctx)
	return err
}

// Reconcile asks every provider once what is true, and takes the differences in
// as events. One provider's failure does not keep from the others.
func (i *Inbox) Reconcile(ctx context.Context) (Mends, error) {
	ctx, cancel := context.WithTimeout(ctx, roundTimeout)
	defer cancel()
	all := Mends{}
	var failure error
	for name, provider := range i.providers {
		looker, ok := provider.(video.Looker)
		if !ok {
			continue
		}
		r := &round{Inbox: i, name: name, looker: looker}
		err := r.run(ctx, all)
		outcome := "ok"
		if err != nil {
			outcome, failure = "failed", fmt.Errorf("reconcile %s: %w", name, err)
		}
		rounds.WithLabelValues(string(name), outcome).Inc()
	}
	return all, failure
}

// round is one of a provider.
type round struct {
	*Inbox
	name   video.Name
	looker video.Looker
	asked  atomic.Int32 // after people
}

// run looks, mends what is not as it was believed, and has reviewed what else it
// saw.
func (r *round) run(ctx context.Context, mends Mends) error {
	believed, err := r.believe(ctx, r.name)
	if err != nil {
		return err
	}
	look, err := r.looker.Look(ctx, believed.names(), isOurs)
	if err != nil {
		return err
	}
	err = r.settle(ctx, believed, look, mends)
	if r.review != nil { // of people who were not heard of nothing else is known before
		if reviewErr := r.review(ctx, r.name, look); reviewErr != nil {
			err = errors.Join(err, fmt.Errorf("review what was seen: %w", reviewErr))
		}
	}
	return err
}

// settle mends what a look shows to be otherwise than believed. Where something is
// in doubt it looks again, and asks after those whom it concerns.
func (r *round) settle(ctx context.Context, believed belief, look video.Look, mends Mends) error {
	first := append(doubts(believed, look), r.ghosts(ctx, believed, look)...)
	first, err := r.stated(ctx, first)
	if err != nil || len(first) == 0 {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(r.secondLook): // what is on its way comes in real time
	}
	if believed, err = r.believe(ctx, r.name); err != nil { // what was heard meanwhile
		return err
	}
	kept, err := r.lookAgain(ctx, believed, first)
	if err != nil {
		return err
	}
	return r.mend(ctx, believed, kept, mends)
}

// isOurs says whether a room may be one of ours, by its name at the provider.
func isOurs(name string) bool {
	id, err := uuid.Parse(name)
	return err == nil && id.String() == name
}

// ghosts asks after somebody in each of some rooms: after a crash the dead stay
// listed. Where one is dead, all the others of the room are in doubt.
func (r *round) ghosts(ctx context.Context, b belief, look video.Look) []doubt {
	var rooms [][]doubt
	for _, l := range look.Rooms {
		if m := b[l.Room.SID]; m != nil {
			rooms = append(rooms, listed(m, l))
		}
	}
	rooms = slices.DeleteFunc(rooms, func(all []doubt) bool { return len(all) == 0 })
	rand.Shuffle(len(rooms), func(a, b int) { rooms[a], rooms[b] = rooms[b], rooms[a] }) //nolint:gosec // no secret
	found := make([][]doubt, min(len(rooms), maxSamples))
	var group errgroup.Group
	group.SetLimit(aliveAtOnce)
	for n := range found {
		group.Go(func() error {
			if r.isOneDead(ctx, rooms[n]) {
				found[n] = rooms[n]
			}
			return nil
		})
	}
	_ = group.Wait()
	return slices.Concat(found...)
}

// isOneDead asks after who came first, since a crash leaves no other alive, and
// after anybody.
func (r *round) isOneDead(ctx context.Context, all []doubt) bool {
	oldest := slices.MinFunc(all, func(a, b doubt) int { return a.who.JoinTime.Compare(b.who.JoinTime) })
	for _, d := range []doubt{oldest, all[rand.N(len(all))]} { //nolint:gosec // no secret
		if alive, err := r.looker.Alive(ctx, d.room.Name, d.who.Identity); err == nil && !alive {
			return true
		}
	}
	return false
}

// listed are doubts about all who are believed and listed.
func listed(m *believed, l video.RoomLook) (found []doubt) {
	for _, p := range l.Participants {
		if who, ok := m.people[p.SID]; ok {
			found = append(found, doubt{kind: video.ParticipantMissed, room: m.room, who: &who.Participant, asked: l.AskTime, ghost: true})
		}
	}
	return found
}

// lookAgain keeps the doubts that stand after a second look, and that those whom
// they are about bear out.
func (r *round) lookAgain(ctx context.Context, believed belief, first []doubt) ([]doubt, error) {
	var names []string
	for _, d := range first {
		names = append(names, d.room.Name)
	}
	slices.Sort(names)
	look, err := r.looker.Look(ctx, slices.Compact(names), func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	second := doubts(believed, look)
	for _, l := range look.Rooms {
		if m := believed[l.Room.SID]; m != nil && l.Err == nil {
			second = append(second, listed(m, l)...) // to hold the ghosts of the first look against
		}
	}
	kept, err := r.stated(ctx, both(first, second))
	if err != nil {
		return nil, err
	}
	return r.askAfter(ctx, believed, kept), nil
}

// askAfter keeps the doubts that are borne out by the people whom they are
// about: who was not heard of must be there, who was missed must not, and of a
// meeting that is over nobody.
func (r *round) askAfter(ctx context.Context, b belief, all []doubt) []doubt {
	holds := make([]bool, len(all))
	var group errgroup.Group
	group.SetLimit(aliveAtOnce)
	for n := range all {
		group.Go(func() error {
			d := &all[n]
			if d.ghost {
				d.asked = r.clock.Now()
			}
			holds[n] = d.sure || r.borneOut(ctx, b, *d)
			return nil
		})
	}
	_ = group.Wait()
	var kept []doubt
	for n, d := range all {
		if holds[n] {
			kept = append(kept, d)
		}
	}
	return kept
}

func (r *round) borneOut(ctx context.Context, b belief, d doubt) bool {
	switch d.kind {
	case video.ParticipantSeen:
		return r.is(ctx, d.room.Name, d.who.Identity, true)
	case video.ParticipantMissed:
		return r.is(ctx, d.room.Name, d.who.Identity, false)
	}
	asked := 0
	for _, p := range b[d.room.SID].people {
		if asked++; asked > witnesses {
			break
		}
		if !r.is(ctx, d.room.Name, p.Identity, false) {
			return false
		}
	}
	return true
}

// is asks whether somebody is there, and says whether the answer is as expected;
// no answer is not.
func (r *round) is(ctx context.Context, roomName, identity string, expected bool) bool {
	if r.asked.Add(1) > maxAlive {
		return false
	}
	alive, err := r.looker.Alive(ctx, roomName, identity)
	return err == nil && alive == expected
}

// mend takes in what was found out, as events. That somebody is in a meeting
// which is not believed to go on says that it does.
func (r *round) mend(ctx context.Context, b belief, found []doubt, mends Mends) error {
	goesOn := map[string]bool{}
	for _, d := range found {
		if d.kind == video.ParticipantSeen && b[d.room.SID] == nil && !goesOn[d.room.SID] {
			goesOn[d.room.SID] = true
			if err := r.tell(ctx, doubt{kind: video.RoomSeen, room: d.room, asked: d.asked}, mends); err != nil {
				return err
			}
		}
		if err := r.tell(ctx, d, mends); err != nil {
			return err
		}
	}
	return nil
}

// tell takes one thing in.
func (r *round) tell(ctx context.Context, d doubt, mends Mends) error {
	e := video.Event{
		Provider: r.name, ID: "RC_" + uuid.Must(uuid.NewV7()).String(), Type: reconcileTypes[d.kind], Kind: d.kind,
		Time: d.asked.UTC(), ReceiveTime: r.now(), Room: d.room, Participant: d.who, Origin: video.Reconciled,
	}
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	e.Body = body
	o, err := r.intake.take(ctx, e)
	if err != nil || o != applied {
		return err
	}
	kind := mendedOf[d.kind]
	mends[kind]++
	mended.WithLabelValues(string(r.name), kind).Inc()
	r.log.InfoContext(ctx, "reconciled", slog.String("kind", kind), slog.String("room", d.room.Name), slog.String("room_sid", d.room.SID))
	return nil
}

// reconcileTypes are the types of the events of reconciling.
var reconcileTypes = map[video.EventKind]string{
	video.ParticipantSeen: "participant_seen", video.ParticipantMissed: "participant_missed",
	video.RoomSeen: "room_seen", video.RoomMissed: "room_missed",
}
