package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// noStore takes the settings of the store away.
func noStore(c *Config) { c.Storage = storage.Config{} }

// completion asks for files to be looked for, as an ended recording does.
type completion struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

func (completion) Kind() string { return "recording.complete" }

// erasure asks for files to be deleted, as a deleted recording does.
type erasure struct {
	RecordingID uuid.UUID `json:"recording_id"`
}

func (erasure) Kind() string { return "recording.erase" }

func (s *studio) enqueue(args ...job.Args) {
	s.t.Helper()
	require.NoError(s.t, s.app.db.InTx(s.t.Context(), func(tx *db.Tx) error {
		for _, one := range args {
			if err := s.app.jobs.Enqueue(s.t.Context(), tx, one); err != nil {
				return err
			}
		}
		return nil
	}))
}

// waiting is how many jobs of a kind wait for their time, none of them for having
// failed.
func (s *studio) waiting(kind string) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.app.db.SQL.QueryRowContext(s.t.Context(),
		`SELECT count(*) FROM river_job WHERE state = 'scheduled' AND errors IS NULL AND kind = '`+kind+`'`).Scan(&n))
	return n
}

// TestRecordingsWithoutTheirStore: what was recorded before the settings of the store
// were taken away is refused with a reason, nothing is said to be deleted, and what is
// to do waits until the store is back.
func TestRecordingsWithoutTheirStore(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			at, files := database(t), t.TempDir()
			stored := func(c *Config) { c.Storage.URL = "file://" + files }
			var kept, late, gone *anteroomv1.Recording
			t.Run("with", func(t *testing.T) {
				s := startFake(t, at, stored)
				owner := s.as("no-store")
				_, kept = s.saved(owner)
				_, late = s.saved(owner)
				_, gone = s.saved(owner)
				s.idle()
			})
			t.Run("without", func(t *testing.T) {
				startFake(t, at, noStore).withoutStore(kept, late, gone)
			})
			t.Run("with again", func(t *testing.T) {
				s := startFake(t, at, stored)
				s.due("recording.complete")
				s.due("recording.erase")
				s.available(s.as("no-store"), late.GetId())
				s.erased(gone)
			})
		})
	}
}

func (s *studio) withoutStore(kept, late, gone *anteroomv1.Recording) {
	t, owner := s.t, s.as("no-store")
	_, err := owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: kept.GetId()})
	requireReason(t, "recording_unavailable", connect.CodeFailedPrecondition, err)
	resp, said := s.get(t, s.url+storage.MediaPath+kept.GetFiles()[0].GetKey(), s.token(auth.Identity{Subject: "no-store"}))
	require.Equal(t, http.StatusNotFound, resp.StatusCode, said)
	require.Contains(t, said, "not set up here")
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: kept.GetId()})
	requireReason(t, "recording_unavailable", connect.CodeFailedPrecondition, err)
	_, err = owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: kept.GetId()})
	require.NoError(t, err, "it is there still")

	lateID, goneID := uuid.MustParse(late.GetId()), uuid.MustParse(gone.GetId())
	require.NoError(t, s.app.db.Recording.UpdateOneID(lateID).ClearAvailableTime().Exec(t.Context()))
	require.NoError(t, s.app.db.RecordingFile.Update().Where(recordingfile.RecordingID(lateID)).ClearSeenTime().Exec(t.Context()))
	require.NoError(t, s.app.db.Recording.UpdateOneID(goneID).SetDeleteTime(s.clock().Now().UTC()).Exec(t.Context()))
	s.enqueue(completion{lateID}, erasure{goneID})
	await(t, recordingLimit, "the jobs wait", func() bool {
		return s.waiting("recording.complete") == 1 && s.waiting("recording.erase") == 1
	})
	s.clock().Advance(48 * time.Hour)
	require.NoError(t, s.app.record.Expire(t.Context()))
	require.Equal(t, 2, s.waiting("recording.complete")+s.waiting("recording.erase"), "once each")
	for _, wrong := range []string{"internal error", "panic"} {
		require.NotContains(t, s.log.String(), wrong)
	}
}

// TestAlwaysRecordedNeedsAStore: nobody is made to believe in a recording that cannot
// be, by a policy that is set now or was before.
func TestAlwaysRecordedNeedsAStore(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("always-nowhere")
		for _, wanted := range []*anteroomv1.RoomSettings{{RecordingPolicy: compliance}, {RecordingPolicy: automatic}} {
			_, err := owner.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "nowhere", Settings: wanted})
			requireReason(t, "recording_unavailable", connect.CodeFailedPrecondition, err)
			room := s.room(owner, public)
			_, err = owner.UpdateRoom(t.Context(), &anteroomv1.UpdateRoomRequest{
				Room: room.GetId(), Settings: wanted, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"settings.recording_policy"}},
			})
			requireReason(t, "recording_unavailable", connect.CodeFailedPrecondition, err)
			require.False(t, s.got(owner, room).GetAlwaysRecorded())
		}

		for _, mode := range []string{"audio", "tracks"} {
			s.alwaysNowhere(owner, mode)
		}
	}, noStore)
}

// alwaysNowhere: the policy is from the time when there was a store.
func (s *studio) alwaysNowhere(owner client, mode string) {
	t := s.t
	room := s.room(owner, public)
	before := schema.RoomSettings{RecordingPolicy: recording.PolicyCompliance, RecordingMode: mode}
	require.NoError(t, s.app.db.Room.UpdateOneID(uuid.MustParse(room.GetId())).SetSettings(before).Exec(t.Context()))
	require.False(t, s.got(s.guest(), room).GetAlwaysRecorded(), "it is not")
	defer s.enter(owner, room)()
	await(t, recordingLimit, "it is said that it does not start", func() bool {
		all := s.listed(owner, room)
		return len(all) == 1 && all[0].GetStatus() == notStarted
	})
	require.Equal(t, "recording_unavailable", s.listed(owner, room)[0].GetError())
	await(t, recordingLimit, "those in the room are told", func() bool {
		return strings.Contains(s.fake.RoomMetadata(room.GetId()), `"status":"failed_to_start"`)
	})
	require.Contains(t, s.log.String(), "recording_unavailable")
	s.clock().Advance(time.Hour)
	defer s.enter(s.as("always-more"), room)()
	s.due("recording.comply")
	s.quiet()
	require.Len(t, s.listed(owner, room), 1, "once a meeting")
	s.update(owner, room, &anteroomv1.RoomSettings{RecordingPolicy: manual}, "recording_policy")
}

// got is a room as somebody sees it.
func (s *studio) got(c client, room *anteroomv1.Room) *anteroomv1.Room {
	s.t.Helper()
	got, err := c.GetRoom(s.t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetSlug()})
	require.NoError(s.t, err)
	return got.GetRoom()
}
