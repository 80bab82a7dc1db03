package mail_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/mail/mailtest"
)

var clock = clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 4, 30, 0, 0, time.UTC))

func sender(t *testing.T, s *mailtest.Server, url string) *mail.Sender {
	t.Helper()
	m, err := mail.New(mail.Config{
		URL: strings.Replace(url, "HOST", s.Address, 1), From: "Anteroom <no-reply@example.org>", RootCAs: s.Roots, Clock: clock,
		Timeout: 10 * time.Second,
	})
	require.NoError(t, err)
	return m
}

func message(t *testing.T) mail.Message {
	t.Helper()
	c, err := languages(t, nil).RecordingReady(mail.Reader{Language: "fr"}, ready)
	require.NoError(t, err)
	return mail.Message{ID: "recording-1.user-2@example.org", To: "zoe@example.org", ToName: "Zoë\r\nBcc: eve@example.org", Content: c}
}

func TestSend(t *testing.T) {
	s := mailtest.Start(t, mailtest.Plain)
	m := message(t)
	require.NoError(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), m))
	p := <-s.Posts
	require.Empty(t, s.Posts, "once")
	require.Equal(t, "no-reply@example.org", p.From)
	require.Equal(t, "zoe@example.org", p.To)

	got, err := netmail.ReadMessage(bytes.NewReader(p.Body))
	require.NoError(t, err)
	header := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get(name))
		require.NoError(t, err)
		return text
	}
	require.Equal(t, "<recording-1.user-2@example.org>", header("Message-ID"))
	require.Equal(t, m.Content.Subject, header("Subject"))
	require.Equal(t, "fr", header("Content-Language"))
	require.Equal(t, "auto-generated", header("Auto-Submitted"))
	require.Empty(t, header("Bcc"), "a name ends no header")
	require.Empty(t, header("User-Agent"))
	date, err := got.Header.Date()
	require.NoError(t, err)
	require.True(t, date.Equal(clock.Now()))
	to, err := got.Header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, "zoe@example.org", to[0].Address)
	require.Len(t, to, 1)

	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	parts := multipart.NewReader(got.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", m.Content.Text}, {"text/html", m.Content.HTML}} {
		part, err := parts.NextRawPart()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(part.Header.Get("Content-Type"), want.kind))
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		text, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(want.text), strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
}

func TestSendByTLS(t *testing.T) {
	for how, url := range map[mailtest.Security]string{mailtest.StartTLS: "smtp://bob:hunter2@HOST", mailtest.ImplicitTLS: "smtps://bob:hunter2@HOST"} {
		s := mailtest.Start(t, how)
		s.Answer(mailtest.Answers{Login: "bob:hunter2"})
		require.NoError(t, sender(t, s, url).Send(t.Context(), message(t)))
		p := <-s.Posts
		require.True(t, p.Encrypted)
		require.Equal(t, "bob", p.User)

		s.Answer(mailtest.Answers{Login: "bob:changed"})
		err := sender(t, s, url).Send(t.Context(), message(t))
		require.ErrorIs(t, err, mail.ErrUnavailable, "somebody can put it right")
		require.NotContains(t, err.Error(), "hunter2")

		s.Roots = x509.NewCertPool()
		require.ErrorIs(t, sender(t, s, url).Send(t.Context(), message(t)), mail.ErrUnavailable, "a stranger's certificate")
		require.Empty(t, s.Posts)
	}
}

func TestTLSIsDemanded(t *testing.T) {
	s := mailtest.Start(t, mailtest.Plain)
	require.ErrorIs(t, sender(t, s, "smtp://HOST").Send(t.Context(), message(t)), mail.ErrUnavailable)
	require.Empty(t, s.Posts)
}

func TestAnswersOfTheServer(t *testing.T) {
	full := &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "zoe's mailbox is full"}
	unknown := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "zoe@example.org is unknown"}
	for _, c := range []struct {
		name    string
		answers func(error) mailtest.Answers
	}{
		{"to the sender", func(says error) mailtest.Answers { return mailtest.Answers{Mail: says} }},
		{"to the recipient", func(says error) mailtest.Answers { return mailtest.Answers{Rcpt: says} }},
		{"to the mail", func(says error) mailtest.Answers { return mailtest.Answers{Data: says} }},
	} {
		s := mailtest.Start(t, mailtest.Plain)
		m := sender(t, s, "smtp://HOST?tls=none")
		for answer, want := range map[error]error{full: mail.ErrUnavailable, unknown: mail.ErrRefused} {
			s.Answer(c.answers(answer))
			err := m.Send(t.Context(), message(t))
			require.ErrorIs(t, err, want, c.name)
			require.NotContains(t, err.Error(), "zoe", c.name)
			require.Empty(t, s.Posts)
		}
		s.Answer(mailtest.Answers{})
		require.NoError(t, m.Send(t.Context(), message(t)), c.name)
		require.Len(t, s.Posts, 1)
	}
}

func TestServerThatIsAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &mailtest.Server{Address: l.Addr().String()}
	require.NoError(t, l.Close())
	require.ErrorIs(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), message(t)), mail.ErrUnavailable)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, sender(t, mailtest.Start(t, mailtest.Plain), "smtp://HOST?tls=none").Send(ctx, message(t)), mail.ErrUnavailable)
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	ended := make(chan struct{})
	s := mailtest.Start(t, mailtest.Plain)
	s.Answer(mailtest.Answers{BeforeData: func() { <-ended }})
	defer close(ended)
	m, err := mail.New(mail.Config{URL: "smtp://" + s.Address + "?tls=none", From: "a@example.org", Clock: clock, Timeout: 300 * time.Millisecond})
	require.NoError(t, err)
	require.ErrorIs(t, m.Send(t.Context(), message(t)), mail.ErrUnavailable)
}

// TestServerThatDiesAfterItTookTheMail: what is taken is sent.
func TestServerThatDiesAfterItTookTheMail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		text := make([]byte, 1<<16)
		for _, answer := range []string{"220 x", "250 x", "250 x", "250 x"} { // and then come EHLO, MAIL, RCPT and DATA
			_, _ = io.WriteString(c, answer+"\r\n")
			_, _ = c.Read(text)
		}
		_, _ = io.WriteString(c, "354 x\r\n")
		for seen := ""; !strings.HasSuffix(seen, "\r\n.\r\n"); {
			n, err := c.Read(text)
			if err != nil {
				return
			}
			seen += string(text[:n])
		}
		_, _ = io.WriteString(c, "250 taken\r\n")
	}()
	s := &mailtest.Server{Address: l.Addr().String()}
	require.NoError(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), message(t)))
}

func TestMessagesRefused(t *testing.T) {
	s := mailtest.Start(t, mailtest.Plain)
	m := sender(t, s, "smtp://HOST?tls=none")
	for name, change := range map[string]func(*mail.Message){
		"no id":            func(m *mail.Message) { m.ID = "" },
		"an id of two":     func(m *mail.Message) { m.ID = "a@b>\r\nBcc: <c@d" },
		"no address":       func(m *mail.Message) { m.To = "" },
		"two addresses":    func(m *mail.Message) { m.To = "a@example.org, b@example.org" },
		"a line too much":  func(m *mail.Message) { m.To = "a@example.org\r\nRCPT TO:<b@example.org>" },
		"a name in it":     func(m *mail.Message) { m.To = "A <a@example.org>" },
		"nothing but name": func(m *mail.Message) { m.To = "A" },
	} {
		bad := message(t)
		change(&bad)
		require.ErrorIs(t, m.Send(t.Context(), bad), mail.ErrRefused, name)
	}
	require.Empty(t, s.Posts)
}

func TestConfigsRefused(t *testing.T) {
	for _, url := range []string{
		"", "localhost:25", "http://localhost", "smtp://", "smtp://localhost/path", "smtp://localhost?tls=maybe", "smtp://localhost?x=y",
		"smtps://localhost?tls=none", "smtp://bob:hunter2@localhost?tls=none", "smtp://bob:hunter2@localhost:port", "smtp://bob:hunter2@local host",
	} {
		_, err := mail.New(mail.Config{URL: url, From: "a@example.org", Clock: clock})
		require.Error(t, err, url)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, from := range []string{"nobody", "a@exämple.org", "a@[127.0.0.1]"} {
		_, err := mail.New(mail.Config{URL: "smtp://localhost", From: from, Clock: clock})
		require.Error(t, err, from)
	}
}
