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

// teller is one connection of LiveKit's: it tells a meeting's events one after
// the other, as LiveKit does for a room.
type teller struct {
	inbox *inbox
	http  *http.Client
	left  []post // of the running meeting
	told  []post
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
// is in another room than the last ones, so that two tellers are never in one.
func (i *inbox) startFirst(_ context.Context, connections int, d time.Duration) ([]func(context.Context) error, error) {
	if len(i.b.rooms) < 2*connections {
		return nil, fmt.Errorf("%d connections need twice as many rooms", connections)
	}
	i.meetings = make([][]post, connections+int(2*i.rate*d.Seconds()))
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
	return work, nil
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

// tell posts the next event of the running meeting, or of the next one.
func (t *teller) tell(ctx context.Context) error {
	if len(t.left) == 0 {
		n := int(t.inbox.taken.Add(1)) - 1
		if n >= len(t.inbox.meetings) {
			return errOut
		}
		t.left = t.inbox.meetings[n]
	}
	next := t.left[0]
	t.left = t.left[1:]
	t.told = append(t.told, next)
	return t.inbox.send(ctx, t.http, next)
}

// finishFirst lets the running meetings end, and waits for all jobs.
func (i *inbox) finishFirst(ctx context.Context) error {
	i.told = nil
	for _, t := range i.tellers {
		for len(t.left) > 0 {
			if err := t.tell(ctx); err != nil {
				return err
			}
		}
		i.told = append(i.told, t.told...)
	}
	if int(i.taken.Load()) > len(i.meetings) {
		i.rate *= 2 // the slice ended early for want of meetings
	}
	i.meetings = nil
	return i.b.idle(ctx)
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
