// Package mail writes mails in the reader's language and time zone, and hands
// them to a mail server. It keeps nothing and tries once: who sends a mail does
// so in a job.
package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jonboulle/clockwork"
	gomail "github.com/wneessen/go-mail"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// What may become of a mail that was not sent.
var (
	// ErrRefused: the mail server does not want it, and will not later.
	ErrRefused = fault.New(fault.Invalid, "mail_refused", "the mail server refused this mail")
	// ErrUnavailable: try again.
	ErrUnavailable = fault.New(fault.Unavailable, "mail_unavailable", "the mail server does not take mails now")
)

// Message is a mail to one person.
type Message struct {
	// ID is the Message-ID, something@host. A mail that is sent once more with the
	// same one is shown once by most programs.
	ID      string
	To      string // an address
	ToName  string // may be empty
	Content Content
}

// Content is what somebody reads.
type Content struct {
	Language string // BCP 47
	Subject  string
	Text     string
	HTML     string
}

// Config says how mails leave.
type Config struct {
	// URL is smtp://user:password@host:port, where STARTTLS is demanded, or
	// smtps://…, which is TLS from the first byte. smtp://host:port?tls=none is
	// for a server on the same machine, and without a password.
	URL     string
	From    string         // Name <address>
	RootCAs *x509.CertPool // the system's if nil
	Timeout time.Duration  // of connecting, and then of sending; 30 seconds if not said
	Clock   clockwork.Clock
}

// Sender hands mails to a mail server, each over a connection of its own.
type Sender struct {
	from   *mail.Address
	host   string // of the sender's address
	client *gomail.Client
	clock  clockwork.Clock
}

const defaultTimeout = 30 * time.Second

// New makes a sender. Nothing is connected yet.
func New(c Config) (*Sender, error) {
	from, host, err := senderOf(c.From)
	u, options, notServer := serverOf(c.URL)
	if err := errors.Join(err, notServer); err != nil {
		return nil, err
	}
	client, err := gomail.NewClient(u.Hostname(), append(options, gomail.WithTimeout(cmp.Or(c.Timeout, defaultTimeout)), gomail.WithoutNoop())...)
	if err != nil {
		return nil, err
	}
	err = client.SetTLSConfig(&tls.Config{ServerName: u.Hostname(), RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12})
	return &Sender{from, host, client, c.Clock}, err
}

func senderOf(address string) (from *mail.Address, host string, err error) {
	if from, err = mail.ParseAddress(address); err != nil {
		return nil, "", fmt.Errorf("--mail-from: the sender of mails: %w", err)
	}
	_, host, _ = strings.Cut(from.Address, "@")
	if !messageID.MatchString("id@" + host) {
		return nil, "", errors.New("--mail-from: the host of the address that mails are from is no name in ASCII")
	}
	return from, host, nil
}

func serverOf(raw string) (*url.URL, []gomail.Option, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return nil, nil, errors.New("--mail-url: the mail server's URL cannot be read") // without it: there may be a password in it
	}
	options, err := connection(u)
	if err != nil {
		return nil, nil, fmt.Errorf("--mail-url: %w", err)
	}
	return u, options, nil
}

// MessageID is the Message-ID of this installation for a name that is unique in
// it: letters and digits of ASCII, and hyphens.
func (s *Sender) MessageID(name string) string { return name + "@" + s.host }

func connection(u *url.URL) ([]gomail.Option, error) {
	q := u.Query()
	plain := q.Get("tls") == "none"
	q.Del("tls")
	var options []gomail.Option
	port := 587
	switch {
	case u.Path != "" || len(q) > 0 || !plain && u.Query().Has("tls"):
		return nil, errors.New("the mail server's URL has a part that means nothing here")
	case u.Scheme == "smtps" && !plain:
		port, options = 465, append(options, gomail.WithSSL())
	case u.Scheme == "smtp" && plain:
		port, options = 25, append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case u.Scheme == "smtp":
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	default:
		return nil, errors.New("a mail server is smtp://… or smtps://…")
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, errors.New("the mail server's port is no number")
		}
		port = n
	}
	options = append(options, gomail.WithPort(port))
	if u.User == nil {
		return options, nil
	}
	if plain {
		return nil, errors.New("a mail server's password needs TLS")
	}
	password, _ := u.User.Password()
	return append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
		gomail.WithUsername(u.User.Username()), gomail.WithPassword(password)), nil
}

// messageID is what RFC 5322 calls a dot-atom on both sides, nearly.
var messageID = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,128}@[A-Za-z0-9.-]{1,128}$`)

// Send hands over one mail: ErrRefused if it is in vain, ErrUnavailable if it
// should be tried again. Nil says that the server has taken it.
func (s *Sender) Send(ctx context.Context, m Message) error {
	message, err := s.message(m)
	if err != nil {
		return ErrRefused.Because(err)
	}
	err = s.client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() { // what fails while hanging up is not the mail's fault
		return nil
	}
	var failed *gomail.SendError
	if errors.As(err, &failed) && failed.ErrorCode() >= 500 {
		return ErrRefused.Because(answered(failed))
	}
	if failed != nil {
		return ErrUnavailable.Because(answered(failed))
	}
	return ErrUnavailable.Because(err)
}

// Check sees that the mail server lets us in, ErrUnavailable if not, and that it takes
// mails of our sender, else ErrRefused; no mail is sent.
func (s *Sender) Check(ctx context.Context) error {
	server, err := s.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return ErrUnavailable.Because(err)
	}
	defer func() { _ = s.client.CloseWithSMTPClient(server) }()
	err = server.Mail("<" + s.from.Address + ">")
	if said, ok := errors.AsType[*textproto.Error](err); ok && said.Code >= 500 {
		return ErrRefused.Because(err)
	}
	if err != nil {
		return ErrUnavailable.Because(err)
	}
	return nil
}

// answered leaves out what the server said: it likes to repeat the address.
func answered(failed *gomail.SendError) error {
	return fmt.Errorf("%s: %d %s", failed.Reason, failed.ErrorCode(), failed.EnhancedStatusCode())
}

func (s *Sender) message(m Message) (*gomail.Msg, error) {
	if !messageID.MatchString(m.ID) {
		return nil, errors.New("a Message-ID is something@host")
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil || to.Name != "" {
		return nil, errors.New("not one address")
	}
	to.Name = oneLine(m.ToName)
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.SetMessageIDWithValue(m.ID)
	message.SetDateWithValue(s.clock.Now().UTC())
	message.Subject(oneLine(m.Content.Subject))
	message.SetGenHeader("Content-Language", m.Content.Language)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no "I am away", please
	message.SetBodyString(gomail.TypeTextPlain, m.Content.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.Content.HTML)
	return message, nil
}

// oneLine keeps what people wrote from ending a header.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}
