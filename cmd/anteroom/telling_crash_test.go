//go:build failpoint

package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestMailThatNobodyNoted: the program dies after the mail server has taken a mail
// and before that is noted. The mail goes once more, and is the same one.
func TestMailThatNobodyNoted(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			server, listen := mailtest.Start(t, mailtest.Plain), freeAddress(t)
			lk := livekittest.Start(t, "http://"+listen+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure)
			livekittest.StartEgressStandIn(t, lk.RedisAddr())
			s := served{
				URL: "http://" + listen, Listen: listen, DatabaseURL: url(t), LiveKitURL: lk.URL(), PublicURL: lk.WSURL(),
				Files: t.TempDir(), MailServer: server.Address,
			}
			p := startProcess(t, s, death{place: "mail taken, not noted"}.env())
			recordOnce(p.program)
			p.dies()
			first := letters(t, server, 1)

			p = startProcess(t, s)
			again := letters(t, server, 1)
			require.Equal(t, first, again, "the same to its last word, Message-ID included")
			d := dbtest.Open(t, s.DatabaseURL)
			awaitIdle(t, d)
			require.NotNil(t, d.Recording.Query().OnlyX(t.Context()).NotifyTime)
			p.stop()
			require.Empty(t, server.Posts)
		})
	}
}

// recordOnce records a meeting of one person, who then leaves.
func recordOnce(p *program) {
	t := p.t
	owner := p.as("recorded-once")
	room := p.room(owner, public)
	pass := p.join(owner, room.GetId())
	leave := livekittest.Join(t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
	var rec *anteroomv1.Recording
	await(t, recordingLimit, "the recording starts", func() bool {
		got, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
		rec = got.GetRecording()
		return err == nil
	})
	await(t, recordingLimit, "it is recorded", func() bool {
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		return got.GetRecording().GetStatus() == active
	})
	leave() // which ends the recording, too
}
