package main

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	entroom "github.com/anteroom-dev/anteroom/ent/room"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
)

// TestOwnerOfTheLastMoment: who is made an owner while a recording is being handed out is
// sent a mail like the others. Only on Postgres it can be seen who waits for whom.
func TestOwnerOfTheLastMoment(t *testing.T) {
	server := mailtest.Start(t, mailtest.Plain)
	s := startFake(t, dbtest.PostgresURL(t), posting(server))
	owner := s.as("last-moment")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	id, now := uuid.MustParse(rec.GetId()), s.clock().Now().UTC()
	done := make(chan error, 1)
	require.NoError(t, s.app.db.InTx(t.Context(), func(tx *db.Tx) error {
		tx.Room.Query().Where(entroom.ID(uuid.MustParse(room.GetId())), db.Lock).OnlyX(t.Context())
		go func() {
			_, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
				Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_OWNER,
				Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: "late@example.org"},
			})
			done <- err
		}()
		await(t, recordingLimit, "the grant waits", func() bool {
			var waiting int
			require.NoError(t, s.app.db.SQL.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting))
			return waiting > 0
		})
		tx.Recording.UpdateOneID(id).SetAvailableTime(now).ExecX(t.Context())
		return tx.RecordingAccess.Create().SetRecordingID(id).SetUserID(uuid.MustParse(owner.id(t))).SetRole("owner").SetCreateTime(now).Exec(t.Context())
	}))
	require.NoError(t, <-done)
	require.Contains(t, letters(t, server, 1), "late@example.org")
}
