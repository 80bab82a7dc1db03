package notice

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// limit is how long a test waits for what takes milliseconds.
const limit = 20 * time.Second

// never is a heartbeat that plays no part, so that only what is heard counts.
const never = time.Hour

func start(t *testing.T, d *db.DB) *Notices {
	t.Helper()
	n := New(d, clockwork.NewRealClock(), slog.New(slog.DiscardHandler), job.New(d, slog.New(slog.DiscardHandler)), never)
	n.Start()
	t.Cleanup(n.Stop)
	return n
}

func newRoom(t *testing.T, d *db.DB) uuid.UUID {
	t.Helper()
	now := time.Now().UTC()
	return d.Room.Create().SetName("Room").SetSlug(uuid.NewString()).SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(now).SetUpdateTime(now).SaveX(t.Context()).ID
}

// publish is what a noun does: the room's lock, then the facts.
func publish(ctx context.Context, n *Notices, room uuid.UUID, names ...string) error {
	facts := make([]Fact, len(names))
	for i, name := range names {
		facts[i] = RoomUpdated{RoomID: room, Name: name}
	}
	return n.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Room.Query().Where(entroom.ID(room), db.Lock).Only(ctx); err != nil {
			return err
		}
		return n.Publish(ctx, tx, facts...)
	})
}

func (w *Watcher) next(t *testing.T) Notice {
	t.Helper()
	select {
	case n, open := <-w.C:
		require.True(t, open, "%v", w.Err())
		return n
	case <-time.After(limit):
		require.Fail(t, "nothing is told")
		return Notice{}
	}
}

// TestNoneIsMissed: two processes publish about three rooms while watchers come
// and go, and on Postgres the connections that listen are killed. Whoever
// watches gets all from where they began, in order and once.
func TestNoneIsMissed(t *testing.T) {
	const watchers, rounds = 12, 60
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		processes := []*Notices{start(t, d)}
		if d.IsPostgres() { // SQLite has one
			processes = append(processes, start(t, d))
		}
		rooms := []uuid.UUID{newRoom(t, d), newRoom(t, d), newRoom(t, d)}
		var publishers, readers sync.WaitGroup
		done := make(chan struct{})
		for i, room := range rooms {
			publishers.Go(func() {
				for n := range rounds {
					if err := publish(t.Context(), processes[n%len(processes)], room, fmt.Sprint(i), fmt.Sprint(i)); err != nil {
						t.Error(err)
					}
					if d.IsPostgres() && i == 0 && n%20 == 10 {
						killListeners(t, d)
					}
				}
			})
		}
		for i := range watchers {
			readers.Go(func() {
				<-time.After(rand.N(300 * time.Millisecond)) // anywhere in between
				w, err := processes[i%len(processes)].Watch(t.Context(), rooms)
				if err != nil {
					t.Error(err)
					return
				}
				defer w.Close()
				checkAll(t, d, w, done)
			})
		}
		publishers.Wait()
		close(done)
		readers.Wait()
	})
}

// checkAll reads what a watcher is told until it has the last of every room, and
// compares with the rows.
func checkAll(t *testing.T, d *db.DB, w *Watcher, done <-chan struct{}) {
	told := map[uuid.UUID][]int64{}
	complete := func() bool {
		for room, from := range w.From {
			rows := d.Notice.Query().Where(ofRoom(room, from)...).Order(ent.Asc("id")).IDsX(t.Context())
			if fmt.Sprint(rows) != fmt.Sprint(told[room]) {
				return false
			}
		}
		return true
	}
	end, ended := done, false
	for !ended || !complete() {
		select {
		case n, open := <-w.C:
			if !open {
				t.Errorf("cut off: %v", w.Err())
				return
			}
			told[n.RoomID] = append(told[n.RoomID], n.ID)
		case <-end:
			end, ended = nil, true
		case <-time.After(limit):
			t.Errorf("something was missed: %v", told)
			return
		}
	}
}

func killListeners(t *testing.T, d *db.DB) {
	if _, err := d.SQL.ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND query LIKE 'LISTEN %'`); err != nil {
		t.Error(err)
	}
}

// TestPublishedWhileJoining: a reader begins where the room was read, however
// much has happened until it begins.
func TestPublishedWhileJoining(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, rooms := start(t, d), []uuid.UUID{newRoom(t, d)}
		latest, err := n.latest(t.Context(), rooms)
		require.NoError(t, err)
		require.NoError(t, publish(t.Context(), n, rooms[0], "in between"))
		w, err := n.join(rooms, latest)
		require.NoError(t, err)
		defer w.Close()
		require.Equal(t, "in between", w.next(t).Fact.(RoomUpdated).Name)
		other, err := n.join([]uuid.UUID{newRoom(t, d)}, Cursors{})
		require.NoError(t, err)
		require.Nil(t, other, "where to begin is not known")
	})
}

// TestOneReader: a change is read once, however many watch.
func TestOneReader(t *testing.T) {
	const watchers, changes = 200, 25
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, room := start(t, d), newRoom(t, d)
		all := make([]*Watcher, watchers)
		for i := range all {
			var err error
			all[i], err = n.Watch(t.Context(), []uuid.UUID{room})
			require.NoError(t, err)
			t.Cleanup(all[i].Close)
		}
		before := value(reads)
		for i := range changes {
			require.NoError(t, publish(t.Context(), n, room, fmt.Sprint(i)))
			for _, w := range all {
				require.Equal(t, fmt.Sprint(i), w.next(t).Fact.(RoomUpdated).Name)
			}
		}
		// One more each where NOTIFY comes before the commit is known here, and the first.
		require.LessOrEqual(t, value(reads)-before, float64(2*changes+1))
	})
}

func value(c prometheus.Metric) float64 {
	var m dto.Metric
	if err := c.Write(&m); err != nil {
		panic(err)
	}
	return m.GetCounter().GetValue()
}

// TestSlowWatcher: who takes nothing is cut off, and holds up nobody.
func TestSlowWatcher(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, room := start(t, d), newRoom(t, d)
		slow, err := n.Watch(t.Context(), []uuid.UUID{room})
		require.NoError(t, err)
		quick, err := n.Watch(t.Context(), []uuid.UUID{room})
		require.NoError(t, err)
		for range behind + 1 {
			require.NoError(t, publish(t.Context(), n, room, "x"))
			quick.next(t)
		}
		for range behind {
			slow.next(t)
		}
		_, open := <-slow.C
		require.False(t, open)
		require.ErrorIs(t, slow.Err(), ErrBehind)
		slow.Close()
		require.NoError(t, publish(t.Context(), n, room, "y"))
		require.Equal(t, "y", quick.next(t).Fact.(RoomUpdated).Name)
		quick.Close()
		require.Empty(t, n.feeds, "nobody watches, nobody reads")
	})
}

func TestStop(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, room := start(t, d), newRoom(t, d)
		w, err := n.Watch(t.Context(), []uuid.UUID{room})
		require.NoError(t, err)
		n.Stop()
		_, open := <-w.C
		require.False(t, open)
		require.ErrorIs(t, w.Err(), ErrStopping)
		w.Close()
		_, err = n.Watch(t.Context(), []uuid.UUID{room})
		require.ErrorIs(t, err, ErrStopping)
	})
}

// TestClean: what is older than a day goes, but for the last of it, which says
// that nothing after it is missing.
func TestClean(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock := clockwork.NewFakeClock()
		n, room := start(t, d), newRoom(t, d)
		n.clock = clock
		require.NoError(t, n.clean(t.Context(), cleanArgs{}, job.Attempt{}), "there is nothing yet")
		require.NoError(t, publish(t.Context(), n, room, "first", "second", "third"))
		clock.Advance(keep - time.Hour)
		require.NoError(t, publish(t.Context(), n, room, "fourth"))
		ids := d.Notice.Query().Order(ent.Asc("id")).IDsX(t.Context())
		at := func(i int) string { return Cursors{room: ids[i]}.Revision() }
		since := func(i int) (bool, int) {
			_, missed, ok, err := n.Since(t.Context(), at(i), []uuid.UUID{room})
			require.NoError(t, err)
			return ok, len(missed)
		}
		require.NoError(t, n.clean(t.Context(), cleanArgs{}, job.Attempt{}))
		ok, missed := since(0)
		require.True(t, ok)
		require.Equal(t, 3, missed)
		clock.Advance(2 * time.Hour)
		require.NoError(t, n.clean(t.Context(), cleanArgs{}, job.Attempt{}))
		require.Equal(t, ids[2:], d.Notice.Query().Order(ent.Asc("id")).IDsX(t.Context()))
		ok, _ = since(1)
		require.False(t, ok, "more than is kept")
		ok, missed = since(2)
		require.True(t, ok)
		require.Equal(t, 1, missed)
	})
}

// TestNewerFacts: a fact of a later release is passed over, not in the way.
func TestNewerFacts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n, room := start(t, d), newRoom(t, d)
		w, err := n.Watch(t.Context(), []uuid.UUID{room})
		require.NoError(t, err)
		defer w.Close()
		d.Notice.Create().SetRoomID(room).SetType("room.painted").SetFact([]byte(`{"colour":"blue"}`)).SetCreateTime(time.Now().UTC()).ExecX(t.Context())
		require.NoError(t, publish(t.Context(), n, room, "known"))
		require.Equal(t, "known", w.next(t).Fact.(RoomUpdated).Name)
	})
}

// TestFacts: every kind is read back as it was written.
func TestFacts(t *testing.T) {
	now, id := time.Now().UTC().Truncate(time.Microsecond), uuid.New()
	who := Person{uuid.New(), "guest_x", "Zoë", "web", &now}
	facts := []Fact{
		MeetingStarted{id, uuid.New(), &now}, MeetingEnded{id, uuid.New(), &now, true},
		ParticipantJoined{id, uuid.New(), who}, ParticipantLeft{id, uuid.New(), who, &now, true, "ROOM_DELETED"},
		RoomUpdated{id, "slug", "Name"}, RoomDeleted{id, now},
		RecordingChanged{id, uuid.New(), "audio", "failed", "recorder_lost", &now, &now, true},
		RecordingAvailable{RoomID: id, RecordingID: uuid.New()},
		RecordingProcessed{RoomID: id, RecordingID: uuid.New(), Processor: "summary"},
	}
	require.Len(t, facts, len(readers))
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := start(t, d)
		w, err := n.Watch(t.Context(), []uuid.UUID{id})
		require.NoError(t, err)
		defer w.Close()
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error { return n.Publish(t.Context(), tx, facts...) }))
		for _, f := range facts {
			got := w.next(t)
			require.Equal(t, f, got.Fact)
			require.Equal(t, id, got.RoomID)
		}
	})
}

// TestReveal: what is not for everybody is shown to each as they may see it.
func TestReveal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := start(t, d)
		type reader struct{}
		Reveal(n, func(ctx context.Context, f RecordingProcessed) (RecordingProcessed, bool, error) {
			if ctx.Value(reader{}) == "broken" {
				return f, false, ErrBehind
			}
			f.Processing.URL = "https://example.org"
			return f, ctx.Value(reader{}) == "owner", nil
		})
		as := func(who string, f Fact) (Notice, bool, error) {
			return n.For(context.WithValue(t.Context(), reader{}, who), Notice{ID: 7, Fact: f})
		}
		secret, open := RecordingProcessed{Processor: "summary"}, RoomUpdated{Slug: "s"}
		got, seen, err := as("owner", secret)
		require.NoError(t, err)
		require.True(t, seen)
		require.Equal(t, int64(7), got.ID)
		require.Equal(t, "https://example.org", got.Fact.(RecordingProcessed).Processing.URL)
		got, seen, err = as("somebody", secret)
		require.NoError(t, err)
		require.False(t, seen)
		require.Empty(t, got)
		_, seen, err = as("broken", secret)
		require.ErrorIs(t, err, ErrBehind)
		require.False(t, seen)
		got, seen, err = as("somebody", open)
		require.NoError(t, err)
		require.True(t, seen)
		require.Equal(t, open, got.Fact)
	})
}

func TestRevision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Cursors{}
		for range rapid.IntRange(1, 100).Draw(t, "rooms") {
			c[uuid.New()] = rapid.Int64Min(0).Draw(t, "id")
		}
		var rooms []uuid.UUID
		for room := range c {
			rooms = append(rooms, room)
		}
		revision := c.Revision()
		require.LessOrEqual(t, len(revision), 2000)
		got, ok := parseRevision(revision, rooms)
		require.True(t, ok)
		require.Equal(t, c, got)
		_, ok = parseRevision(revision, append(rooms[1:], uuid.New()))
		require.False(t, ok, "of other rooms")
		_, ok = parseRevision(revision[:len(revision)-2], rooms)
		require.False(t, ok, "cut short")
		_, _ = parseRevision(rapid.String().Draw(t, "anything"), rooms)
	})
}

// TestNewsOfManyRooms: what is published at once about more rooms than a message
// between processes can name is heard all the same.
func TestNewsOfManyRooms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		here, there := start(t, d), start(t, d)
		var rooms []uuid.UUID
		var facts []Fact
		for range maxNamed + 5 {
			rooms = append(rooms, newRoom(t, d))
			facts = append(facts, RoomUpdated{RoomID: rooms[len(rooms)-1], Name: "many"})
		}
		if !d.IsPostgres() {
			there = here // SQLite has one process
		}
		w, err := there.Watch(t.Context(), rooms[:1])
		require.NoError(t, err)
		defer w.Close()
		require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error { return here.Publish(t.Context(), tx, facts...) }))
		require.Equal(t, RoomUpdated{RoomID: rooms[0], Name: "many"}, w.next(t).Fact)
	})
}
