package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
)

// idleTimeout bounds the wait for the jobs that a slice has caused.
const idleTimeout = 2 * time.Minute

// inbox is the webhook workloads: meetings told for the first time, then the
// same once more.
type inbox struct {
	b        *bench
	room     int     // of the next meeting
	rate     float64 // meetings in a second, as far as is known
	meetings [][]post
	taken    atomic.Int64
	tellers  []*teller
	told     []post // in the last slice
}

// meetingsAtOnce is how many meetings a connection tells of by turns: between
// two events of one room there is time, as there is between people.
const meetingsAtOnce = 4

// teller is one connection of LiveKit's: it tells a meeting's events in their
// order.
type teller struct {
	inbox   *inbox
	http    *http.Client
	running [meetingsAtOnce][]post // what is left to tell of each
	turn    int
	told    []post
}

// firstRate is how many meetings a second are made ready while nothing is known.
const firstRate = 300

func (b *bench) newInbox() *inbox { return &inbox{b: b, rate: firstRate} }

func (i *inbox) firstOperation() operation {
	return operation{
		name: nameFirst, base: nameInsert, start: i.startFirst, finish: i.finishFirst,
		cpu: processClock(i.b.program.pid()), database: i.b.databaseClock(),
	}
}

// startFirst writes and signs meetings, more than there will be time for. Each
// is in another room than those before it. The first ones have begun already,
// some more and some less, so that a slice sees all their events alike.
func (i *inbox) startFirst(ctx context.Context, connections int, d time.Duration) ([]func(context.Context) error, error) {
	if need := meetingsAtOnce * connections; len(i.b.rooms) < need {
		return nil, fmt.Errorf("%d connections need %d rooms", connections, need)
	}
	i.meetings = make([][]post, meetingsAtOnce*connections+int(2*i.rate*d.Seconds()))
	i.taken.Store(0)
	if err := i.write(); err != nil {
		return nil, err
	}
	i.tellers = nil
	var work []func(context.Context) error
	for range connections {
		t := &teller{inbox: i, http: newHTTPClient("")}
		i.tellers, work = append(i.tellers, t), append(work, t.tell)
	}
	return work, errors.Join(i.begin(ctx), i.b.idle(ctx))
}

// begin has each teller tell a part of its first meetings.
func (i *inbox) begin(ctx context.Context) error {
	var group errgroup.Group
	for n, t := range i.tellers {
		group.Go(func() error { return t.begin(ctx, n) })
	}
	return group.Wait()
}

func (i *inbox) write() error {
	var group errgroup.Group
	group.SetLimit(4)
	for n := range i.meetings {
		name := i.b.rooms[i.room%len(i.b.rooms)]
		i.room++
		group.Go(func() (err error) {
			i.meetings[n], err = newMeeting(name, i.b.ready.LivekitAPIKey, i.b.ready.LivekitAPISecret)
			return err
		})
	}
	return group.Wait()
}

// tell posts the next event of one of the running meetings.
func (t *teller) tell(ctx context.Context) error {
	left := &t.running[t.turn]
	t.turn = (t.turn + 1) % meetingsAtOnce
	if len(*left) == 0 {
		n := int(t.inbox.taken.Add(1)) - 1
		if n >= len(t.inbox.meetings) {
			return errOut
		}
		*left = t.inbox.meetings[n]
	}
	next := (*left)[0]
	*left = (*left)[1:]
	t.told = append(t.told, next)
	return t.inbox.send(ctx, t.http, next)
}

// begin tells a part of each meeting, another part than other tellers do.
func (t *teller) begin(ctx context.Context, n int) error {
	for slot := range t.running {
		posts := t.inbox.meetings[t.inbox.taken.Add(1)-1]
		part := (n*meetingsAtOnce + slot) * 5 % len(posts)
		t.running[slot] = posts[part:]
		if err := t.inbox.sendAll(ctx, t.http, posts[:part]); err != nil {
			return err
		}
	}
	return nil
}

// end tells what is left of the running meetings, and says how much it was.
func (t *teller) end(ctx context.Context) (n int, err error) {
	for _, left := range t.running {
		if err := t.inbox.sendAll(ctx, t.http, left); err != nil {
			return n, err
		}
		n += len(left)
	}
	return n, nil
}

// finishFirst lets the running meetings end, and waits for all jobs.
func (i *inbox) finishFirst(ctx context.Context) (more int, err error) {
	i.told = nil
	for _, t := range i.tellers {
		n, err := t.end(ctx)
		if err != nil {
			return 0, err
		}
		more += n
		i.told = append(i.told, t.told...)
	}
	if int(i.taken.Load()) > len(i.meetings) {
		i.rate *= 2 // the slice ended early for want of meetings
	}
	i.meetings = nil
	return more, i.b.idle(ctx)
}

func (i *inbox) repeatedOperation() operation {
	return operation{
		name: nameRepeated, base: nameInsert, start: i.startRepeated,
		cpu: processClock(i.b.program.pid()), database: i.b.databaseClock(),
	}
}

// startRepeated sends again, round and round, what the last slice has sent.
func (i *inbox) startRepeated(_ context.Context, connections int, _ time.Duration) ([]func(context.Context) error, error) {
	if len(i.told) == 0 {
		return nil, errors.New("no event was told that could be repeated")
	}
	var next atomic.Int64
	work := make([]func(context.Context) error, connections)
	for n := range work {
		h := newHTTPClient("")
		work[n] = func(ctx context.Context) error {
			return i.send(ctx, h, i.told[int(next.Add(1))%len(i.told)])
		}
	}
	return work, nil
}

func (i *inbox) send(ctx context.Context, h *http.Client, p post) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost,
		i.b.ready.URL+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(p.body))
	if err != nil {
		return err
	}
	req.Header = p.header
	resp, err := h.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("webhook: %s: %s", resp.Status, answer)
	}
	return err
}

func (i *inbox) sendAll(ctx context.Context, h *http.Client, posts []post) error {
	for _, p := range posts {
		if err := i.send(ctx, h, p); err != nil {
			return err
		}
	}
	return nil
}

// idle waits until the program has no job left. Its database can only be asked.
func (b *bench) idle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, idleTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var jobs int
		err := b.jobs.SQL.QueryRowContext(ctx,
			"SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled')").Scan(&jobs)
		if err != nil || jobs == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %d jobs: %w", jobs, ctx.Err())
		case <-tick.C:
		}
	}
}
