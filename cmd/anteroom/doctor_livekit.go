package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

const (
	// skewNoticed and skewHarmful are from when on clocks differ too much; LiveKit
	// and Anteroom forgive a minute.
	skewNoticed = 5 * time.Second
	skewHarmful = 30 * time.Second
	// webhookPoll is how often a webhook is looked for.
	webhookPoll = 100 * time.Millisecond
)

// isSilent is whether LiveKit answers to nothing, of which checkLiveKit tells: no
// error of another call says more then.
func (d *doctor) isSilent(ctx context.Context) bool { return d.livekit.Ping(ctx) != nil }

// livekitTrouble is what an error of LiveKit's means.
func livekitTrouble(err error) []finding {
	switch {
	case errors.Is(err, livekit.ErrKey):
		return fail(livekitRefuses, nil)
	case errors.Is(err, livekit.ErrNoRedis):
		return fail(noRedis, nil)
	}
	return fail(livekitIsAway, err)
}

func (d *doctor) checkLiveKit(ctx context.Context) []finding {
	if err := d.livekit.Ping(ctx); err != nil {
		return livekitTrouble(err)
	}
	return ok("it answers to the API key")
}

// checkClocks compares ours with LiveKit's and Postgres'. SQLite has ours.
func (d *doctor) checkClocks(ctx context.Context) (all []finding) {
	if skew, err := d.livekit.Skew(ctx); err == nil {
		all = append(all, under("clock livekit", clock("LiveKit's", skew))...)
	}
	if d.db == nil || !d.db.IsPostgres() {
		return all
	}
	var theirs time.Time
	before := d.config.Clock.Now()
	if err := d.db.SQL.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&theirs); err == nil {
		after := d.config.Clock.Now()
		skew := theirs.Sub(before.Add(after.Sub(before) / 2)).Round(time.Second)
		all = append(all, under("clock postgres", clock("the database's", skew))...)
	}
	return all
}

func clock(whose string, skew time.Duration) []finding {
	detail := fmt.Sprintf("%s is ahead of ours by %v", whose, skew)
	if skew < 0 {
		detail = fmt.Sprintf("%s is behind ours by %v", whose, -skew)
	}
	switch {
	case skew.Abs() > skewHarmful:
		return fail(clocksDiffer, detail)
	case skew.Abs() > skewNoticed:
		return warn(clocksDiffer, detail)
	}
	return ok("%s differs by %v", whose, skew.Abs())
}

// checkRoom makes a room, enters it as a browser would, and looks for the webhooks
// of that in the inbox.
func (d *doctor) checkRoom(ctx context.Context) []finding {
	room := "anteroom-doctor-" + uuid.Must(uuid.NewV7()).String()
	sid, err := d.livekit.OpenRoom(ctx, room)
	switch {
	case err != nil && d.isSilent(ctx):
		return nil
	case err != nil:
		return fail(roomCannotBeMade, err)
	}
	defer func() { _ = d.livekit.EndMeeting(context.WithoutCancel(ctx), room) }()
	all := d.visit(ctx, room, sid)
	return append(all, under("webhooks", d.awaitWebhook(ctx, room))...)
}

// visit sees what a browser sees, and what moderators may do to it.
func (d *doctor) visit(ctx context.Context, room, sid string) []finding {
	const name = "livekit url"
	visitor, err := d.livekit.Visit(ctx, room)
	switch {
	case errors.Is(err, livekit.ErrKey):
		return under(name, fail(livekitOther, "it does not know the API key"))
	case err != nil:
		return under(name, fail(livekitPublic, err))
	}
	defer visitor.Leave()
	if visitor.RoomSID != sid {
		return under(name, fail(livekitOther, nil))
	}
	all := under(name, d.livekitURL(visitor))
	may, err := d.livekit.MayUnmute(ctx, visitor)
	switch {
	case err != nil:
		return append(all, under("unmute", livekitTrouble(err))...)
	case !may:
		return append(all, under("unmute", warn(noUnmute, nil))...)
	}
	return append(all, under("unmute", ok("room.enable_remote_unmute is set"))...)
}

func (d *doctor) livekitURL(v *livekit.Visitor) []finding {
	public := d.flags.LivekitPublicURL
	if public == "" {
		public = d.flags.LivekitURL
		if !d.flags.Development && isInternal(public) {
			return fail(livekitInternal, public)
		}
	}
	if !d.encrypted(public) {
		return warn(publicPlain, public)
	}
	return ok("%s leads to the same LiveKit, %s", public, v.Version)
}

// internalNames end the names of hosts that no browser outside of their network knows.
var internalNames = []string{".svc", ".local", ".internal", ".localhost"}

// isInternal is whether browsers elsewhere know nothing of a URL's host, as far as its
// name tells.
func isInternal(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast()
	}
	return !strings.Contains(host, ".") || slices.ContainsFunc(internalNames, func(end string) bool { return strings.HasSuffix(host, end) })
}

// awaitWebhook waits for an event of the room in the inbox, whichever process it
// came to.
func (d *doctor) awaitWebhook(ctx context.Context, room string) []finding {
	if d.db == nil || d.db.Migrated(ctx) != nil {
		return warn(webhookUnseen, nil)
	}
	wait, cancel := context.WithTimeout(ctx, d.webhookWait)
	defer cancel()
	tick := time.NewTicker(webhookPoll)
	defer tick.Stop()
	begin := d.config.Clock.Now()
	for {
		came, err := d.db.WebhookEvent.Query().Where(webhookevent.RoomName(room)).Exist(ctx)
		switch {
		case err != nil:
			return warn(webhookUnseen, err)
		case came:
			return ok("LiveKit's webhook came within %v", d.config.Clock.Since(begin).Round(time.Millisecond))
		}
		select {
		case <-wait.Done():
			return fail(noWebhook, fmt.Sprintf("none in %v", d.webhookWait))
		case <-tick.C:
		}
	}
}

func (d *doctor) checkSIP(ctx context.Context) []finding {
	if !d.config.Telephony.On {
		return absent(sipOff)
	}
	trunks, err := d.livekit.Trunks(ctx)
	switch {
	case err != nil && d.isSilent(ctx):
		return nil
	case err != nil:
		return livekitTrouble(err)
	}
	all := under("sip redis", ok("LiveKit has its Redis"))
	if trunks == 0 {
		all = append(all, under("sip trunks", warn(noTrunk, nil))...)
	} else {
		all = append(all, under("sip trunks", ok("LiveKit has %d inbound trunks", trunks))...)
	}
	return append(all, under("sip service", healthOf(d.livekit.SIPHealth(ctx), sipUnknown, sipSick))...)
}

func healthOf(h video.Health, unknown, sick symptom) []finding {
	switch h {
	case video.Healthy:
		return ok("it says that it is well")
	case video.Unhealthy:
		return fail(sick, nil)
	}
	return warn(unknown, nil)
}

func (d *doctor) checkRecorder(ctx context.Context) []finding {
	if d.livekit.RecorderHealth(ctx) == video.Unhealthy {
		return fail(recorderSick, nil)
	}
	err := d.livekit.RecorderAnswers(ctx)
	switch {
	case errors.Is(err, video.ErrNoRecorder):
		return absent(noRecorder)
	case err != nil && d.isSilent(ctx):
		return nil
	case err != nil:
		return livekitTrouble(err)
	}
	return ok("one answers")
}
