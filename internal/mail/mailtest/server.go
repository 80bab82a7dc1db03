// Package mailtest is a mail server for tests: it speaks SMTP over real
// connections, with TLS or without, and keeps what it takes in.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Post is what the server took in.
type Post struct {
	From, To  string
	Body      []byte // with its header
	Encrypted bool
	User      string // who had signed in
}

// Answers are what the server says; nil is yes.
type Answers struct {
	Mail, Rcpt, Data error  // to MAIL, to RCPT, and to the mail itself
	BeforeData       func() // called before it reads a mail
	Login            string // user:password that it demands, if any
}

// Server is a mail server.
type Server struct {
	Address string
	Roots   *x509.CertPool // that its certificate is of
	PEM     []byte         // the same, for other programs
	Posts   chan Post

	mu      sync.Mutex
	answers Answers
}

// Security is how the server's connections are encrypted.
type Security int

// The kinds of it.
const (
	Plain Security = iota
	StartTLS
	ImplicitTLS
)

// kept is how many mails wait to be looked at.
const kept = 100

// Start starts a server on loopback, until the test ends.
func Start(t testing.TB, how Security) *Server {
	t.Helper()
	s := &Server{Posts: make(chan Post, kept)}
	server := smtp.NewServer(s)
	server.Domain = "mail.example.org"
	server.ErrorLog = silent{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = l.Addr().String()
	if how != Plain {
		server.TLSConfig = s.certify(t)
	}
	if how == ImplicitTLS {
		l = tls.NewListener(l, server.TLSConfig)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // until it is closed
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // which a server that has not begun to serve does not know of
		<-ended
	})
	return s
}

// Answer changes what the server says from now on.
func (s *Server) Answer(a Answers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = a
}

func (s *Server) says() Answers {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answers
}

func (s *Server) certify(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.Roots = x509.NewCertPool()
	s.Roots.AddCert(leaf)
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, connection: c}, nil
}

type session struct {
	server     *Server
	connection *smtp.Conn
	post       Post
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user+":"+password != s.server.says().Login {
			return smtp.ErrAuthFailed
		}
		s.post.User = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	says := s.server.says()
	if says.Login != "" && s.post.User == "" {
		return smtp.ErrAuthRequired
	}
	s.post.From = from
	return says.Mail
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.post.To = to
	return s.server.says().Rcpt
}

func (s *session) Data(r io.Reader) (err error) {
	says := s.server.says()
	if says.BeforeData != nil {
		says.BeforeData()
	}
	if s.post.Body, err = io.ReadAll(r); err != nil {
		return err
	}
	if says.Data != nil {
		return says.Data
	}
	_, s.post.Encrypted = s.connection.TLSConnectionState()
	s.server.Posts <- s.post
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
