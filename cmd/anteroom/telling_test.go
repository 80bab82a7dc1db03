package main

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
	"github.com/anteroom-dev/anteroom/internal/recording"
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

// again delivers the webhooks that said how captures of a room ended many times
// more, all at once: with their id, and with others.
func (s *studio) again(room string) {
	s.t.Helper()
	event, err := s.app.db.WebhookEvent.Query().Where(webhookevent.RoomName(room), webhookevent.Type("egress_ended")).Order(webhookevent.ByID()).First(s.t.Context())
	require.NoError(s.t, err)
	require.Contains(s.t, string(event.Body), event.EventID)
	var all sync.WaitGroup
	for n := range 2 * deliveries {
		body := event.Body
		if n%2 == 1 {
			body = bytes.Replace(body, []byte(event.EventID), fmt.Appendf(nil, "%s_%d", event.EventID, n), 1)
		}
		all.Go(func() {
			header := livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
			if s.fake != nil {
				header = s.fake.Sign(body)
			}
			if status, text := s.post(body, header); status != http.StatusOK {
				s.t.Errorf("%d %s", status, text)
			}
		})
	}
	all.Wait()
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

// TestTold: what people who watch a room are told of its recordings.
func TestTold(t *testing.T) {
	t.Parallel() // it waits more than it works
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("who sees it", func(t *testing.T) { toldWhoSees(t, s.in(t)) })
		t.Run("what was made of it", func(t *testing.T) { toldProcessing(t, s.in(t)) })
		t.Run("the limit", func(t *testing.T) { toldLimit(t, s.in(t)) })
		t.Run("titles", func(t *testing.T) { titles(t, s.in(t)) })
	})
}

// until is the next notice of a type; nil if another change comes of which the
// stream's reader sees nothing, after the recording's end.
func (s *stream) until(kind string) *anteroomv1.Notice {
	s.t.Helper()
	for {
		c := s.next()
		switch {
		case c.GetNotice().GetType() == kind:
			return c.GetNotice()
		case c.GetHeartbeat() != nil:
			return nil
		}
		s.must(c, c.GetNotice() != nil || c.GetSnapshot() != nil)
	}
}

func toldWhoSees(t *testing.T, s *studio) {
	owner, attendee := s.as("sees-all"), s.as("sees-file")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		RecordingAudience: anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES, Downloads: new(bool),
	}))
	defer leave()
	defer s.enter(attendee, room)()
	pass := s.join(s.guest(), room.GetId())
	readers := map[string]*stream{
		"owner": s.watch(owner, room.GetId()), "attendee": s.watch(attendee, room.GetId()),
		"operator": s.watch(s.operator(), room.GetId()), "stranger": s.watch(s.as("sees-nothing"), room.GetId()),
		"guest": s.watchWith(s.guest(), &anteroomv1.WatchRequest{Rooms: []string{room.GetId()}, Ticket: pass.GetTicket()}),
	}
	for _, stream := range readers {
		require.NotNil(t, stream.next().GetSnapshot())
	}
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.available(owner, rec.GetId())

	for _, name := range []string{"stranger", "guest"} {
		require.Nil(t, readers[name].until("recording.available"), "%s is not told", name)
	}
	seen := map[string]*anteroomv1.RecordingAvailable{}
	for _, name := range []string{"owner", "attendee", "operator"} {
		told := readers[name].until("recording.available").GetRecordingAvailable()
		require.Equal(t, rec.GetId(), told.GetRecordingId())
		require.Equal(t, rec.GetTitle(), told.GetTitle())
		require.Equal(t, room.GetName(), told.GetRoomName())
		require.Equal(t, rec.GetMeeting(), told.GetMeetingId())
		require.NotNil(t, told.GetStartTime())
		require.Len(t, told.GetFiles(), 1)
		seen[name] = told
	}
	require.Equal(t, uint32(2), seen["owner"].GetParticipantCount())
	require.Len(t, seen["owner"].GetParticipants(), 2)
	require.Len(t, seen["operator"].GetParticipants(), 2)
	require.Empty(t, seen["attendee"].GetParticipants(), "who was only there does not read who else was")
	require.Empty(t, seen["operator"].GetFiles()[0].GetUrl(), "an operator does not play it")
	for name, disposition := range map[string]string{"owner": "attachment", "attendee": "inline"} {
		file := seen[name].GetFiles()[0]
		require.Greater(t, file.GetExpireTime().AsTime(), s.clock().Now())
		resp, body := s.get(t, file.GetUrl(), "")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Len(t, body, int(file.GetFile().GetSize()))
		require.True(t, strings.HasPrefix(resp.Header.Get("Content-Disposition"), disposition), name)
	}

	all, err := s.app.db.Notice.Query().All(t.Context())
	require.NoError(t, err)
	for _, n := range all {
		require.NotContains(t, string(n.Fact), "/files/", "no link is kept")
	}
}

func toldProcessing(t *testing.T, s *studio) {
	owner := s.as("reports")
	room, rec := s.saved(owner)
	streams := []*stream{s.watch(owner, room.GetId()), s.watch(s.as("hears-nothing"), room.GetId())}
	for _, stream := range streams {
		require.NotNil(t, stream.next().GetSnapshot())
	}
	report := func(c client, processor string, status anteroomv1.ProcessingStatus) *anteroomv1.Recording {
		got, err := c.recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
			Recording: rec.GetId(), Processor: processor, Status: status, Url: "https://example.org/secret",
		})
		require.NoError(t, err)
		return got.GetRecording()
	}
	report(owner, "summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_RUNNING)
	first := report(s.operator(), "words", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	s.clock().Advance(time.Second)
	again := report(s.operator(), "words", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.Equal(t, first.GetProcessing()[1].GetTime().AsTime(), again.GetProcessing()[1].GetTime().AsTime(), "to say it again changes nothing")
	done := report(owner, "summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.Equal(t, []string{"summary", "words"}, []string{done.GetProcessing()[0].GetProcessor(), done.GetProcessing()[1].GetProcessor()})

	var told []string
	for range 3 {
		p := streams[0].until("recording.processed").GetRecordingProcessed()
		require.Equal(t, rec.GetId(), p.GetRecordingId())
		require.Equal(t, "https://example.org/secret", p.GetProcessing().GetUrl())
		told = append(told, p.GetProcessing().GetProcessor())
	}
	require.Equal(t, []string{"summary", "words", "summary"}, told)
	require.Nil(t, streams[1].until("recording.processed"))
	_, err := s.as("hears-nothing").recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
		Recording: rec.GetId(), Processor: "x", Status: anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE,
	})
	requireReason(t, "recording_not_found", connect.CodeNotFound, err)
}

func toldLimit(t *testing.T, s *studio) {
	owner := s.as("limit-near")
	room, leave := s.occupied(owner)
	defer leave()
	require.NoError(t, s.fake.SetRoomMetadata(t.Context(), room.GetId(), `{"theme":"dark","recordings":"old"}`))
	stream := s.watch(owner, room.GetId())
	require.NotNil(t, stream.next().GetSnapshot())
	s.said(room, "theme", "dark")
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	require.False(t, s.live(owner, room).GetLimitNear())
	s.due("recording.near")
	for near := false; !near; {
		changed := stream.until("recording.changed").GetRecordingChanged()
		require.NotNil(t, changed)
		if near = changed.GetLimitNear(); near {
			require.Equal(t, active, changed.GetStatus())
			require.Equal(t, changed.GetStartTime().AsTime().Add(time.Hour), changed.GetLimitTime().AsTime())
		}
	}
	s.said(room, `"limit_near":true`, `"status":"active"`, `"theme":"dark"`)
	require.True(t, s.live(owner, room).GetLimitNear(), "who comes later is told, too")
	s.due("recording.limit")
	s.until(owner, rec.GetId(), limited)
	s.said(room, `"status":"limit_reached"`, `"theme":"dark"`)
	require.NotContains(t, s.fake.RoomMetadata(room.GetId()), "limit_near")
	for told := []anteroomv1.RecordingStatus{}; !slices.Contains(told, limited); {
		changed := stream.until("recording.changed").GetRecordingChanged()
		require.NotNil(t, changed)
		require.False(t, changed.GetLimitNear())
		told = append(told, changed.GetStatus())
	}
}

// said waits until people in a room are told all this.
func (s *studio) said(room *anteroomv1.Room, parts ...string) {
	s.t.Helper()
	await(s.t, recordingLimit, "those in the room are told", func() bool {
		says := s.fake.RoomMetadata(room.GetId())
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(says, part) })
	})
}

func (s *studio) live(c client, room *anteroomv1.Room) *anteroomv1.LiveRecording {
	s.t.Helper()
	got, err := c.GetRoom(s.t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(s.t, err)
	return got.GetRoom().GetLive().GetRecording()
}

func titles(t *testing.T, s *studio) {
	config, err := s.guest().GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
	require.NoError(t, err)
	require.Equal(t, []string{"en", "de", "fr", "nl"}, config.GetClientConfig().GetLanguages())
	for language, want := range map[string]string{"": `, \d\d:\d\d$`, "fr": `di.*, \d\d:\d\d$`, "de": `, \d\d:\d\d Uhr$`} {
		owner := s.as("titles-"+language).speaks(t, language, "Asia/Tokyo")
		room, leave := s.occupied(owner)
		rec := s.record(owner, room, audio)
		require.Regexp(t, "^Weekly.*"+want, rec.GetTitle())
		require.Contains(t, rec.GetTitle(), s.clock().Now().In(time.FixedZone("JST", 9*3600)).Format("15"))
		leave()
		s.until(owner, rec.GetId(), completed)
	}
	owner := s.as("titles-own")
	room, leave := s.occupied(owner)
	defer leave()
	got, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio, Title: "The title"})
	require.NoError(t, err)
	require.Equal(t, "The title", got.GetRecording().GetTitle())
}

// TestTellingFlags: what is wrong with settings is said before anything starts.
func TestTellingFlags(t *testing.T) {
	right := func() tellingFlags {
		return tellingFlags{Language: "en", TimeZone: "UTC", MailURL: "smtp://bob:hunter2@mail.example.org:587", MailFrom: "a@example.org"}
	}
	for name, change := range map[string]func(*tellingFlags){
		"a language that there is not": func(f *tellingFlags) { f.Language = "ja" },
		"a time zone":                  func(f *tellingFlags) { f.TimeZone = "Moon/Crater" },
		"a title of what there is not": func(f *tellingFlags) { f.RecordingTitles = map[string]string{"en": "{room}"} },
		"a title in no language":       func(f *tellingFlags) { f.RecordingTitles = map[string]string{"ja": "{date}"} },
		"no sender":                    func(f *tellingFlags) { f.MailFrom = "" },
		"no mail server's URL":         func(f *tellingFlags) { f.MailURL = "https://bob:hunter2@mail.example.org" },
	} {
		f := right()
		change(&f)
		err := f.telling(&recording.Config{}, "http://127.0.0.1:8080", clockwork.NewRealClock())
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2", name)
	}
	var c recording.Config
	f := right()
	require.ErrorContains(t, f.telling(&c, "meet.example.org", clockwork.NewRealClock()), "--public-url")
	require.NoError(t, f.telling(&c, "https://meet.example.org/", clockwork.NewRealClock()))
	require.NotNil(t, c.Mail)
	require.Equal(t, "https://meet.example.org", c.ConsoleURL)
	require.NoError(t, tellingFlags{Language: "de", TimeZone: "Europe/Berlin"}.telling(&c, "http://127.0.0.1:8080", clockwork.NewRealClock()))
	require.Nil(t, c.Mail)
}
