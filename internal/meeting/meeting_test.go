package meeting

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func newRoom(t *testing.T, d *db.DB) *ent.Room {
	t.Helper()
	return d.Room.Create().SetSlug(uuid.NewString() + "-x").SetName("Room").SetAccessLevel(entroom.AccessLevelPublic).
		SetSettings(schema.RoomSettings{}).SetProvider(entroom.ProviderLivekit).SetCreatorID(uuid.New()).
		SetCreateTime(day).SetUpdateTime(day).SaveX(t.Context())
}

// history is one meeting of three: one leaves as stated, of one nobody says
// when, and a recorder is there too. A late end of the meeting before it comes
// along.
func history() []video.Event {
	told := func(kind video.EventKind, sid, who string, personKind video.PersonKind, s int) video.Event {
		e := video.Event{Provider: video.LiveKit, Kind: kind, Time: at(s), Room: video.EventRoom{SID: sid, StartTime: at(1)}}
		if who != "" {
			e.Participant = &video.Participant{SID: "PA_" + who, Identity: who, Kind: personKind}
			if personKind != video.Unknown {
				e.Participant.JoinTime = at(5)
			}
		}
		return e
	}
	return []video.Event{
		told(video.RoomStarted, "RM_2", "", "", 1),
		told(video.ParticipantJoined, "RM_2", "ada", video.Web, 5),
		told(video.TrackPublished, "RM_2", "ada", video.Unknown, 6),
		told(video.ParticipantJoined, "RM_2", "bob", video.Phone, 7),
		told(video.ParticipantJoined, "RM_2", "EG_1", video.RecorderKind, 8),
		told(video.ParticipantLeft, "RM_2", "ada", video.Web, 40),
		told(video.RoomFinished, "RM_2", "", "", 60),
		told(video.RoomFinished, "RM_1", "", "", 70),
	}
}

// TestApplyAnyOrder delivers the history in any order, parts of it twice, in
// batches of any length: the
// rows are those of the perfect delivery.
func TestApplyAnyOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock, log := clockwork.NewFakeClockAt(day), slog.New(slog.DiscardHandler)
		jobs := job.New(d, log)
		m := New(clock, nil, jobs, notice.New(d, clock, log, jobs, time.Minute))
		apply := func(events []video.Event, batch int) []string {
			room := newRoom(t, d)
			var all []video.Event
			suffix := room.ID.String()
			for _, e := range events {
				e.Room.SID += suffix
				if e.Participant != nil {
					p := *e.Participant
					p.SID += suffix
					e.Participant = &p
				}
				all = append(all, e)
			}
			for len(all) > 0 {
				n := min(batch, len(all))
				require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
					return m.Apply(t.Context(), tx, map[string]*ent.Room{"": room}, all[:n])
				}))
				all = all[n:]
			}
			return rows(t, d, room)
		}
		perfect := apply(history(), 1)
		require.Equal(t, []string{
			"EG_1 recorder 5-60 estimated", "ada web 5-40 stated", "bob phone 5-60 estimated",
		}, perfect[2:])
		rapid.Check(t, func(r *rapid.T) {
			events := append(history(), rapid.SliceOf(rapid.SampledFrom(history())).Draw(r, "doubles")...)
			require.Equal(r, perfect, apply(rapid.Permutation(events).Draw(r, "delivered"), rapid.IntRange(1, 12).Draw(r, "batch")))
		})
	})
}

// rows are a room's meetings and participations in words.
func rows(t *testing.T, d *db.DB, room *ent.Room) []string {
	t.Helper()
	seconds := func(start, end *time.Time) string {
		return fmt.Sprintf("%v-%v", start.Sub(day).Seconds(), end.Sub(day).Seconds())
	}
	var out []string
	for _, m := range room.QueryMeetings().Order(ent.Asc("provider_sid")).AllX(t.Context()) {
		out = append(out, m.ProviderSid[:4]+" "+seconds(m.StartTime, m.EndTime))
	}
	for _, p := range d.Participation.Query().Where(participation.RoomID(room.ID)).Order(ent.Asc("identity")).AllX(t.Context()) {
		out = append(out, fmt.Sprintf("%s %s %s %s", p.Identity, *p.Kind, seconds(p.JoinTime, p.LeaveTime), *p.LeaveRank))
	}
	return out
}
