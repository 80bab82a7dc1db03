package main

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
)

// TestMailsWithoutTheirServer: a mail waits when the setting of the mail server is
// taken away. It is given up when its time has passed, as if the server were away,
// and its job ends.
func TestMailsWithoutTheirServer(t *testing.T) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			at, server := database(t), mailtest.Start(t, mailtest.Plain)
			with := startFake(t, at, ownClock, posting(server))
			rec := with.failing(with.as("left-waiting"), server)
			with.program.stop()
			without := startFake(t, at, ownClock)
			clock, is := without.app.config.Clock.(*clockwork.FakeClock)
			require.True(t, is)
			_, before := without.mails(rec.GetId())
			await(t, mailLimit, "the mail is tried", func() bool {
				without.tryMails()
				_, tries := without.mails(rec.GetId())
				return tries > before
			})
			without.idle()
			status, _ := without.mails(rec.GetId())
			require.Equal(t, recordingmail.StatusWaiting, status, "the server may be set again")
			clock.Advance(5 * 24 * time.Hour)
			without.tryMails()
			without.idle()
			status, _ = without.mails(rec.GetId())
			require.Equal(t, recordingmail.StatusGivenUp, status)
			require.Contains(t, without.log.String(), "no mail server is set")
			var left int
			require.NoError(t, without.app.db.SQL.QueryRowContext(t.Context(),
				"SELECT count(*) FROM river_job WHERE kind = 'recording.mail' AND state <> 'completed'").Scan(&left))
			require.Zero(t, left)
		})
	}
}
