package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/recording"
)

// tellingFlags are the settings of what people are told, and in which words.
type tellingFlags struct {
	MailURL         string            `name:"mail-url" help:"The mail server: smtp://USER:PASSWORD@HOST:PORT with STARTTLS, smtps://… with TLS, smtp://localhost:25?tls=none without. Without one nobody is told by mail." env:"ANTEROOM_MAIL_URL" placeholder:"URL" secret:""`
	MailFrom        string            `help:"Whom mails are from." env:"ANTEROOM_MAIL_FROM" placeholder:"NAME <ADDRESS>"`
	Language        string            `help:"The language of those who have not said theirs: en, fr, de or nl." default:"en" env:"ANTEROOM_LANGUAGE" placeholder:"TAG"`
	TimeZone        string            `help:"The time zone of those who have not said theirs." default:"UTC" env:"ANTEROOM_TIME_ZONE" placeholder:"ZONE"`
	RecordingTitles map[string]string `help:"What recordings are called, by language: 'en={room_name} on {date};fr={room_name}, {date}'. {time} is the third that there is. Other languages keep their own." env:"ANTEROOM_RECORDING_TITLES" placeholder:"TAG=TEMPLATE;…"`
}

// mailTimeout bounds each of two steps of a mail; both have to fit into the time of
// a job.
const mailTimeout = 20 * time.Second

// telling adds to what the program runs with how people are told, and where they
// open it.
func (f tellingFlags) telling(c *recording.Config, publicURL string, clock clockwork.Clock) error {
	c.ConsoleURL = strings.TrimRight(publicURL, "/")
	c.Reader = mail.Reader{Language: f.Language, TimeZone: f.TimeZone}
	if u, err := url.Parse(c.ConsoleURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("--public-url: %q is no https://HOST", c.ConsoleURL)
	}
	var problems []error
	languages, err := mail.NewLanguages(f.RecordingTitles)
	if err != nil {
		problems = append(problems, fmt.Errorf("--recording-titles: %w", err))
	} else {
		problems = append(problems, languages.Check(c.Reader))
	}
	c.Languages = languages
	if c.Mail, err = f.sender(clock); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// sender is nil where nobody is told by mail.
func (f tellingFlags) sender(clock clockwork.Clock) (*mail.Sender, error) {
	switch {
	case f.MailURL == "":
		return nil, nil
	case f.MailFrom == "":
		return nil, errors.New("--mail-from: whom are mails from?")
	}
	return mail.New(mail.Config{URL: f.MailURL, From: f.MailFrom, Timeout: mailTimeout, Clock: clock})
}
