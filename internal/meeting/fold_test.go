package meeting

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/meeting/meetingtest"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// anything draws events of a few connections to two meetings, looks included, that
// need not make sense together. suffix makes their SIDs those of one case.
func anything(suffix string) *rapid.Generator[video.Event] {
	return rapid.Custom(func(t *rapid.T) video.Event {
		e := video.Event{
			Provider: video.LiveKit, ReceiveTime: at(rapid.IntRange(0, 100).Draw(t, "received")),
			Kind: rapid.SampledFrom([]video.EventKind{
				video.RoomStarted, video.RoomFinished, video.RoomSeen, video.RoomMissed, video.TrackPublished,
				video.ParticipantJoined, video.ParticipantLeft, video.ParticipantAborted, video.ParticipantSeen, video.ParticipantMissed,
			}).Draw(t, "kind"),
			Time: at(rapid.IntRange(0, 100).Draw(t, "told")),
			Room: video.EventRoom{SID: rapid.SampledFrom([]string{"RM_1", "RM_2"}).Draw(t, "meeting") + suffix},
		}
		looked := e.Kind == video.RoomSeen || e.Kind == video.RoomMissed || e.Kind == video.ParticipantSeen || e.Kind == video.ParticipantMissed
		if !looked && rapid.IntRange(0, 4).Draw(t, "without a time") == 0 {
			e.Time = time.Time{}
		}
		if rapid.Bool().Draw(t, "with a start") {
			e.Room.StartTime = at(rapid.IntRange(0, 100).Draw(t, "start"))
		}
		switch e.Kind {
		case video.RoomStarted, video.RoomFinished, video.RoomSeen, video.RoomMissed:
		default:
			who := rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "who")
			e.Participant = &video.Participant{SID: "PA_" + who + e.Room.SID, Identity: who}
			if e.Kind != video.TrackPublished {
				e.Participant.Kind = video.Web
				e.Participant.JoinTime = at(rapid.IntRange(0, 100).Draw(t, "joined"))
			}
		}
		return e
	})
}

// TestApplyIsFold: the rows in the database, merged batch by batch, are those of
// the rules alone.
func TestApplyIsFold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		clock, log := clockwork.NewFakeClockAt(day), slog.New(slog.DiscardHandler)
		jobs := job.New(d, log)
		m := New(clock, nil, jobs, notice.New(d, clock, log, jobs, time.Minute))
		rapid.Check(t, func(r *rapid.T) {
			room := newRoom(t, d)
			rooms := map[string]*ent.Room{"": room}
			events := rapid.SliceOfN(anything(uuid.NewString()), 1, 20).Draw(r, "events")
			for left := events; len(left) > 0; {
				n := rapid.IntRange(1, len(left)).Draw(r, "batch")
				require.NoError(r, d.InTx(t.Context(), func(tx *db.Tx) error { return m.Apply(t.Context(), tx, rooms, left[:n]) }))
				left = left[n:]
			}
			var expected, actual meetingtest.Rows
			expected.Meetings, expected.People = Fold(rooms, events)
			actual.Meetings = d.Meeting.Query().Where(entmeeting.RoomID(room.ID)).AllX(t.Context())
			actual.People = d.Participation.Query().Where(participation.RoomID(room.ID)).AllX(t.Context())
			require.Equal(r, expected.Lines(), actual.Lines())
		})
	})
}
