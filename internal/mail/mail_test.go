package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/mail"
)

// post is what a mail server took in.
type post struct {
	from, to  string
	body      []byte
	encrypted bool
	user      string
}

// server is a real mail server, with answers that a test may change.
type server struct {
	posts      chan post
	onMail     error // the answer to MAIL
	onRcpt     error // to RCPT
	onData     error // to the mail itself
	beforeData func()
	login      string // user:password that it demands, if any
	address    string
	roots      *x509.CertPool
}

// NewSession implements smtp.Backend.
func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, connection: c}, nil
}

type session struct {
	*server
	connection *smtp.Conn
	post       post
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user+":"+password != s.login {
			return smtp.ErrAuthFailed
		}
		s.post.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.login != "" && s.post.user == "" {
		return smtp.ErrAuthRequired
	}
	s.post.from = from
	return s.onMail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.post.to = to
	return s.onRcpt
}

func (s *session) Data(r io.Reader) error {
	if s.beforeData != nil {
		s.beforeData()
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.onData != nil {
		return s.onData
	}
	s.post.body = b
	_, s.post.encrypted = s.connection.TLSConnectionState()
	s.posts <- s.post
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

type security int

const (
	plain security = iota
	startTLS
	implicitTLS
)

func serve(t *testing.T, how security) *server {
	t.Helper()
	s := &server{posts: make(chan post, 8)}
	server := smtp.NewServer(s)
	server.Domain = "mail.example.org"
	server.ErrorLog = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.address = l.Addr().String()
	if how != plain {
		certificate, roots := certify(t)
		s.roots = roots
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		if how == implicitTLS {
			l = tls.NewListener(l, server.TLSConfig)
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-ended
	})
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

func certify(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	leaf, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

var clock = clockwork.NewFakeClockAt(time.Date(2026, 3, 1, 4, 30, 0, 0, time.UTC))

func sender(t *testing.T, s *server, url string) *mail.Sender {
	t.Helper()
	m, err := mail.New(mail.Config{
		URL: strings.Replace(url, "HOST", s.address, 1), From: "Anteroom <no-reply@example.org>", RootCAs: s.roots, Clock: clock,
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
	s := serve(t, plain)
	m := message(t)
	require.NoError(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), m))
	p := <-s.posts
	require.Empty(t, s.posts, "once")
	require.Equal(t, "no-reply@example.org", p.from)
	require.Equal(t, "zoe@example.org", p.to)

	got, err := netmail.ReadMessage(bytes.NewReader(p.body))
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
	for how, url := range map[security]string{startTLS: "smtp://bob:hunter2@HOST", implicitTLS: "smtps://bob:hunter2@HOST"} {
		s := serve(t, how)
		s.login = "bob:hunter2"
		require.NoError(t, sender(t, s, url).Send(t.Context(), message(t)))
		p := <-s.posts
		require.True(t, p.encrypted)
		require.Equal(t, "bob", p.user)

		s.login = "bob:changed"
		err := sender(t, s, url).Send(t.Context(), message(t))
		require.ErrorIs(t, err, mail.ErrUnavailable, "somebody can put it right")
		require.NotContains(t, err.Error(), "hunter2")

		s.roots = x509.NewCertPool()
		require.ErrorIs(t, sender(t, s, url).Send(t.Context(), message(t)), mail.ErrUnavailable, "a stranger's certificate")
		require.Empty(t, s.posts)
	}
}

func TestTLSIsDemanded(t *testing.T) {
	s := serve(t, plain)
	require.ErrorIs(t, sender(t, s, "smtp://HOST").Send(t.Context(), message(t)), mail.ErrUnavailable)
	require.Empty(t, s.posts)
}

func TestAnswersOfTheServer(t *testing.T) {
	full := &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "zoe's mailbox is full"}
	unknown := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "zoe@example.org is unknown"}
	for _, c := range []struct {
		name   string
		change func(s *server, answer error)
	}{
		{"to the sender", func(s *server, answer error) { s.onMail = answer }},
		{"to the recipient", func(s *server, answer error) { s.onRcpt = answer }},
		{"to the mail", func(s *server, answer error) { s.onData = answer }},
	} {
		s := serve(t, plain)
		m := sender(t, s, "smtp://HOST?tls=none")
		for answer, want := range map[error]error{full: mail.ErrUnavailable, unknown: mail.ErrRefused} {
			c.change(s, answer)
			err := m.Send(t.Context(), message(t))
			require.ErrorIs(t, err, want, c.name)
			require.NotContains(t, err.Error(), "zoe", c.name)
			require.Empty(t, s.posts)
		}
		c.change(s, nil)
		require.NoError(t, m.Send(t.Context(), message(t)), c.name)
		require.Len(t, s.posts, 1)
	}
}

func TestServerThatIsAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &server{address: l.Addr().String()}
	require.NoError(t, l.Close())
	require.ErrorIs(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), message(t)), mail.ErrUnavailable)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, sender(t, serve(t, plain), "smtp://HOST?tls=none").Send(ctx, message(t)), mail.ErrUnavailable)
}

func TestServerThatDoesNotAnswer(t *testing.T) {
	ended := make(chan struct{})
	s := serve(t, plain)
	s.beforeData = func() { <-ended }
	defer close(ended)
	m, err := mail.New(mail.Config{URL: "smtp://" + s.address + "?tls=none", From: "a@example.org", Clock: clock, Timeout: 300 * time.Millisecond})
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
	s := &server{address: l.Addr().String()}
	require.NoError(t, sender(t, s, "smtp://HOST?tls=none").Send(t.Context(), message(t)))
}

func TestMessagesRefused(t *testing.T) {
	s := serve(t, plain)
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
	require.Empty(t, s.posts)
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
	_, err := mail.New(mail.Config{URL: "smtp://localhost", From: "nobody", Clock: clock})
	require.Error(t, err)
}
