package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

// doctorTimeout bounds all that a doctor does; LiveKit takes half a minute to say
// that there is no recorder.
const doctorTimeout = 90 * time.Second

// doctorCommand is `anteroom doctor`.
type doctorCommand struct {
	serveFlags  `embed:""`
	JSON        bool          `name:"json" help:"Print one line of JSON for each finding."`
	WebhookWait time.Duration `help:"How long to wait for LiveKit's webhook." default:"15s" placeholder:"DURATION"`

	clock clockwork.Clock // nil for that of this machine
}

// Help shows how it is used.
func (doctorCommand) Help() string {
	return `Examples:
  anteroom doctor --config /etc/anteroom.yaml        with the settings of anteroom serve
  anteroom doctor --json                             for scripts

Run it with the settings of an anteroom serve that runs, where that runs. It looks at all that Anteroom
needs, a line for each: ok, warn, fail, or absent for what this installation does not have. The exit code
is 1 when something failed. It makes an empty room at LiveKit, enters it, and deletes it; the webhooks of
that stay in the inbox as ignored events. It writes a small file into the store, and deletes it.

docs/troubleshooting.md has a paragraph for each line that is not ok.`
}

// verdict is how something is.
type verdict string

// The verdicts. What is absent is no fault.
const (
	verdictOK     verdict = "ok"
	verdictWarn   verdict = "warn"
	verdictFail   verdict = "fail"
	verdictAbsent verdict = "absent"
)

// finding is one line of a doctor.
type finding struct {
	Check  string  `json:"check"`
	Status verdict `json:"status"`
	Text   string  `json:"text"`
	Detail string  `json:"detail,omitempty"`
	Do     string  `json:"do,omitempty"` // what to do; "" when all is well
}

// symptom is what can be found wrong, and a heading of docs/troubleshooting.md.
type symptom struct{ text, do string }

// doctor looks at an installation.
type doctor struct {
	config      Config
	flags       serveFlags
	webhookWait time.Duration
	db          *db.DB       // nil when it cannot be reached
	mail        *mail.Sender // nil for none
	livekit     *livekit.Provider
}

// check looks at one thing, or at several that hang together.
type check struct {
	name string
	run  func(context.Context) []finding
}

// checks are all that there are, in the order in which they are told. Each runs
// by itself, beside the others.
func (d *doctor) checks() []check {
	return []check{
		{"database", d.checkDatabase},
		{"migrations", d.checkMigrations},
		{"public url", d.checkPublicURL},
		{"certificate", d.checkCertificate},
		{"store", d.checkStore},
		{"livekit", d.checkLiveKit},
		{"clocks", d.checkClocks},
		{"livekit room", d.checkRoom},
		{"sip", d.checkSIP},
		{"recorder", d.checkRecorder},
		{"sign-in", d.checkOpenID},
		{"mail", d.checkMail},
	}
}

// errSick is that of a doctor who found something.
var errSick = errors.New("not all is well")

// Run looks at everything.
func (c *doctorCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	d, err := c.doctor(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	failed := false
	for _, found := range d.examine(ctx) {
		for f := range found {
			failed = failed || f.Status == verdictFail
			if err := c.print(os.Stdout, f); err != nil {
				return err
			}
		}
	}
	if failed {
		return errSick
	}
	return nil
}

func (c *doctorCommand) doctor(ctx context.Context) (*doctor, error) {
	config, _ := c.gather() // what is wrong was said
	if c.clock != nil {
		config.Clock = c.clock
	}
	provider, err := livekit.New(config.LiveKit)
	if err != nil {
		return nil, err
	}
	d := &doctor{config: config, flags: c.serveFlags, webhookWait: c.WebhookWait, livekit: provider, mail: config.Recording.Mail}
	d.db, _ = db.Open(ctx, config.DatabaseURL) // what is wrong is found by its check
	return d, nil
}

func (d *doctor) close() {
	if d.db != nil {
		_ = d.db.Close()
	}
}

// examine runs all checks at once, and gives what each finds as it is found.
func (d *doctor) examine(ctx context.Context) []chan finding {
	all := make([]chan finding, 0, len(d.checks()))
	for _, c := range d.checks() {
		found := make(chan finding, 16)
		all = append(all, found)
		go func() {
			defer close(found)
			for _, f := range c.run(ctx) {
				if f.Check == "" {
					f.Check = c.name
				}
				found <- f
			}
		}()
	}
	return all
}

func (c *doctorCommand) print(w io.Writer, f finding) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(f)
	}
	line := fmt.Sprintf("%-6s %-13s %s", f.Status, f.Check, f.Text)
	if f.Detail != "" {
		line += ": " + f.Detail
	}
	if f.Do != "" {
		line += ". " + f.Do
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

// What checks find. An error's text holds no secret: what is away says where it is.

func ok(format string, args ...any) []finding {
	return []finding{{Status: verdictOK, Text: fmt.Sprintf(format, args...)}}
}

func absent(s symptom) []finding {
	return []finding{{Status: verdictAbsent, Text: s.text, Do: s.do}}
}

func warn(s symptom, detail any) []finding { return found(verdictWarn, s, detail) }

func fail(s symptom, detail any) []finding { return found(verdictFail, s, detail) }

func found(v verdict, s symptom, detail any) []finding {
	f := finding{Status: v, Text: s.text, Do: s.do}
	if detail != nil {
		f.Detail = oneLine(fmt.Sprint(detail))
	}
	return []finding{f}
}

// maxDetail bounds what is told of what others say, in characters.
const maxDetail = 800

// oneLine has a page that somebody answered with take no more than its line.
func oneLine(s string) string {
	line := []rune(strings.Join(strings.Fields(s), " "))
	if len(line) > maxDetail {
		return string(line[:maxDetail]) + "…"
	}
	return string(line)
}

// under gives findings a name of their own.
func under(check string, all []finding) []finding {
	for i := range all {
		all[i].Check = check
	}
	return all
}
