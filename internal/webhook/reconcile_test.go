package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// hall is an inbox that keeps the real account of one room at a fake provider,
// whose webhooks wait in its mail until they are delivered or lost.
type hall struct {
	*Inbox
	t    *testing.T
	now  *clockwork.FakeClock
	fake *videotest.Fake
	room *ent.Room
	mail []videotest.Delivery

	looks     atomic.Int32
	afterLook func(n int, look *video.Look)
	atAlive   func()
}

func newHall(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, now: clockwork.NewFakeClockAt(noon)}
	h.fake = videotest.NewFake(video.LiveKit, h.now)
	h.fake.Deliver(func(d videotest.Delivery) { h.mail = append(h.mail, d) })
	h.room = d.Room.Create().SetSlug("room").SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(noon).SetUpdateTime(noon).SaveX(t.Context())
	log := slog.New(slog.DiscardHandler)
	providers, queue := video.Providers{video.LiveKit: watched{h.fake, h}}, job.New(d, log)
	meetings := meeting.New(h.now, providers, queue, notice.New(d, h.now, log, queue, time.Minute))
	h.Inbox = New(d, h.now, log, providers, queue, meetings.Apply)
	h.secondLook = 0
	return h
}

// watched lets a test do something while a round is under way.
type watched struct {
	*videotest.Fake
	h *hall
}

func (w watched) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	look, err := w.Fake.Look(ctx, known, ours)
	n := w.h.looks.Add(1)
	if w.h.afterLook != nil {
		w.h.afterLook(int(n), &look)
	}
	return look, err
}

func (w watched) Alive(ctx context.Context, room, identity string) (bool, error) {
	if w.h.atAlive != nil {
		w.h.atAlive()
	}
	return w.Fake.Alive(ctx, room, identity)
}

// join comes in, and gives what makes them leave.
func (h *hall) join(identity string) (leave func()) {
	h.t.Helper()
	pass, err := h.fake.Pass(h.t.Context(), video.PassRequest{
		PassID: "pass-" + identity, RoomName: h.room.ID.String(), Identity: identity, Expires: h.now.Now().Add(time.Hour),
	})
	require.NoError(h.t, err)
	leave, err = h.fake.Join(pass)
	require.NoError(h.t, err)
	return leave
}

// deliver brings what waits.
func (h *hall) deliver() {
	h.t.Helper()
	for _, d := range h.mail {
		require.NoError(h.t, h.Receive(h.t.Context(), video.LiveKit, d.Header, d.Body))
	}
	h.mail = nil
}

func (h *hall) lose() { h.mail = nil }

// at lets time pass until so many seconds past noon.
func (h *hall) at(second int) {
	h.now.Advance(noon.Add(time.Duration(second) * time.Second).Sub(h.now.Now()))
}

// reconcile runs a round, and says what it mended.
func (h *hall) reconcile() Mends {
	h.t.Helper()
	h.looks.Store(0)
	mends, err := h.Reconcile(h.t.Context())
	require.NoError(h.t, err)
	return mends
}

// requireAway runs a round that fails.
func (h *hall) requireAway() {
	h.t.Helper()
	h.looks.Store(0)
	_, err := h.Reconcile(h.t.Context())
	require.ErrorIs(h.t, err, video.ErrUnavailable)
}

// rows are the meeting's and the people's, in words and seconds past noon.
func (h *hall) rows() (rows []string) {
	h.t.Helper()
	seconds := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return fmt.Sprint(t.Sub(noon).Seconds())
	}
	for _, m := range h.db.Meeting.Query().Order(ent.Asc("provider_sid")).AllX(h.t.Context()) {
		rows = append(rows, fmt.Sprintf("meeting %s-%s %s", seconds(m.StartTime), seconds(m.EndTime), orZero(m.EndRank)))
	}
	for _, p := range h.db.Participation.Query().Order(ent.Asc("provider_sid")).AllX(h.t.Context()) {
		rows = append(rows, fmt.Sprintf("%s %s-%s %s", p.Identity, seconds(p.JoinTime), seconds(p.LeaveTime), orZero(p.LeaveRank)))
	}
	return rows
}

func onHall(t *testing.T, test func(t *testing.T, h *hall)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newHall(t, d)) })
}

func TestNothingToMend(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		require.Empty(t, h.reconcile())
		h.join("ada")
		h.deliver()
		h.at(60)
		require.Empty(t, h.reconcile())
		require.Equal(t, int32(1), h.looks.Load(), "no second look without a doubt")
		require.Equal(t, 2, h.db.WebhookEvent.Query().CountX(t.Context()))
	})
}

// TestMeetingNeverHeardOf: it and who is in it are taken in as events.
func TestMeetingNeverHeardOf(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		h.join("ada")
		h.lose()
		h.at(60)
		require.Equal(t, Mends{MendedStart: 1, MendedJoin: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "ada 0- "}, h.rows())
		require.Empty(t, h.reconcile())
		for _, e := range h.db.WebhookEvent.Query().AllX(t.Context()) {
			require.Equal(t, webhookevent.OriginReconcile, e.Origin)
			require.Equal(t, webhookevent.OutcomeApplied, e.Outcome)
		}
	})
}

func TestUnheard(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.deliver()
		h.join("bob")
		h.lose()
		h.at(60)
		require.Equal(t, Mends{MendedJoin: 1}, h.reconcile())
		leave()
		h.lose()
		h.at(120)
		require.Equal(t, Mends{MendedLeave: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "ada 0-120 estimated", "bob 0- "}, h.rows())
		require.NoError(t, h.fake.EndMeeting(t.Context(), h.room.ID.String()))
		h.lose()
		h.at(180)
		require.Equal(t, Mends{MendedEnd: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0-180 estimated", "ada 0-120 estimated", "bob 0-180 estimated"}, h.rows())
		require.Empty(t, h.reconcile())
	})
}

// TestStatedBeatsEstimated: what a late webhook says replaces what was inferred.
func TestStatedBeatsEstimated(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.deliver()
		h.at(30)
		leave()
		h.at(60)
		require.Equal(t, Mends{MendedEnd: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0-60 estimated", "ada 0-60 estimated"}, h.rows())
		h.deliver()
		require.Equal(t, []string{"meeting 0-30 stated", "ada 0-30 stated"}, h.rows())
	})
}

// TestGhosts: the dead of a crash leave the account though they are listed, at
// the first round and though somebody has come back; and they do not return.
func TestGhosts(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		h.join("ada")
		h.at(1)
		h.join("bob")
		h.join("cyd")
		h.deliver()
		h.at(60)
		h.fake.Crash()
		h.join("cyd")
		h.join("dee")
		h.deliver()
		h.at(120)
		require.Equal(t, Mends{MendedLeave: 3}, h.reconcile())
		gone := []string{
			"meeting 0- ", "ada 0-120 estimated", "bob 1-120 estimated", "cyd 1-120 estimated", "cyd 60- ", "dee 60- ",
		}
		require.Equal(t, gone, h.rows())
		h.at(180)
		require.Empty(t, h.reconcile(), "they are listed to this day")
		require.Equal(t, gone, h.rows())
	})
}

// TestForgotten: who is no longer listed and answers has not left, and neither
// is the meeting over, however often it is asked.
func TestForgotten(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.join("bob")
		h.deliver()
		h.fake.Forget()
		for n := range 3 {
			h.at(60 * (n + 1))
			require.Empty(t, h.reconcile())
		}
		leave()
		h.deliver()
		require.Equal(t, []string{"meeting 0- ", "ada 0-180 stated", "bob 0- "}, h.rows())
	})
}

// TestOneEmptyList says nothing, whether of a room's people or of the room.
func TestOneEmptyList(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		h.join("ada")
		h.deliver()
		h.at(60)
		h.fake.Fail("Alive", 100, video.ErrUnavailable) // looks alone have to tell
		for _, empty := range []func(r *video.RoomLook){
			func(r *video.RoomLook) { r.Participants = nil },
			func(r *video.RoomLook) {
				*r = video.RoomLook{Room: video.EventRoom{Name: r.Room.Name}, AskTime: r.AskTime}
			},
		} {
			for emptyLook := 1; emptyLook <= 2; emptyLook++ {
				h.afterLook = func(n int, look *video.Look) {
					if n == emptyLook {
						empty(&look.Rooms[0])
					}
				}
				require.Empty(t, h.reconcile())
			}
		}
		require.Equal(t, []string{"meeting 0- ", "ada 0- "}, h.rows())
	})
}

// TestQuestionAndEventCross: what was heard since the question stands.
func TestQuestionAndEventCross(t *testing.T) {
	for name, when := range map[string]func(h *hall, do func()){
		"between the looks": func(h *hall, do func()) {
			h.afterLook = func(n int, _ *video.Look) {
				if n == 1 {
					do()
				}
			}
		},
		"after the looks": func(h *hall, do func()) {
			h.afterLook = func(n int, _ *video.Look) {
				if n == 2 {
					do()
				}
			}
		},
		"before the write": func(h *hall, do func()) {
			var asked sync.Once
			h.atAlive = func() {
				if h.looks.Load() == 2 {
					asked.Do(do)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("join", func(t *testing.T) {
				onHall(t, func(t *testing.T, h *hall) {
					h.join("ada")
					h.at(60)
					when(h, h.deliver)
					h.reconcile()
					require.Equal(t, []string{"meeting 0- ", "ada 0- "}, h.rows())
				})
			})
			t.Run("leave", func(t *testing.T) {
				onHall(t, func(t *testing.T, h *hall) {
					h.join("ada")
					leave := h.join("bob")
					h.deliver()
					h.at(30)
					leave()
					h.at(60)
					when(h, h.deliver)
					h.reconcile()
					require.Equal(t, []string{"meeting 0- ", "ada 0- ", "bob 0-30 stated"}, h.rows())
				})
			})
			t.Run("join and leave", func(t *testing.T) {
				onHall(t, func(t *testing.T, h *hall) {
					h.join("ada")
					h.deliver()
					leave := h.join("bob")
					h.at(60)
					when(h, func() {
						leave()
						h.deliver()
					})
					h.reconcile()
					require.Equal(t, []string{"meeting 0- ", "ada 0- ", "bob 0-60 stated"}, h.rows())
				})
			})
			t.Run("finish", func(t *testing.T) {
				onHall(t, func(t *testing.T, h *hall) {
					leave := h.join("ada")
					h.deliver()
					h.at(30)
					leave()
					h.at(60)
					when(h, h.deliver)
					h.reconcile()
					require.Equal(t, []string{"meeting 0-30 stated", "ada 0-30 stated"}, h.rows())
				})
			})
			t.Run("the next meeting", func(t *testing.T) {
				onHall(t, func(t *testing.T, h *hall) {
					leave := h.join("ada")
					h.deliver()
					h.at(30)
					leave()
					h.lose()
					h.at(60)
					when(h, func() {
						h.join("ada")
						h.deliver()
					})
					h.reconcile()
					h.at(120)
					h.afterLook, h.atAlive = nil, nil
					h.reconcile()
					rows := h.rows()
					require.Equal(t, []string{"meeting 60- ", "ada 60- "}, []string{rows[1], rows[3]})
					require.Contains(t, rows[0], "estimated")
					require.Contains(t, rows[2], "estimated")
				})
			})
		})
	}
}

// TestBackUnderANewSID: the old connection is over though the identity answers.
func TestBackUnderANewSID(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		h.join("bob")
		leave := h.join("ada")
		h.deliver()
		h.at(30)
		leave()
		h.lose()
		h.join("ada")
		h.deliver()
		h.at(60)
		require.Equal(t, Mends{MendedLeave: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "bob 0- ", "ada 0-60 estimated", "ada 30- "}, h.rows())
	})
}

// TestEstimatesAreTakenBack when somebody is seen again: here a provider that lost
// its memory could not reach anybody for a while.
func TestEstimatesAreTakenBack(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		h.join("ada")
		h.join("bob")
		h.deliver()
		truth, err := h.fake.Look(t.Context(), nil, nil)
		require.NoError(t, err)
		h.fake.Hold(video.Look{})
		h.at(60)
		require.Equal(t, Mends{MendedEnd: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0-60 estimated", "ada 0-60 estimated", "bob 0-60 estimated"}, h.rows())
		h.fake.Hold(truth)
		h.at(120)
		require.Equal(t, Mends{MendedStart: 1, MendedJoin: 2}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "ada 0- ", "bob 0- "}, h.rows())

		truth.Rooms[0].Participants = truth.Rooms[0].Participants[1:]
		h.fake.Hold(truth)
		h.at(180)
		require.Equal(t, Mends{MendedLeave: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "ada 0-180 estimated", "bob 0- "}, h.rows())
	})
}

// TestProviderAway: nothing is concluded from a question without an answer, at
// whatever point of a round the answers end, and nothing of the other rooms' is
// lost where it is one room's.
func TestProviderAway(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.join("bob")
		h.deliver()
		leave()
		h.lose()
		h.at(60)
		there := h.rows()

		h.fake.Fail("Look", 1, video.ErrUnavailable)
		h.requireAway()
		h.afterLook = func(n int, _ *video.Look) {
			if n == 1 {
				h.fake.Fail("Look", 1, video.ErrUnavailable)
			}
		}
		h.requireAway()
		h.afterLook = nil

		h.fake.Fail("LookInto", 1, video.ErrChanging)
		require.Empty(t, h.reconcile())
		h.atAlive = func() { h.fake.Fail("Alive", 1, video.ErrUnavailable) }
		require.Empty(t, h.reconcile())
		h.atAlive = nil
		require.Equal(t, there, h.rows())
	})
}

// TestTwoRoundsAtOnce, as of a command beside the job: both find the same, and the
// account says it once.
func TestTwoRoundsAtOnce(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.deliver()
		h.join("bob")
		leave()
		h.lose()
		h.at(60)
		var looked [2]sync.WaitGroup // both rounds have, once and twice
		for n := range looked {
			looked[n].Add(2)
		}
		h.afterLook = func(n int, _ *video.Look) {
			both := &looked[(n-1)/2]
			both.Done()
			both.Wait()
		}
		var rounds errgroup.Group
		for range 2 {
			rounds.Go(func() error {
				_, err := h.Reconcile(t.Context())
				return err
			})
		}
		require.NoError(t, rounds.Wait())
		require.Equal(t, []string{"meeting 0- ", "ada 0-60 estimated", "bob 0- "}, h.rows())
		h.afterLook = nil
		require.Empty(t, h.reconcile())
	})
}

// TestKnownByATrackAlone: who was told of by a track and nothing else is asked
// after like others.
func TestKnownByATrackAlone(t *testing.T) {
	onHall(t, func(t *testing.T, h *hall) {
		leave := h.join("ada")
		h.join("bob")
		h.lose()
		truth, err := h.fake.Look(t.Context(), nil, nil)
		require.NoError(t, err)
		for n, p := range truth.Rooms[0].Participants {
			h.mail = append(h.mail, h.fake.Webhook(video.Event{
				ID: fmt.Sprint("EV_track_", n), Type: "track_published", Time: h.now.Now(),
				Room:        video.EventRoom{Name: h.room.ID.String(), SID: truth.Rooms[0].Room.SID},
				Participant: &video.Participant{SID: p.SID, Identity: p.Identity},
			}))
		}
		h.deliver()
		require.Equal(t, []string{"meeting - ", "ada - ", "bob - "}, h.rows())
		leave()
		h.lose()
		h.at(60)
		require.Equal(t, Mends{MendedStart: 1, MendedJoin: 1, MendedLeave: 1}, h.reconcile())
		require.Equal(t, []string{"meeting 0- ", "ada -60 estimated", "bob 0- "}, h.rows())
	})
}
