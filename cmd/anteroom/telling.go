package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/recording"
)

// tellingFlags are the settings of what people are told, and in which words.
type tellingFlags struct {
	PublicURL       string            `name:"public-url" help:"Where people open Anteroom: for the links in mails. The address that is served otherwise." env:"ANTEROOM_PUBLIC_URL" placeholder:"URL"`
	MailURL         string            `name:"mail-url" help:"The mail server: smtp://USER:PASSWORD@HOST:PORT with STARTTLS, smtps://… with TLS, smtp://localhost:25?tls=none without. Better in the environment or a file, where others do not see it. Without one nobody is told by mail." env:"ANTEROOM_MAIL_URL" placeholder:"URL"`
	MailURLFile     string            `name:"mail-url-file" help:"A file with the mail server's URL in it." type:"path" env:"ANTEROOM_MAIL_URL_FILE" placeholder:"FILE"`
	MailFrom        string            `help:"Whom mails are from." env:"ANTEROOM_MAIL_FROM" placeholder:"NAME <ADDRESS>"`
	Language        string            `help:"The language of those who have not said theirs: en, fr, de or nl." default:"en" env:"ANTEROOM_LANGUAGE" placeholder:"TAG"`
	TimeZone        string            `help:"The time zone of those who have not said theirs." default:"UTC" env:"ANTEROOM_TIME_ZONE" placeholder:"ZONE"`
	RecordingTitles map[string]string `help:"What recordings are called, by language: 'en={room_name} on {date};fr={room_name}, {date}'. {time} is the third that there is. Other languages keep their own." env:"ANTEROOM_RECORDING_TITLES" placeholder:"TAG=TEMPLATE;…"`
}

// mailTimeout bounds each of two steps of a mail; both have to fit into the time of
// a job.
const mailTimeout = 20 * time.Second

// telling adds to what the program runs with how people are told; served is where
// they reach it if nothing else is said.
func (f tellingFlags) telling(c *recording.Config, served string, clock clockwork.Clock) error {
	c.ConsoleURL = strings.TrimRight(cmp.Or(f.PublicURL, served), "/")
	c.Reader = mail.Reader{Language: f.Language, TimeZone: f.TimeZone}
	if u, err := url.Parse(c.ConsoleURL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return fmt.Errorf("--public-url: %q is no https://HOST", c.ConsoleURL)
	}
	var err error
	if c.Languages, err = mail.NewLanguages(f.RecordingTitles); err != nil {
		return fmt.Errorf("--recording-titles: %w", err)
	}
	if err := c.Languages.Check(c.Reader); err != nil {
		return err
	}
	server, err := f.mailServer()
	if err != nil || server == "" {
		return err
	}
	if f.MailFrom == "" {
		return errors.New("whom are mails from? Say --mail-from")
	}
	c.Mail, err = mail.New(mail.Config{URL: server, From: f.MailFrom, Timeout: mailTimeout, Clock: clock})
	return err
}

func (f tellingFlags) mailServer() (string, error) {
	switch {
	case f.MailURLFile == "":
		return f.MailURL, nil
	case f.MailURL != "":
		return "", errors.New("the mail server's URL is said twice: by --mail-url and by --mail-url-file")
	}
	text, err := os.ReadFile(f.MailURLFile)
	if err != nil {
		return "", fmt.Errorf("--mail-url-file: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
