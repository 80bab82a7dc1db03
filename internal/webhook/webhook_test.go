package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// desk is the inbox with a noun that can be made to fail.
type desk struct {
	*Inbox
	fake    *videotest.Fake
	room    *ent.Room
	applied []string
	fails   int
	broken  error
	poison  string // the id of an event that can never be applied
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{fake: videotest.NewFake(video.LiveKit, nil)}
	now := time.Now().UTC()
	k.room = d.Room.Create().SetSlug("room").SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(now).SetUpdateTime(now).SaveX(t.Context())
	log := slog.New(slog.DiscardHandler)
	queue := job.New(d, log)
	k.Inbox = New(d, clockwork.NewRealClock(), log, video.Providers{video.LiveKit: k.fake}, queue, k.apply)
	return k
}

// work has jobs run until the test ends.
func (k *desk) work(t *testing.T) {
	t.Helper()
	require.NoError(t, k.jobs.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, k.jobs.Stop(context.Background())) })
}

func (k *desk) apply(ctx context.Context, tx *db.Tx, rooms map[string]*ent.Room, events []video.Event) error {
	var ids []string
	for _, e := range events {
		// What a failed try wrote must not stay.
		if err := tx.Room.UpdateOne(rooms[e.Room.Name]).SetName("after " + e.ID).Exec(ctx); err != nil {
			return err
		}
		if k.poison != "" && e.ID == k.poison {
			return errors.New("poisoned")
		}
		ids = append(ids, e.ID)
	}
	if k.fails != 0 {
		k.fails--
		if k.broken == nil {
			panic("a worse bug")
		}
		return k.broken
	}
	k.applied = append(k.applied, ids...)
	return nil
}

func (k *desk) receive(t *testing.T, id, room string) error {
	t.Helper()
	d := k.fake.Webhook(video.Event{ID: id, Type: "room_started", Room: video.EventRoom{Name: room, SID: "RM_1"}})
	return k.Receive(t.Context(), video.LiveKit, d.Header, d.Body)
}

func (k *desk) row(t *testing.T, id string) *ent.WebhookEvent {
	t.Helper()
	return k.db.WebhookEvent.Query().Where(webhookevent.EventID(id)).OnlyX(t.Context())
}

func TestReceive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for range 3 {
			require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
			require.NoError(t, k.receive(t, "EV_2", "somebody else's room"))
			require.NoError(t, k.receive(t, "EV_3", uuid.NewString()))
		}
		require.Equal(t, []string{"EV_1"}, k.applied, "once, and only what is ours")
		require.Equal(t, webhookevent.OutcomeApplied, k.row(t, "EV_1").Outcome)
		require.Equal(t, webhookevent.OutcomeIgnored, k.row(t, "EV_2").Outcome)
		require.Equal(t, webhookevent.OutcomeIgnored, k.row(t, "EV_3").Outcome)
	})
}

// TestFailedApplyIsKeptAndTriedAgain: the answer is yes all the same, nothing of
// the failed try stays, and a job brings it to its end.
func TestFailedApplyIsKeptAndTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.work(t)
		k.fails, k.broken = 2, errors.New("a bug")
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		failed := k.row(t, "EV_1")
		require.Equal(t, webhookevent.OutcomeFailed, failed.Outcome)
		require.Equal(t, "a bug", failed.Error)
		require.Nil(t, failed.AppliedTime)
		require.Equal(t, "Room", d.Room.GetX(t.Context(), k.room.ID).Name)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.NoError(t, k.jobs.Idle(ctx))
		done := k.row(t, "EV_1")
		require.Equal(t, webhookevent.OutcomeApplied, done.Outcome)
		require.Equal(t, 3, done.Attempts)
		require.Equal(t, []string{"EV_1"}, k.applied)
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		require.Len(t, k.applied, 1)
	})
}

func TestGivenUpAfterTheLastTry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.fails, k.broken = -1, errors.New("a bug for ever")
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		args := applyArgs{video.LiveKit, "EV_1"}
		require.Error(t, k.applyAgain(t.Context(), args, job.Attempt{Number: applyTries}))
		require.Equal(t, webhookevent.OutcomeDead, k.row(t, "EV_1").Outcome)
	})
}

// TestPanicIsAFailure: an event that makes a noun panic is kept as well.
func TestPanicIsAFailure(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.fails = 1
		require.NoError(t, k.receive(t, "EV_1", k.room.ID.String()))
		require.Equal(t, webhookevent.OutcomeFailed, k.row(t, "EV_1").Outcome)
		require.Contains(t, k.row(t, "EV_1").Error, "a worse bug")
	})
}

// TestBatches: events that arrive while others are stored share a transaction;
// one that cannot be applied and one whose room is locked hold up nobody.
func TestBatches(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.poison = "EV_13"
		locked, release, let := d.Room.Create().SetSlug("locked").SetName("Locked").SetAccessLevel(entroom.AccessLevelPublic).
			SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
			SetCreateTime(k.room.CreateTime).SetUpdateTime(k.room.CreateTime).SaveX(t.Context()), make(chan bool), make(chan error, 1)
		var batch []*arrival
		add := func(id string, room *ent.Room) *arrival {
			a := &arrival{told: t.Context(), Event: video.Event{
				ID: id, Provider: video.LiveKit, Type: "room_started", Kind: video.RoomStarted,
				Room: video.EventRoom{Name: room.ID.String(), SID: "RM_1"}, Body: []byte("{}"),
			}, stored: make(chan struct{})}
			batch = append(batch, a)
			return a
		}
		for n := range maxBatch - 4 {
			add(fmt.Sprint("EV_", n), k.room)
		}
		again, held := add("EV_3", k.room), add("EV_held", locked)
		if d.IsPostgres() { // SQLite has one writer, who holds all or nothing
			holding := make(chan bool)
			go func() {
				let <- d.InTx(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Room.Query().Where(entroom.ID(locked.ID), db.Lock).Only(t.Context())
					close(holding)
					<-release
					return err
				})
			}()
			<-holding
		}
		k.store(batch)
		for _, a := range batch[:len(batch)-1] {
			<-a.stored
			require.NoError(t, a.err)
			switch a {
			case batch[13]:
				require.Equal(t, failed, a.outcome)
			case again:
				require.Equal(t, double, a.outcome)
			default:
				require.Equal(t, applied, a.outcome, a.ID)
			}
		}
		close(release)
		<-held.stored
		require.NoError(t, held.err)
		require.Equal(t, applied, held.outcome)
		require.Equal(t, maxBatch-3, d.WebhookEvent.Query().CountX(t.Context()))
		require.Len(t, k.applied, maxBatch-4)
		if d.IsPostgres() {
			require.NoError(t, <-let)
		}
	})
}

// TestManyAtOnce has sixteen senders tell the same events at the same time.
func TestManyAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		var senders errgroup.Group
		for range 16 {
			senders.Go(func() error {
				for n := range 20 {
					e := k.fake.Webhook(video.Event{ID: fmt.Sprint("EV_", n), Type: "room_started", Room: video.EventRoom{Name: k.room.ID.String(), SID: "RM_1"}})
					if err := k.Receive(t.Context(), video.LiveKit, e.Header, e.Body); err != nil {
						return err
					}
				}
				return nil
			})
		}
		require.NoError(t, senders.Wait())
		require.Len(t, k.applied, 20)
		require.Equal(t, 20, d.WebhookEvent.Query().Where(webhookevent.OutcomeEQ(webhookevent.OutcomeApplied)).CountX(t.Context()))
	})
}

func TestShortenedIsText(t *testing.T) {
	require.Equal(t, "ab", shortened(errors.New("a\x00b")))
	long := shortened(errors.New(strings.Repeat("é", maxError)))
	require.LessOrEqual(t, len(long), maxError)
	require.True(t, utf8.ValidString(long))
	require.True(t, utf8.ValidString(shortened(errors.New("x"+strings.Repeat("é", maxError)))))
}

// TestDatabaseAway: nothing is acknowledged that is not stored.
func TestDatabaseAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		require.NoError(t, d.SQL.Close())
		require.ErrorIs(t, k.receive(t, "EV_1", k.room.ID.String()), ErrAway)
	})
}
