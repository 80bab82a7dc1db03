package recording

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/recording/recordingtest"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestTheAccountOfRecordingsIsTrue plays recordings whose recorders go as they
// like and whose events get lost, double and late: after one settling the rows are as
// the provider says, and nothing is stuck that it does not know.
func TestTheAccountOfRecordingsIsTrue(t *testing.T) { theAccountIsTrue(t, 25) }

func theAccountIsTrue(t *testing.T, cases int) {
	t.Helper()
	checks(t, cases)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if !d.IsPostgres() {
			_, err := d.SQL.Exec("PRAGMA synchronous = OFF") // no power fails here
			require.NoError(t, err)
		}
		store, err := storage.Open(t.Context(), storage.Config{
			URL: "file://" + t.TempDir(), PublicURL: "http://127.0.0.1:1", Secret: []byte("thirty-two bytes, none of them r."), Clock: clockwork.NewRealClock(),
		})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		begin, played := time.Now(), 0
		rapid.Check(t, func(r *rapid.T) {
			s := newStage(r, d, store)
			defer s.clear()
			room := s.room()
			recordingtest.Play(r, s, recordingtest.Set{Fake: s.fake, Clock: s.clock, Store: store}, []string{room},
				[]recordingtest.Reel{recordingtest.Reels().Draw(r, "reel")})
			require.Empty(r, s.left(), "nothing is tried for ever")
			played++
		})
		t.Logf("%d cases, %v", played, time.Since(begin).Round(time.Second))
	})
}

// checks sets to how many cases a property is put, unless the command line does.
func checks(t *testing.T, n int) {
	t.Helper()
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "rapid.checks" {
			n, _ = strconv.Atoi(f.Value.String())
		}
	})
	before := flag.Lookup("rapid.checks").Value.String()
	require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(n)))
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// stage is the noun by itself. Its jobs are run by hand, each as soon as it is
// there, so that a case is the same each time.
type stage struct {
	*Recordings
	t     rapid.TB
	fake  *videotest.Fake
	clock *clockwork.FakeClock
	host  uuid.UUID
	rooms map[string]*ent.Room
}

func newStage(t rapid.TB, d *db.DB, store storage.Store) *stage {
	s := &stage{t: t, clock: clockwork.NewFakeClockAt(time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)), rooms: map[string]*ent.Room{}}
	s.fake = videotest.NewFake(video.LiveKit, s.clock)
	log := slog.New(slog.DiscardHandler)
	jobs := job.New(d, log)
	keys, err := storage.ParseTemplate(storage.DefaultTemplate, "")
	require.NoError(t, err)
	s.Recordings = New(d, s.clock, log, video.Providers{video.LiveKit: s.fake}, jobs, notice.New(d, s.clock, log, jobs, time.Minute), store, nil, Config{Keys: keys})
	return s
}

// clear leaves nothing to the next case.
func (s *stage) clear() {
	for _, table := range []string{"recordings", "participations", "meetings", "notices", "rooms", "users", "river_job"} {
		_, err := s.db.SQL.Exec("DELETE FROM " + table)
		require.NoError(s.t, err)
	}
}

// room makes one with somebody in it.
func (s *stage) room() string {
	ctx, now := context.Background(), s.now()
	room := s.db.Room.Create().SetSlug("room-" + uuid.NewString()).SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(now).SetUpdateTime(now).SaveX(ctx)
	s.host = s.db.User.Create().SetIssuer("test").SetSubject(uuid.NewString()).SetFirstSeenTime(now).SetUpdateTime(now).SaveX(ctx).ID
	name := room.ID.String()
	s.rooms[name] = room
	m := s.db.Meeting.Create().SetRoomID(room.ID).SetProvider("livekit").SetProviderSid("RM_" + name).SetStartTime(now).SetCreateTime(now).SaveX(ctx)
	s.db.Participation.Create().SetMeetingID(m.ID).SetRoomID(room.ID).SetProvider("livekit").SetProviderSid("PA_" + name).
		SetIdentity("ada").SetKind(participation.KindWeb).SetJoinTime(now).SetCreateTime(now).ExecX(ctx)
	s.fake.Hold(video.Look{Rooms: []video.RoomLook{{Room: video.EventRoom{Name: name, SID: m.ProviderSid, StartTime: now}}}})
	return name
}

// Start implements recordingtest.Stage.
func (s *stage) Start(room string) error {
	ctx := auth.With(context.Background(), auth.Principal{UserID: s.host})
	_, err := s.Recordings.Start(ctx, s.rooms[room], NewRecording{Mode: entrecording.ModeAudio})
	if errors.Is(err, ErrRunning) {
		return recordingtest.ErrRunning
	}
	return err
}

// Stop implements recordingtest.Stage.
func (s *stage) Stop(id uuid.UUID) {
	rec := s.db.Recording.GetX(context.Background(), id)
	_, err := s.Recordings.Stop(context.Background(), s.rooms[rec.RoomID.String()], id)
	require.NoError(s.t, err)
}

// Hear implements recordingtest.Stage.
func (s *stage) Hear(d videotest.Delivery) {
	e, err := s.fake.ParseWebhook(d.Header, d.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, s.inRoom(context.Background(), uuid.MustParse(e.Room.Name), func(tx *db.Tx, room *ent.Room) error {
		return s.Apply(context.Background(), tx, map[string]*ent.Room{e.Room.Name: room}, []video.Event{e})
	}))
}

// Settle implements recordingtest.Stage.
func (s *stage) Settle() { require.NoError(s.t, s.Recordings.Settle(context.Background())) }

// Rows implements recordingtest.Stage.
func (s *stage) Rows(room string) []*ent.Recording {
	return s.db.Recording.Query().Where(entrecording.RoomID(uuid.MustParse(room))).WithCaptures().WithFiles().AllX(context.Background())
}

// Work implements recordingtest.Stage. What fails or is not due comes next time.
func (s *stage) Work() {
	for again := true; again; {
		again = false
		for id, work := range s.left() {
			if work() == nil {
				again = true
				_, err := s.db.SQL.Exec(fmt.Sprintf("DELETE FROM river_job WHERE id = %d", id))
				require.NoError(s.t, err)
			}
		}
	}
}

// Rest implements recordingtest.Stage.
func (s *stage) Rest() { s.Work() }

// left are the jobs that are there.
func (s *stage) left() map[int64]func() error {
	rows, err := s.db.SQL.Query("SELECT id, kind, args FROM river_job")
	require.NoError(s.t, err)
	defer func() { _ = rows.Close() }()
	all := map[int64]func() error{}
	for rows.Next() {
		var id int64
		var kind string
		var args []byte
		require.NoError(s.t, rows.Scan(&id, &kind, &args))
		all[id] = s.job(kind, args)
	}
	require.NoError(s.t, rows.Err())
	return all
}

func (s *stage) job(kind string, args []byte) func() error {
	switch kind {
	case askArgs{}.Kind():
		return run(args, s.askJob)
	case stopArgs{}.Kind():
		return run(args, s.stopJob)
	case announceArgs{}.Kind():
		return run(args, s.announceJob)
	case completeArgs{}.Kind():
		return run(args, s.completeJob)
	case complyArgs{}.Kind():
		return run(args, s.complyJob)
	}
	s.t.Fatalf("nobody does %s", kind)
	return nil
}

func run[T any](text []byte, work func(context.Context, T, job.Attempt) error) func() error {
	return func() error {
		var args T
		if err := json.Unmarshal(text, &args); err != nil {
			return err
		}
		return work(context.Background(), args, job.Attempt{Number: 1, Max: 2})
	}
}
