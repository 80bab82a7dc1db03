package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

const (
	// rulePoll is how often LiveKit is asked, as it tells nobody.
	rulePoll = time.Millisecond
	// ruleTimeout is when a rule is given up; wanted are two seconds.
	ruleTimeout = 10 * time.Second
)

// ruleTimes is how long LiveKit's dispatch rule takes to follow the webhooks,
// in milliseconds from when they are posted.
type ruleTimes struct {
	Database string    `json:"database"`
	Present  quantiles `json:"present_ms"` // from the first participant_joined
	Gone     quantiles `json:"gone_ms"`    // from the last participant_left
}

type quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func quantilesOf(times []time.Duration) quantiles {
	slices.Sort(times)
	return quantiles{milliseconds(quantile(times, 0.5)), milliseconds(quantile(times, 0.99)), milliseconds(times[len(times)-1])}
}

// ruleTimes tells of one meeting after the other and watches LiveKit's rules.
func (b *bench) ruleTimes(ctx context.Context, n int) (t ruleTimes, err error) {
	say("%s: waiting for %d dispatch rules…", b.database, n)
	provider, err := livekit.New(livekit.Config{
		InternalURL: b.ready.LivekitURL, PublicURL: b.ready.LivekitURL,
		APIKey: b.ready.LivekitAPIKey, APISecret: b.ready.LivekitAPISecret,
	})
	if err != nil {
		return t, err
	}
	var present, gone []time.Duration
	for i := range n {
		p, g, err := b.followRule(ctx, provider, b.rooms[i%len(b.rooms)])
		if err != nil {
			return t, err
		}
		present, gone = append(present, p), append(gone, g)
	}
	return ruleTimes{b.database, quantilesOf(present), quantilesOf(gone)}, nil
}

func (b *bench) followRule(ctx context.Context, dialer video.Dialer, room string) (present, gone time.Duration, err error) {
	posts, err := newMeeting(room, b.ready.LivekitAPIKey, b.ready.LivekitAPISecret)
	if err != nil {
		return 0, 0, err
	}
	const firstJoin, lastLeave = 1, -2 // places in the meeting's posts
	inbox, h := b.newInbox(), newHTTPClient("")
	last := len(posts) + lastLeave
	if err := inbox.sendAll(ctx, h, posts[:firstJoin]); err != nil {
		return 0, 0, err
	}
	begin := time.Now()
	err1 := inbox.sendAll(ctx, h, posts[firstJoin:firstJoin+1])
	err2 := awaitRule(ctx, dialer, room, true)
	present = time.Since(begin)
	if err := errors.Join(err1, err2, inbox.sendAll(ctx, h, posts[firstJoin+1:last])); err != nil {
		return 0, 0, err
	}
	begin = time.Now()
	err1 = inbox.sendAll(ctx, h, posts[last:last+1])
	err2 = awaitRule(ctx, dialer, room, false)
	gone = time.Since(begin)
	return present, gone, errors.Join(err1, err2, inbox.sendAll(ctx, h, posts[last+1:]))
}

// awaitRule asks LiveKit until a room has its rule, or has none any more.
func awaitRule(ctx context.Context, dialer video.Dialer, room string, wanted bool) error {
	ctx, cancel := context.WithTimeout(ctx, ruleTimeout)
	defer cancel()
	tick := time.NewTicker(rulePoll)
	defer tick.Stop()
	for {
		rules, err := dialer.ListRules(ctx)
		if err != nil {
			return fmt.Errorf("wait for a dispatch rule (present: %t): %w", wanted, err)
		}
		if slices.ContainsFunc(rules, func(r video.Rule) bool { return r.RoomID == room }) == wanted {
			return nil
		}
		<-tick.C
	}
}
