package main

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// mailLimit is how long a test waits for a mail.
const mailLimit = 20 * time.Second

// deliveries is how often a webhook comes that a test doubles.
const deliveries = 10

// posting makes the program send mails to a server, in Dutch to who says nothing.
func posting(server *mailtest.Server) func(*Config) {
	return func(c *Config) { post(c, server.Address) }
}

func post(c *Config, address string) {
	sender, err := mail.New(mail.Config{URL: "smtp://" + address + "?tls=none", From: "Anteroom <no-reply@meet.example.org>", Clock: clockwork.NewRealClock()})
	if err != nil {
		panic(err)
	}
	c.Recording.Mail, c.Recording.ConsoleURL = sender, "https://meet.example.org"
	c.Recording.Reader = mail.Reader{Language: "nl", TimeZone: "Europe/Amsterdam"}
}

// letter is a mail as somebody reads it.
type letter struct {
	to, id, language, subject, text string
}

func read(t *testing.T, p mailtest.Post) letter {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(p.Body))
	require.NoError(t, err)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	part, err := multipart.NewReader(m.Body, params["boundary"]).NextRawPart()
	require.NoError(t, err)
	text, err := io.ReadAll(quotedprintable.NewReader(part))
	require.NoError(t, err)
	return letter{p.To, m.Header.Get("Message-ID"), m.Header.Get("Content-Language"), subject, strings.ReplaceAll(string(text), "\r\n", "\n")}
}

// letters waits for a number of mails, and gives them by their readers.
func letters(t *testing.T, server *mailtest.Server, n int) map[string]letter {
	t.Helper()
	got := map[string]letter{}
	for range n {
		select {
		case p := <-server.Posts:
			l := read(t, p)
			require.NotContains(t, got, l.to, "one mail each")
			got[l.to] = l
		case <-time.After(mailLimit):
			require.Fail(t, "a mail is missing", "%d of %d came", len(got), n)
		}
	}
	return got
}

// speaks sets somebody's language and time zone.
func (c client) speaks(t *testing.T, language, zone string) client {
	t.Helper()
	_, err := c.users.UpdateSelf(t.Context(), &anteroomv1.UpdateSelfRequest{
		Language: language, TimeZone: zone, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"language", "time_zone"}},
	})
	require.NoError(t, err)
	return c
}

// notified waits until all who own a recording were told.
func (s *studio) notified(c client, id string) (found *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, mailLimit, "all owners are told", func() bool {
		got, err := c.recordings.GetRecording(s.t.Context(), &anteroomv1.GetRecordingRequest{Recording: id})
		require.NoError(s.t, err)
		found = got.GetRecording()
		return found.GetNotifyTime() != nil
	})
	return found
}

// noMoreMails waits until there is nothing left to do, and sees that no more mails came.
func (s *studio) noMoreMails(server *mailtest.Server) {
	s.t.Helper()
	s.tryMails()
	s.idle()
	require.Empty(s.t, server.Posts)
}

// TestOwnersAreTold runs the program with a provider in memory and a mail server.
func TestOwnersAreTold(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, mailtest.Plain)
			s := startFake(t, url(t), posting(server))
			for name, test := range map[string]func(*testing.T, *studio, *mailtest.Server){
				"in their words": toldInTheirWords, "later owners": toldLater, "a server that fails": toldAfterFailures,
				"a mail that is refused": refusedMail, "a server that is away for days": givenUp, "nothing left to tell": withdrawnMail,
			} {
				t.Run(name, func(t *testing.T) {
					defer server.Answer(mailtest.Answers{})
					test(t, s.in(t), server)
				})
			}
		})
	}
}

// TestOwnersAreToldOnce is the same with a real LiveKit, whose webhook comes many
// times.
func TestOwnersAreToldOnce(t *testing.T) {
	server := mailtest.Start(t, mailtest.Plain)
	onEach(t, func(t *testing.T, p *program) {
		recorder := livekittest.StartEgressStandIn(t, p.server.RedisAddr())
		s := &studio{program: p, play: recorder.Play, bot: p.bot}
		toldInTheirWords(t, s.in(t), server)
	}, ownClock, posting(server))
}

func toldInTheirWords(t *testing.T, s *studio, server *mailtest.Server) {
	owner := s.as("zoe").speaks(t, "fr", "Europe/Paris")
	other := s.as("bill").speaks(t, "de", "America/New_York")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		RecordingAudience:  anteroomv1.RecordingAudience_RECORDING_AUDIENCE_MEMBERS,
		RecordingRetention: durationpb.New(30 * 24 * time.Hour),
	}))
	defer leave()
	for email, role := range map[string]anteroomv1.Role{
		"bill@example.org":   anteroomv1.Role_ROLE_OWNER,
		"carl@example.org":   anteroomv1.Role_ROLE_OWNER, // who comes only after this
		"anna@example.org":   anteroomv1.Role_ROLE_OWNER, // who has never been here
		"member@example.org": anteroomv1.Role_ROLE_MEMBER,
	} {
		_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Grantee: &anteroomv1.GrantAccessRequest_Email{Email: email}, Role: role,
		})
		require.NoError(t, err)
	}
	s.as("carl").speaks(t, "en", "Asia/Tokyo")
	rec := s.record(owner, room, audio)
	require.Regexp(t, `^Weekly, (lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) `, rec.GetTitle(), "in the starter's language")
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
	s.again(room.GetId())
	done := s.notified(other, rec.GetId())
	require.Equal(t, completed, done.GetStatus())

	got := letters(t, server, 4)
	ids := map[string]bool{}
	for reader, want := range map[string]struct{ language, subject, zone, days string }{
		"zoe@example.org":  {"fr", "Votre enregistrement", "Europe/Paris", "30 jours"},
		"bill@example.org": {"de", "Ihre Aufzeichnung", "America/New_York", "30 Tage"},
		"carl@example.org": {"en", "Your recording", "Asia/Tokyo", "30 days"},
		"anna@example.org": {"nl", "opname", "Europe/Amsterdam", "30 dagen"},
	} {
		l := got[reader]
		ids[l.id] = true
		zone, err := time.LoadLocation(want.zone)
		require.NoError(t, err)
		start := done.GetStartTime().AsTime().In(zone)
		require.Equal(t, want.language, l.language)
		require.Contains(t, l.subject, want.subject)
		for _, part := range []string{"Weekly", want.days, start.Format("(MST)"), start.Format("2"), "https://meet.example.org/recordings/" + rec.GetId()} {
			require.Contains(t, l.text, part)
		}
		require.Regexp(t, `^<[0-9a-f-]{36}@meet\.example\.org>$`, l.id)
	}
	require.Len(t, ids, 4, "each mail has its own id")
	s.again(room.GetId())
	s.noMoreMails(server)
}

func toldLater(t *testing.T, s *studio, server *mailtest.Server) {
	owner := s.as("first-owner")
	_, rec := s.saved(owner)
	told := s.notified(owner, rec.GetId())
	letters(t, server, 1)
	grant := func(email string, role anteroomv1.RecordingRole) string {
		got, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
			Recording: rec.GetId(), Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: email}, Role: role,
		})
		require.NoError(t, err)
		return got.GetAccess().GetId()
	}
	grant("later-member@example.org", anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER)
	made := grant("Later-Owner@example.org", anteroomv1.RecordingRole_RECORDING_ROLE_OWNER)
	require.Contains(t, letters(t, server, 1), "later-owner@example.org", "who is made an owner is told, too")
	s.noMoreMails(server)
	_, err := owner.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: made})
	require.NoError(t, err)
	grant("later-owner@example.org", anteroomv1.RecordingRole_RECORDING_ROLE_OWNER)
	s.noMoreMails(server)
	require.Equal(t, told.GetNotifyTime().AsTime(), s.notified(owner, rec.GetId()).GetNotifyTime().AsTime())
}

// tryMails has the mails that wait for their next try be tried at once.
func (s *studio) tryMails() {
	s.t.Helper()
	_, err := s.app.db.SQL.ExecContext(s.t.Context(), `UPDATE river_job
		SET state = 'available', scheduled_at = CURRENT_TIMESTAMP WHERE state = 'scheduled' AND kind = 'recording.mail'`)
	require.NoError(s.t, err)
}

// mails are those about a recording, once none is being sent.
func (s *studio) mails(id string) (status recordingmail.Status, tries int) {
	s.t.Helper()
	m, err := s.app.db.RecordingMail.Query().Where(recordingmail.RecordingID(uuid.MustParse(id))).Only(s.t.Context())
	require.NoError(s.t, err)
	return m.Status, m.Tries
}

// failing makes a recording whose mail was tried and did not leave.
func (s *studio) failing(owner client, server *mailtest.Server) *anteroomv1.Recording {
	s.t.Helper()
	server.Answer(mailtest.Answers{Data: &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "not now"}})
	_, rec := s.saved(owner)
	for n := 1; n <= 3; n++ {
		await(s.t, mailLimit, "the mail is tried", func() bool {
			s.tryMails()
			_, tries := s.mails(rec.GetId())
			return tries >= n
		})
	}
	s.idle()
	return rec
}

func toldAfterFailures(t *testing.T, s *studio, server *mailtest.Server) {
	owner := s.as("patient")
	rec := s.failing(owner, server)
	got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.Equal(t, completed, got.GetRecording().GetStatus())
	require.Empty(t, got.GetRecording().GetError())
	require.NotNil(t, got.GetRecording().GetAvailableTime())
	require.Nil(t, got.GetRecording().GetNotifyTime())
	require.Equal(t, 1, strings.Count(s.log.String(), rec.GetId()+" user_id="+owner.id(t)), "said once")

	server.Answer(mailtest.Answers{})
	s.tryMails()
	require.Contains(t, letters(t, server, 1), "patient@example.org")
	s.notified(owner, rec.GetId())
	s.noMoreMails(server)
}

func refusedMail(t *testing.T, s *studio, server *mailtest.Server) {
	server.Answer(mailtest.Answers{Rcpt: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "who is unwanted@example.org?"}})
	owner := s.as("unwanted")
	_, rec := s.saved(owner)
	s.idle()
	status, tries := s.mails(rec.GetId())
	require.Equal(t, recordingmail.StatusRefused, status)
	require.Zero(t, tries)
	require.Contains(t, s.log.String(), "outcome=refused recording_id="+rec.GetId())
	require.NotContains(t, s.log.String(), "unwanted@example.org")
	server.Answer(mailtest.Answers{})
	s.noMoreMails(server)
	got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.Equal(t, completed, got.GetRecording().GetStatus())
	require.Nil(t, got.GetRecording().GetNotifyTime(), "nobody was told")
}

func givenUp(t *testing.T, s *studio, server *mailtest.Server) {
	rec := s.failing(s.as("out-of-luck"), server)
	s.clock().Advance(4 * 24 * time.Hour)
	s.tryMails()
	s.idle()
	status, tries := s.mails(rec.GetId())
	require.Equal(t, recordingmail.StatusWaiting, status, "a server may be away for days")
	require.GreaterOrEqual(t, tries, 4)
	s.clock().Advance(24 * time.Hour)
	s.tryMails()
	s.idle()
	status, _ = s.mails(rec.GetId())
	require.Equal(t, recordingmail.StatusGivenUp, status)
	require.Contains(t, s.log.String(), "outcome=given_up recording_id="+rec.GetId())
	server.Answer(mailtest.Answers{})
	s.noMoreMails(server)
}

func withdrawnMail(t *testing.T, s *studio, server *mailtest.Server) {
	owner := s.as("takes-away")
	rec := s.failing(owner, server)
	gone := s.failing(owner, server)
	_, err := owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
		Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_OWNER,
		Grantee: &anteroomv1.GrantRecordingAccessRequest_User{User: s.as("takes-over").id(t)},
	})
	require.NoError(t, err)
	accesses, err := owner.recordings.ListRecordingAccesses(t.Context(), &anteroomv1.ListRecordingAccessesRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	for _, a := range accesses.GetAccesses() {
		if a.GetUser() == owner.id(t) {
			_, err := owner.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: a.GetId()})
			require.NoError(t, err)
		}
	}
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: gone.GetId()})
	require.NoError(t, err)
	server.Answer(mailtest.Answers{})
	s.tryMails()
	require.Contains(t, letters(t, server, 1), "takes-over@example.org", "and nobody else")
	s.noMoreMails(server)
}

// TestNobodyIsTold: without a mail server there is nothing to do and nothing to
// wait for.
func TestNobodyIsTold(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("untold")
		_, rec := s.saved(owner)
		s.idle()
		require.Zero(t, s.app.db.RecordingMail.Query().CountX(t.Context()))
		require.Equal(t, 1, strings.Count(s.log.String(), "no mail server is configured"))
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.Nil(t, got.GetRecording().GetNotifyTime())
	})
}
