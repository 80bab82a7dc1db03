package sip

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is the noun with a provider that can be made to fail. Its jobs do not
// run: the tests settle themselves.
type house struct {
	*SIP
	t     *testing.T
	fake  *videotest.Fake
	clock *clockwork.FakeClock
	log   *strings.Builder
	sids  int
}

func onEach(t *testing.T, test func(t *testing.T, h *house)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := &house{t: t, fake: videotest.NewFake(video.LiveKit, nil), clock: clockwork.NewFakeClockAt(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), log: &strings.Builder{}}
		log := slog.New(slog.NewTextHandler(h.log, nil))
		s, err := New(d, h.clock, log, video.Providers{video.LiveKit: h.fake}, job.New(d, log), Config{On: true, PinLength: 10})
		require.NoError(t, err)
		h.SIP = s
		test(t, h)
	})
}

func (h *house) inTx(f func(tx *db.Tx) error) {
	h.t.Helper()
	require.NoError(h.t, h.db.InTx(h.t.Context(), f))
}

func (h *house) insert(tx *db.Tx) (*ent.Room, error) {
	now := h.now()
	return tx.Room.Create().SetSlug("room-" + uuid.NewString()).SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{DialIn: true}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(now).SetUpdateTime(now).Save(h.t.Context())
}

func (h *house) room() *ent.Room {
	h.t.Helper()
	var room *ent.Room
	h.inTx(func(tx *db.Tx) (err error) {
		if room, err = h.insert(tx); err != nil {
			return err
		}
		return h.RoomChanged(h.t.Context(), tx, nil, room)
	})
	return room
}

// occupy puts somebody into a room.
func (h *house) occupy(room *ent.Room) *ent.Participation {
	h.t.Helper()
	h.sids++
	m := h.db.Meeting.Create().SetRoomID(room.ID).SetProvider("livekit").SetProviderSid(fmt.Sprintf("RM_%d", h.sids)).
		SetCreateTime(h.now()).SaveX(h.t.Context())
	return h.db.Participation.Create().SetMeetingID(m.ID).SetRoomID(room.ID).SetProvider("livekit").
		SetProviderSid(fmt.Sprintf("PA_%d", h.sids)).SetIdentity("bot").SetKind(participation.KindWeb).
		SetJoinTime(h.now()).SetCreateTime(h.now()).SaveX(h.t.Context())
}

func (h *house) vacate(p *ent.Participation) {
	h.t.Helper()
	h.db.Participation.UpdateOne(p).SetLeaveTime(h.now()).ExecX(h.t.Context())
}

func (h *house) must(room *ent.Room) {
	h.t.Helper()
	require.NoError(h.t, h.settle(h.t.Context(), room.ID, false))
}

// work has the jobs that there are run to their end.
func (h *house) work() {
	h.t.Helper()
	require.NoError(h.t, h.jobs.Start(h.t.Context()))
	require.NoError(h.t, h.jobs.Idle(h.t.Context()))
	require.NoError(h.t, h.jobs.Stop(h.t.Context()))
}

func (h *house) rule(room *ent.Room) *ent.DispatchRule {
	h.t.Helper()
	return h.db.DispatchRule.Query().Where(dispatchrule.RoomID(room.ID)).OnlyX(h.t.Context())
}

func TestSettle(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		somebody := h.occupy(room)
		for range 3 {
			h.must(room)
		}
		require.Len(t, h.fake.Rules(), 1)
		pin, err := h.pinOf(t.Context(), room.ID)
		require.NoError(t, err)
		require.Equal(t, pin, h.fake.Rules()[0].PIN)
		require.Nil(t, h.rule(room).Claim, "the claim is given up")
		h.vacate(somebody)
		for range 3 {
			h.must(room)
		}
		require.Empty(t, h.fake.Rules())
		require.Equal(t, [3]int{1, 1, 0}, h.calls())
	})
}

func (h *house) calls() [3]int {
	return [3]int{h.fake.Calls("CreateRule"), h.fake.Calls("DeleteRule"), h.fake.Calls("ListRules")}
}

// TestUnknownOutcome: the rule is made and the answer lost. The next try looks
// and adopts it.
func TestUnknownOutcome(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		h.fake.FailAfter("CreateRule", 1)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), video.ErrUnavailable)
		require.Equal(t, dispatchrule.StatusCreating, h.rule(room).Status)
		require.Equal(t, "provider_unavailable", *h.rule(room).FailureReason)
		h.must(room)
		require.Len(t, h.fake.Rules(), 1)
		require.Equal(t, h.fake.Rules()[0].ID, *h.rule(room).LivekitRuleID)
		require.Nil(t, h.rule(room).FailureReason)
		require.Equal(t, [3]int{1, 0, 1}, h.calls())
	})
}

// TestCrashWhileCreating: the process dies after the note and before the
// answer. Another takes over when the claim has expired, not before.
func TestCrashWhileCreating(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		p, err := h.advance(t.Context(), room.ID, uuid.New(), false)
		require.NoError(t, err)
		require.Equal(t, create, p.step)
		_, err = h.fake.CreateRule(t.Context(), video.Rule{RoomName: room.ID.String(), RoomID: room.ID.String(), PIN: p.digits})
		require.NoError(t, err)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, true), ErrBusy)
		h.clock.Advance(claimLease + time.Second)
		h.must(room)
		require.Len(t, h.fake.Rules(), 1)
		require.Equal(t, dispatchrule.StatusPresent, h.rule(room).Status)
	})
}

// TestWishChangesMeanwhile: the last person leaves while the rule is made; the
// settler reads the wish anew and takes the rule away again.
func TestWishChangesMeanwhile(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		somebody := h.occupy(room)
		claim := uuid.New()
		p, err := h.advance(t.Context(), room.ID, claim, false)
		require.NoError(t, err)
		made, err := h.carryOut(t.Context(), room.ID, p)
		require.NoError(t, err)
		h.vacate(somebody)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), ErrBusy, "one settler at a time")
		require.NoError(t, h.note(t.Context(), room.ID, claim, made))
		p, err = h.advance(t.Context(), room.ID, claim, false)
		require.NoError(t, err)
		require.Equal(t, remove, p.step)
		require.NoError(t, h.do(t.Context(), room.ID, claim, p))
		h.must(room)
		require.Empty(t, h.fake.Rules())
	})
}

// TestPrepared: what a webhook's transaction claims, its job carries out, once;
// unless nobody wants it any more, or another has taken over.
func TestPrepared(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		var mine settleArgs
		ask := func() {
			h.inTx(func(tx *db.Tx) error { return h.agree(t.Context(), tx, room.ID) })
			mine = settleArgs{RoomID: room.ID, Claim: *h.rule(room).Claim, Step: create}
		}
		run := func() error { return h.settleJob(t.Context(), mine, job.Attempt{Number: 1}) }
		somebody := h.occupy(room)
		ask()
		require.Equal(t, dispatchrule.StatusCreating, h.rule(room).Status, "noted before it is tried")
		require.NoError(t, h.settle(t.Context(), room.ID, false), "it is on its way")
		h.vacate(somebody)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), ErrBusy, "the wrong way")
		require.NoError(t, run())
		require.Equal(t, [3]int{}, h.calls(), "nobody wants it any more, and nothing was tried")
		require.Equal(t, dispatchrule.StatusAbsent, h.rule(room).Status)

		h.occupy(room)
		ask()
		require.NoError(t, run())
		require.NoError(t, run(), "a job may run twice")
		require.Equal(t, [3]int{1, 0, 0}, h.calls())
		require.Len(t, h.fake.Rules(), 1)
		require.Nil(t, h.rule(room).Claim)

		other := h.room()
		h.occupy(other)
		room = other
		ask()
		h.clock.Advance(claimLease + time.Second)
		h.must(other)
		require.NoError(t, run(), "another has taken over: the claim has expired")
		require.Len(t, h.fake.Rules(), 2)
		require.Equal(t, [3]int{2, 0, 1}, h.calls(), "who takes over looks first")
	})
}

// TestCrashOfAPreparedSettle: the process dies after the call to LiveKit and before
// the note, or later in the same job, and everybody leaves before the job runs again.
func TestCrashOfAPreparedSettle(t *testing.T) {
	for name, dieNoting := range map[string]func(h *house, room *ent.Room, mine settleArgs){
		"the call": func(*house, *ent.Room, settleArgs) {},
		"and claiming the next": func(h *house, room *ent.Room, mine settleArgs) {
			rule := h.fake.Rules()[0]
			require.NoError(h.t, h.note(h.t.Context(), room.ID, mine.Claim, result{dispatchrule.StatusPresent, rule.ID, rule.PIN}))
			_, err := h.advance(h.t.Context(), room.ID, mine.Claim, false)
			require.NoError(h.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEach(t, func(t *testing.T, h *house) {
				room := h.room()
				somebody := h.occupy(room)
				h.inTx(func(tx *db.Tx) error { return h.agree(t.Context(), tx, room.ID) })
				mine := settleArgs{RoomID: room.ID, Claim: *h.rule(room).Claim, Step: create}
				p, err := h.prepared(t.Context(), mine, job.Attempt{Number: 1})
				require.NoError(t, err)
				_, err = h.carryOut(t.Context(), room.ID, p)
				require.NoError(t, err)
				h.vacate(somebody)
				dieNoting(h, room, mine)
				require.Len(t, h.fake.Rules(), 1)
				require.NoError(t, h.settleJob(t.Context(), mine, job.Attempt{Number: 2}))
				require.Empty(t, h.fake.Rules())
				require.Equal(t, dispatchrule.StatusAbsent, h.rule(room).Status)
			})
		})
	}
}

// TestPreparedTooLate: a job that comes when its claim will soon expire does not
// take that for somebody else's, who is about to do it.
func TestPreparedTooLate(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		ask := func() settleArgs {
			h.inTx(func(tx *db.Tx) error { return h.agree(t.Context(), tx, room.ID) })
			h.clock.Advance(claimLease/2 + time.Second)
			return h.asked()
		}
		somebody := h.occupy(room)
		require.NoError(t, h.settleJob(t.Context(), ask(), job.Attempt{Number: 1}))
		require.Len(t, h.fake.Rules(), 1)
		h.vacate(somebody)
		require.NoError(t, h.settleJob(t.Context(), ask(), job.Attempt{Number: 1}))
		require.Empty(t, h.fake.Rules())
		require.Equal(t, dispatchrule.StatusAbsent, h.rule(room).Status)
	})
}

// TestCrashOfABusySettle: the room was claimed by another when the job was asked
// for, so the job claimed it as it ran, and its process died. It knows its own claim
// when it runs again.
func TestCrashOfABusySettle(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		ask := func() settleArgs {
			h.inTx(func(tx *db.Tx) error { return h.agree(t.Context(), tx, room.ID) })
			return h.asked()
		}
		somebody := h.occupy(room)
		first := ask()
		h.vacate(somebody)
		second := ask()
		require.NotEqual(t, first.Claim, second.Claim)
		require.ErrorIs(t, h.settleJob(t.Context(), second, job.Attempt{Number: 1}), job.Snooze(busyPause))
		made, err := h.create(t.Context(), h.fake, room.ID, wish{true, *h.rule(room).Digits})
		require.NoError(t, err)
		require.NoError(t, h.note(t.Context(), room.ID, first.Claim, made))

		h.providers[video.LiveKit] = deadly{h.fake}
		require.Panics(t, func() { _ = h.settleJob(t.Context(), second, job.Attempt{Number: 1}) })
		h.providers[video.LiveKit] = h.fake
		require.Len(t, h.fake.Rules(), 1)
		require.NoError(t, h.settleJob(t.Context(), second, job.Attempt{Number: 2}))
		require.Empty(t, h.fake.Rules())
		require.Equal(t, dispatchrule.StatusAbsent, h.rule(room).Status)
	})
}

// deadly is a provider at which the process dies.
type deadly struct{ *videotest.Fake }

func (deadly) DeleteRule(context.Context, string) error { panic("the process dies") }

// asked is the job that was asked for last.
func (h *house) asked() (args settleArgs) {
	h.t.Helper()
	var text []byte
	require.NoError(h.t, h.db.SQL.QueryRowContext(h.t.Context(), "SELECT args FROM river_job ORDER BY id DESC LIMIT 1").Scan(&text))
	require.NoError(h.t, json.Unmarshal(text, &args))
	return args
}

// TestAlreadyExists: LiveKit has a rule with this PIN. If it is this room's it
// is adopted, and a double of it removed; if not, it is left alone and told.
func TestAlreadyExists(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		pin, err := h.pinOf(t.Context(), room.ID)
		require.NoError(t, err)
		ours := video.Rule{RoomName: room.ID.String(), RoomID: room.ID.String(), PIN: pin}
		first := h.fake.AddRule(ours)
		h.fake.AddRule(ours)
		h.must(room)
		require.Len(t, h.fake.Rules(), 1)
		require.Equal(t, *h.rule(room).LivekitRuleID, h.fake.Rules()[0].ID)
		require.NotEmpty(t, first)

		other := h.room()
		h.occupy(other)
		pin, err = h.pinOf(t.Context(), other.ID)
		require.NoError(t, err)
		theirs := h.fake.AddRule(video.Rule{RoomName: "theirs", PIN: pin})
		require.ErrorIs(t, h.settle(t.Context(), other.ID, false), video.ErrRuleExists)
		require.Equal(t, "rule_exists", *h.rule(other).FailureReason)
		require.Len(t, h.fake.Rules(), 2)
		require.NoError(t, h.fake.DeleteRule(t.Context(), theirs))
		h.must(other)
		require.Len(t, h.fake.Rules(), 2)
	})
}

// TestFailures: whatever fails is tried again from what is known.
func TestFailures(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		somebody := h.occupy(room)
		h.fake.Fail("CreateRule", 1, video.ErrRefused)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), video.ErrRefused)
		require.Equal(t, dispatchrule.StatusAbsent, h.rule(room).Status, "refused is not made")
		h.must(room)
		h.vacate(somebody)
		h.fake.Fail("DeleteRule", 1, video.ErrUnavailable)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), video.ErrUnavailable)
		require.Equal(t, dispatchrule.StatusPresent, h.rule(room).Status)
		h.must(room)
		require.Empty(t, h.fake.Rules())
		require.Zero(t, h.fake.Calls("ListRules"), "a deletion by id is repeated without a look")
	})
}

// TestLostAnswerToADeletion: the rule is gone and nobody said so; somebody comes
// in before the next try, and must find a rule.
func TestLostAnswerToADeletion(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		somebody := h.occupy(room)
		h.must(room)
		h.vacate(somebody)
		h.fake.FailAfter("DeleteRule", 1)
		require.ErrorIs(t, h.settle(t.Context(), room.ID, false), video.ErrUnavailable)
		h.occupy(room)
		h.must(room)
		require.Len(t, h.fake.Rules(), 1)
		require.Equal(t, dispatchrule.StatusPresent, h.rule(room).Status)
	})
}

// TestLateSettler: one who outlived its claim does not write over its successor.
func TestLateSettler(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		late := uuid.New()
		p, err := h.advance(t.Context(), room.ID, late, false)
		require.NoError(t, err)
		made, err := h.carryOut(t.Context(), room.ID, p)
		require.NoError(t, err)
		h.clock.Advance(claimLease + time.Second)
		h.must(room)
		require.ErrorIs(t, h.note(t.Context(), room.ID, late, made), ErrBusy)
		require.Len(t, h.fake.Rules(), 1)
	})
}

// TestSettleLooks: an operator's settle finds what nobody told us.
func TestSettleLooks(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		h.must(room)
		require.NoError(t, h.fake.DeleteRule(t.Context(), h.fake.Rules()[0].ID))
		h.must(room)
		require.Empty(t, h.fake.Rules(), "nothing looks wrong from here")
		mended, err := h.Settle(t.Context(), room)
		require.NoError(t, err)
		require.True(t, mended.Wanted)
		require.Equal(t, dispatchrule.StatusPresent, mended.Status)
		require.Len(t, h.fake.Rules(), 1)
	})
}

// TestSwitchedOff: rules that are there when telephony is switched off go.
func TestSwitchedOff(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		h.must(room)
		require.Len(t, h.fake.Rules(), 1)
		h.config.On = false
		require.NoError(t, h.Resume(t.Context()))
		h.work()
		require.Empty(t, h.fake.Rules())
	})
}

func TestRotatedPinReplacesTheRule(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.occupy(room)
		h.must(room)
		before := h.fake.Rules()[0]
		d, err := h.RotatePin(t.Context(), room)
		require.NoError(t, err)
		require.NotEqual(t, before.PIN, d.Pin)
		h.work()
		require.Len(t, h.fake.Rules(), 1)
		require.Equal(t, d.Pin, h.fake.Rules()[0].PIN)
	})
}

// TestPinsAreMadeOrNothingIs: collisions are counted and logged, and a room
// without a PIN is never made.
func TestPinsAreMadeOrNothingIs(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.digits = func(int) string { return "4242424242" }
		h.room()
		before := testutil.ToFloat64(collisions)
		err := h.db.InTx(t.Context(), func(tx *db.Tx) error {
			room, err := h.insert(tx)
			if err != nil {
				return err
			}
			return h.RoomChanged(t.Context(), tx, nil, room)
		})
		require.ErrorIs(t, err, ErrPinsExhausted)
		require.InDelta(t, pinTries, testutil.ToFloat64(collisions)-before, 0)
		require.Equal(t, pinTries, strings.Count(h.log.String(), "PIN collision"))
		require.NotContains(t, h.log.String(), "4242424242")
		require.Equal(t, 1, h.db.Room.Query().CountX(t.Context()), "no room without a PIN")

		draws := []string{"4242424242", "4242424242", "5353535353"}
		h.digits = func(int) string { d := draws[0]; draws = draws[1:]; return d }
		room := h.room()
		pin, err := h.pinOf(t.Context(), room.ID)
		require.NoError(t, err)
		require.Equal(t, "5353535353", pin)
	})
}

// TestPinsRace: rooms made at once with few PINs left all get different ones.
func TestPinsRace(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		var mu sync.Mutex
		n := 0
		h.digits = func(int) string {
			mu.Lock()
			defer mu.Unlock()
			n++
			return fmt.Sprintf("%010d", n/2) // each one is drawn twice
		}
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				err := h.db.InTx(context.Background(), func(tx *db.Tx) error {
					room, err := h.insert(tx)
					if err != nil {
						return err
					}
					return h.RoomChanged(context.Background(), tx, nil, room)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, 16, h.db.Pin.Query().CountX(t.Context()))
	})
}

func TestPinIsGoneWithTheRoom(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		h.inTx(func(tx *db.Tx) error {
			after, err := tx.Room.UpdateOne(room).SetDeleteTime(h.now()).Save(t.Context())
			if err != nil {
				return err
			}
			return h.RoomChanged(t.Context(), tx, room, after)
		})
		require.Zero(t, h.db.Pin.Query().CountX(t.Context()))
		_, err := h.pinOf(t.Context(), room.ID)
		require.ErrorIs(t, err, errGone)
		require.False(t, errors.Is(err, ErrOff))
	})
}
