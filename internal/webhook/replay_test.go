package webhook

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func (k *desk) idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, k.jobs.Idle(ctx))
}

func (k *desk) list(t *testing.T, f Filter) (ids []string) {
	t.Helper()
	events, more, err := k.List(t.Context(), f, uuid.Nil, 100)
	require.NoError(t, err)
	require.False(t, more)
	for _, e := range events {
		require.Empty(t, e.Body, "lists have no bodies")
		ids = append(ids, e.EventID)
	}
	return ids
}

// TestPoisonedEvents: one event fails three times and then works, one never
// works. They hold up nobody, and end applied and dead.
func TestPoisonedEvents(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.applyTries, k.poison = 3, "EV_never"
		var log strings.Builder
		k.log = slog.New(slog.NewTextHandler(&log, nil))
		dead := retries.WithLabelValues("livekit", "dead")
		before := testutil.ToFloat64(dead)
		room := k.room.ID.String()

		k.fails, k.broken = 3, errors.New("a bug")
		require.NoError(t, k.receive(t, "EV_thrice", room))
		require.Equal(t, 2, k.fails)
		k.work(t)
		k.idle(t)
		done := k.row(t, "EV_thrice")
		require.Equal(t, webhookevent.OutcomeApplied, done.Outcome)
		require.Equal(t, 4, done.Attempts)
		require.NotNil(t, done.AppliedTime)
		require.Empty(t, done.Error)

		require.NoError(t, k.receive(t, "EV_never", room))
		require.NoError(t, k.receive(t, "EV_next", room))
		require.Equal(t, webhookevent.OutcomeApplied, k.row(t, "EV_next").Outcome, "in the same room, while the other waits for its next try")
		require.Equal(t, []string{"EV_never"}, k.list(t, Filter{Outcomes: []webhookevent.Outcome{webhookevent.OutcomeFailed}}))
		k.idle(t)
		given := k.row(t, "EV_never")
		require.Equal(t, webhookevent.OutcomeDead, given.Outcome)
		require.Equal(t, 4, given.Attempts)
		require.Equal(t, "poisoned", given.Error)
		require.Nil(t, given.AppliedTime)
		require.InDelta(t, before+1, testutil.ToFloat64(dead), 0)
		require.Contains(t, log.String(), "level=ERROR msg=\"webhook event is given up")
		require.Equal(t, []string{"EV_never"}, k.list(t, Filter{Outcomes: []webhookevent.Outcome{webhookevent.OutcomeDead, webhookevent.OutcomeFailed}}))
		require.Empty(t, k.list(t, Filter{Outcomes: []webhookevent.Outcome{webhookevent.OutcomeFailed}}))
	})
}

// TestACrashAtTheLastTry: the job is tried once more and not forgotten.
func TestACrashAtTheLastTry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.fails, k.broken = -1, errors.New("a bug for ever")
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		var most int
		require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT max_attempts FROM river_job WHERE kind = 'webhook.apply'").Scan(&most))
		require.Greater(t, most, applyTries)
		args := applyArgs{video.LiveKit, "EV_1"}
		require.Error(t, k.applyAgain(t.Context(), args, job.Attempt{Number: applyTries + 1, Max: most}))
		require.Equal(t, webhookevent.OutcomeDead, k.row(t, "EV_1").Outcome)
		require.NoError(t, k.applyAgain(t.Context(), args, job.Attempt{Number: applyTries + 2, Max: most}), "dead is dead")
		require.Equal(t, 2, k.row(t, "EV_1").Attempts)
	})
}

// TestAFailureIsNotedThoughTimeIsUp: the job's context has ended, as when a try
// takes longer than a job may.
func TestAFailureIsNotedThoughTimeIsUp(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.fails, k.broken = -1, errors.New("a bug for ever")
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.Error(t, k.applyAgain(ctx, applyArgs{video.LiveKit, "EV_1"}, job.Attempt{Number: applyTries, Max: applyTries}))
		require.Equal(t, webhookevent.OutcomeDead, k.row(t, "EV_1").Outcome)
	})
}

func (k *desk) replay(t *testing.T, row *ent.WebhookEvent) *ent.WebhookEvent {
	t.Helper()
	replay, err := k.Replay(t.Context(), row.ID)
	require.NoError(t, err)
	return replay
}

// TestReplay: a replay is an event of its own, and what it redeems counts as
// applied from then on.
func TestReplay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.poison = "EV_1"
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		require.NoError(t, k.receive(t, "EV_10", k.room.ID.String()))
		require.Error(t, k.applyAgain(t.Context(), applyArgs{video.LiveKit, "EV_1"}, job.Attempt{Number: applyTries}))
		original := k.row(t, "EV_1")
		require.Equal(t, webhookevent.OutcomeDead, original.Outcome)

		k.fails, k.broken = 1, errors.New("a bug")
		first := k.replay(t, original)
		require.Equal(t, webhookevent.OutcomeFailed, first.Outcome)
		require.Equal(t, "a bug", first.Error)
		require.Equal(t, webhookevent.OutcomeDead, k.row(t, "EV_1").Outcome, "not yet")

		second := k.replay(t, first)
		require.Equal(t, webhookevent.OutcomeApplied, second.Outcome)
		require.Equal(t, webhookevent.OriginReplay, second.Origin)
		require.Equal(t, original.Type, second.Type)
		require.True(t, original.ReceivedTime.Equal(second.ReceivedTime), "heard of when the original came")
		require.True(t, strings.HasPrefix(second.EventID, "EV_1~"), second.EventID)
		require.Equal(t, 1, strings.Count(second.EventID, "~"), "of the original, and not of its replay")
		for _, id := range []string{"EV_1", first.EventID} {
			redeemed := k.row(t, id)
			require.Equal(t, webhookevent.OutcomeApplied, redeemed.Outcome, id)
			require.NotNil(t, redeemed.AppliedTime)
			require.Empty(t, redeemed.Error)
		}
		k.work(t) // the first replay's retry finds it applied
		k.idle(t)
		require.Equal(t, []string{"EV_10", second.EventID}, k.applied)
		require.Equal(t, webhookevent.OutcomeApplied, k.replay(t, k.row(t, "EV_10")).Outcome, "what went well may be applied once more")
	})
}

// TestAReplayThatSucceedsLaterRedeems: also when its own retry brings it through.
func TestAReplayThatSucceedsLaterRedeems(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.poison = "EV_1"
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		require.Error(t, k.applyAgain(t.Context(), applyArgs{video.LiveKit, "EV_1"}, job.Attempt{Number: applyTries}))
		k.fails, k.broken = 1, errors.New("a bug")
		replay := k.replay(t, k.row(t, "EV_1"))
		require.NoError(t, k.applyAgain(t.Context(), applyArgs{video.LiveKit, replay.EventID}, job.Attempt{Number: 1}))
		require.Equal(t, webhookevent.OutcomeApplied, k.row(t, replay.EventID).Outcome)
		require.Equal(t, webhookevent.OutcomeApplied, k.row(t, "EV_1").Outcome)
	})
}

// TestReplayOfAReconciledEvent: what no provider told has a body of our own.
func TestReplayOfAReconciledEvent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		var seen []video.Event
		k.applies = []Apply{func(_ context.Context, _ *db.Tx, _ map[string]*ent.Room, events []video.Event) error {
			seen = append(seen, events...)
			return nil
		}}
		r := &round{Inbox: k.Inbox, name: video.LiveKit}
		who := &video.Participant{SID: "PA_1", Identity: "ada", Kind: video.Web, PhoneNumber: "+33199001234"}
		require.NoError(t, r.tell(t.Context(), doubt{
			kind: video.ParticipantSeen, room: video.EventRoom{Name: k.room.ID.String(), SID: "RM_1"}, who: who, asked: k.now(),
		}, Mends{}))
		told := d.WebhookEvent.Query().OnlyX(t.Context())
		first := k.replay(t, told)
		k.replay(t, k.row(t, first.EventID))
		require.Len(t, seen, 3)
		for _, again := range seen[1:] {
			require.Equal(t, video.Replayed, again.Origin)
			again.ID, again.Origin = seen[0].ID, seen[0].Origin
			require.Equal(t, seen[0], again)
		}
	})
}

// TestList: filters, each alone, and the places where pages meet.
func TestList(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.poison = "EV_2"
		room := k.room.ID.String()
		begin := time.Now()
		require.NoError(t, k.receive(t, "EV_1", room))
		require.NoError(t, k.receive(t, "EV_2", room))
		middle := time.Now().Truncate(time.Millisecond).Add(time.Millisecond) // as ids have it
		for time.Now().Before(middle) {
			runtime.Gosched()
		}
		require.NoError(t, k.receive(t, "EV_3", "somebody else's"))
		replay := k.replay(t, k.row(t, "EV_1")).EventID
		end := time.Now().Add(time.Millisecond)
		all := []string{replay, "EV_3", "EV_2", "EV_1"}
		for name, c := range map[string]struct {
			Filter
			want []string
		}{
			"everything":  {Filter{}, all},
			"provider":    {Filter{Provider: video.LiveKit}, all},
			"another":     {Filter{Provider: video.Daily}, nil},
			"room":        {Filter{Room: room}, []string{replay, "EV_2", "EV_1"}},
			"upper case":  {Filter{Room: strings.ToUpper(room)}, []string{replay, "EV_2", "EV_1"}},
			"slug":        {Filter{Room: "room"}, []string{replay, "EV_2", "EV_1"}},
			"no such id":  {Filter{Room: uuid.NewString()}, nil},
			"failed":      {Filter{Outcomes: []webhookevent.Outcome{"failed"}}, []string{"EV_2"}},
			"not applied": {Filter{Outcomes: []webhookevent.Outcome{"failed", "ignored"}}, []string{"EV_3", "EV_2"}},
			"replays":     {Filter{Origins: []webhookevent.Origin{"replay", "reconcile"}}, []string{replay}},
			"type":        {Filter{Types: []string{"room_started", "x"}}, all},
			"other type":  {Filter{Types: []string{"x"}}, nil},
			"from":        {Filter{From: &middle}, []string{replay, "EV_3"}},
			"to":          {Filter{To: &middle}, []string{"EV_2", "EV_1"}},
			"between":     {Filter{From: &begin, To: &end}, all},
			"both":        {Filter{Room: "room", From: &middle}, []string{replay}},
		} {
			require.Equal(t, c.want, k.list(t, c.Filter), name)
		}
		_, _, err := k.List(t.Context(), Filter{Room: "nowhere"}, uuid.Nil, 1)
		require.ErrorIs(t, err, ErrRoomNotFound)

		var paged []string
		after := uuid.Nil
		for more := true; more; {
			var page []*ent.WebhookEvent
			page, more, err = k.List(t.Context(), Filter{}, after, 3)
			require.NoError(t, err)
			for _, e := range page {
				paged, after = append(paged, e.EventID), e.ID
			}
			require.NoError(t, k.receive(t, "EV_"+after.String(), room), "who comes meanwhile does not disturb")
		}
		require.Equal(t, all, paged)
	})
}

func TestFirstOf(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Now(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)} {
		id := firstOf(at)
		require.GreaterOrEqual(t, firstOf(at.Add(time.Millisecond)).String(), id.String())
		require.Equal(t, make([]byte, 10), id[6:])
	}
	id := uuid.Must(uuid.NewV7())
	now := time.UnixMilli(int64(id[0])<<40 | int64(id[1])<<32 | int64(id[2])<<24 | int64(id[3])<<16 | int64(id[4])<<8 | int64(id[5]))
	require.Less(t, firstOf(now).String(), id.String())
	require.Greater(t, firstOf(now.Add(time.Millisecond)).String(), id.String())
}

// TestOldBodiesGo: but not of what is not applied yet, and not before their time.
func TestOldBodiesGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const month = 30 * 24 * time.Hour
		k := newDesk(t, d)
		clock := clockwork.NewFakeClockAt(time.Now())
		k.clock = clock
		k.poison = "EV_failed"
		room := k.room.ID.String()
		require.NoError(t, k.receive(t, "EV_ignored", "somebody else's"))
		require.NoError(t, k.receive(t, "EV_failed", room))
		for n := range 4 { // more than a page
			require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
				var events []video.Event
				for range forgetPage / 3 {
					events = append(events, video.Event{
						ID: uuid.NewString(), Provider: video.LiveKit, Type: "x", Origin: video.Told, ReceiveTime: k.now(), Body: []byte("{}"),
					})
				}
				_, err := k.takeIn(t.Context(), tx, events, true)
				return err
			}), n)
		}
		require.NoError(t, k.receive(t, "EV_applied", room))
		withBody := func() int {
			return d.WebhookEvent.Query().Where(webhookevent.BodyNotNil()).CountX(t.Context())
		}
		all := withBody()
		require.Greater(t, all, forgetPage)
		forget := func() { require.NoError(t, k.forget(t.Context(), forgetArgs{}, job.Attempt{})) }
		clock.Advance(2 * month)
		forget()
		require.Equal(t, all, withBody(), "for ever, unless it is said how long")
		k.keepBodies = 2*month + time.Hour
		forget()
		require.Equal(t, all, withBody(), "not old enough")
		k.keepBodies = month
		forget()
		require.Equal(t, 1, withBody())
		require.NotEmpty(t, k.row(t, "EV_failed").Body)
		applied := k.row(t, "EV_applied")
		require.Equal(t, webhookevent.OutcomeApplied, applied.Outcome)
		_, err := k.Replay(t.Context(), applied.ID)
		require.ErrorIs(t, err, ErrBodyRemoved)
		k.poison = ""
		require.Equal(t, webhookevent.OutcomeApplied, k.replay(t, k.row(t, "EV_failed")).Outcome)
		_, err = k.Replay(t.Context(), uuid.New())
		require.ErrorIs(t, err, ErrEventNotFound)
	})
}

// TestForgettingGoesOnInAnotherJob: one turns a bounded number of pages.
func TestForgettingGoesOnInAnotherJob(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t))
	k := newDesk(t, d)
	_, err := d.SQL.ExecContext(t.Context(), `INSERT INTO webhook_events (id, provider, event_id, type, body, origin, received_time, outcome, attempts)
		SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'livekit', 'EV_' || n, 'x', '{}', 'webhook', now(), 'applied', 1
		FROM generate_series(1, $1::int) n`, forgetPage*forgetPages+1)
	require.NoError(t, err)
	k.keepBodies = time.Hour
	left := func() int { return d.WebhookEvent.Query().Where(webhookevent.BodyNotNil()).CountX(t.Context()) }
	require.NoError(t, k.forget(t.Context(), forgetArgs{}, job.Attempt{}))
	require.Equal(t, 1, left())
	k.work(t)
	k.idle(t)
	require.Zero(t, left())
}

// TestBodiesGoByThemselves: nobody has to ask for it.
func TestBodiesGoByThemselves(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		require.NoError(t, k.receive(t, "EV_1", "somebody else's"))
		clock := clockwork.NewFakeClockAt(time.Now())
		clock.Advance(2 * time.Hour)
		k.clock = clock
		k.KeepBodies(time.Hour)
		k.work(t)
		require.Eventually(t, func() bool { return len(k.row(t, "EV_1").Body) == 0 }, time.Minute, 10*time.Millisecond)
	})
}
