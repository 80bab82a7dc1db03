package sip

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func (h *house) review() Mends {
	h.t.Helper()
	h.clock.Advance(time.Second) // after what was done before
	found, err := h.Review(h.t.Context())
	require.NoError(h.t, err)
	return found
}

func (h *house) jobsLeft() (n int) {
	h.t.Helper()
	require.NoError(h.t, h.db.SQL.QueryRowContext(h.t.Context(), "SELECT count(*) FROM river_job WHERE state = 'available'").Scan(&n))
	return n
}

// TestReview: rules vanish and appear at LiveKit behind our back. One list finds
// it, and the rooms are settled; what is well, what is being settled already and
// what is somebody else's stays as it is.
func TestReview(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		rooms := map[string]*ent.Room{}
		for _, name := range []string{"well", "lost", "doubled", "empty", "changing", "never occupied"} {
			rooms[name] = h.room()
			if name == "never occupied" {
				continue
			}
			somebody := h.occupy(rooms[name])
			h.must(rooms[name])
			if name == "empty" {
				h.vacate(somebody)
				h.must(rooms[name])
			}
		}
		at := func(room *ent.Room) (there []video.Rule) {
			for _, r := range h.fake.Rules() {
				if r.RoomID == room.ID.String() {
					there = append(there, r)
				}
			}
			return there
		}
		require.Equal(t, Mends{}, h.review())
		require.Zero(t, h.jobsLeft())

		well, superfluous := at(rooms["well"]), mended.WithLabelValues("livekit", RuleSuperfluous)
		before := testutil.ToFloat64(superfluous)
		require.NoError(t, h.fake.DeleteRule(t.Context(), at(rooms["lost"])[0].ID))
		foreign := uuid.New()
		h.fake.AddRule(video.Rule{RoomName: "x", RoomID: foreign.String(), PIN: "11"})
		h.fake.AddRule(video.Rule{RoomName: "somebody else's", PIN: "22"})
		for n, name := range []string{"doubled", "empty", "never occupied"} {
			id := rooms[name].ID.String()
			h.fake.AddRule(video.Rule{RoomName: id, RoomID: id, PIN: "33" + string(rune('0'+n))})
		}
		require.NoError(t, h.fake.DeleteRule(t.Context(), at(rooms["changing"])[0].ID))
		h.inTx(func(tx *db.Tx) error { // with a settle that has just begun
			return tx.DispatchRule.Update().Where(dispatchrule.RoomID(rooms["changing"].ID)).
				SetClaim(uuid.New()).SetClaimExpireTime(h.now().Add(claimLease)).Exec(t.Context())
		})

		lists := h.fake.Calls("ListRules")
		require.Equal(t, Mends{RuleMissing: 1, RuleSuperfluous: 3}, h.review())
		require.Equal(t, 1, h.fake.Calls("ListRules")-lists)
		require.InDelta(t, before+3, testutil.ToFloat64(superfluous), 0)
		h.work()
		require.Equal(t, well, at(rooms["well"]))
		require.Len(t, at(rooms["lost"]), 1)
		require.Len(t, at(rooms["doubled"]), 1)
		require.Empty(t, at(rooms["empty"]))
		require.Empty(t, at(rooms["never occupied"]))
		require.Len(t, h.fake.Rules(), 5, "well, lost, doubled, and two that are not ours")
		require.Contains(t, h.log.String(), "rooms=1", "one room is not in this database")

		h.clock.Advance(claimLease)
		require.Equal(t, Mends{RuleMissing: 1}, h.review(), "who began it never ended it")
		h.work()
		require.Len(t, at(rooms["changing"]), 1)
		require.Equal(t, Mends{}, h.review())
	})
}

// TestReviewLeavesToOthers what a settle is on its way for, and what was noted
// while LiveKit was asked.
func TestReviewLeavesToOthers(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		somebody := h.occupy(room)
		h.must(room)
		h.vacate(somebody)
		id := h.fake.Rules()[0].ID
		require.NoError(t, h.fake.DeleteRule(t.Context(), id))
		require.Equal(t, Mends{}, h.review(), "that it is not wanted any more is known")
		h.occupy(room)
		h.db.DispatchRule.Update().SetUpdateTime(h.now().Add(time.Minute)).ExecX(t.Context())
		require.Equal(t, Mends{}, h.review(), "the list may be older than the note")
		h.clock.Advance(time.Hour)
		require.Equal(t, Mends{RuleMissing: 1}, h.review())
		h.config.On = false
		require.Equal(t, Mends{}, h.review())
	})
}

func TestReviewOfALiveKitThatIsAway(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		h.occupy(h.room())
		h.fake.Fail("ListRules", 1, video.ErrUnavailable)
		require.ErrorIs(t, h.reviewJob(t.Context(), reviewArgs{}, job.Attempt{}), video.ErrUnavailable)
		require.Zero(t, h.jobsLeft())
	})
}

// TestReconciledEventsSettleRooms as those do that a provider tells.
func TestReconciledEventsSettleRooms(t *testing.T) {
	onEach(t, func(t *testing.T, h *house) {
		room := h.room()
		tell := func(kind video.EventKind) {
			h.inTx(func(tx *db.Tx) error {
				return h.Apply(t.Context(), tx, map[string]*ent.Room{room.ID.String(): room},
					[]video.Event{{Kind: kind, Room: video.EventRoom{Name: room.ID.String()}}})
			})
			h.work()
		}
		for _, gone := range []video.EventKind{video.ParticipantMissed, video.RoomMissed} {
			somebody := h.occupy(room)
			tell(video.ParticipantSeen)
			require.Len(t, h.fake.Rules(), 1)
			h.vacate(somebody)
			tell(gone)
			require.Empty(t, h.fake.Rules())
		}
	})
}
