package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
)

// devCommand is `anteroom dev`.
type devCommand struct {
	Data          string `help:"Folder for the database, keys and logs; made when there is none." default:"data" type:"path" placeholder:"DIR"`
	Listen        string `help:"Address to serve on; port 0 takes any free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	LivekitServer string `help:"The livekit-server to run; else $ANTEROOM_LIVEKIT_SERVER, the one beside this program, ./bin, or PATH." placeholder:"PATH"`
	DatabaseURL   string `help:"Another database than SQLite in the data folder." env:"ANTEROOM_DATABASE_URL" placeholder:"URL" secret:""`
	JSON          bool   `name:"json" help:"Print one line of JSON when ready, and nothing else on standard output."`
	PublicURL     string `name:"public-url" help:"Where people open Anteroom, for links; the address that is served when not said." env:"ANTEROOM_PUBLIC_URL" placeholder:"URL"`
	Verbose       bool   `short:"v" help:"Log what happens, not only what goes wrong."`

	telephonyFlags `embed:""`
	recordingFlags `embed:""`
	storageFlags   `embed:""`
	inboxFlags     `embed:""`
	tellingFlags   `embed:""`
	telemetryFlags `embed:""`
	signInFlags    `embed:""`
}

// Help shows how it is used.
func (devCommand) Help() string {
	return `Examples:
  anteroom dev                                    everything in ./data, on port 8080
  anteroom dev --listen 127.0.0.1:0 --json        for scripts: any free port, told as JSON
  anteroom dev --data /tmp/try --no-telephony     another folder, and no dialling in

Open the printed URL: it signs you in. Ctrl-C ends everything that was started.`
}

// exampleNumber is of a range that France keeps free for fiction.
const exampleNumber = "+33199001234=Example, does not ring"

// Run runs until ctx is done.
func (c *devCommand) Run(ctx context.Context) error {
	log, stop, err := c.start(ctx, logTo(os.Stderr, c.Verbose).Handler())
	if err != nil {
		return err
	}
	defer stop()
	d, err := c.prepare(log)
	if err != nil {
		return err
	}
	defer d.close()
	c.say("starting LiveKit…")
	lk, err := embedded.Start(ctx, embedded.Options{
		Binary: c.LivekitServer, Dir: d.folder.path, APIKey: d.folder.keys.LivekitKey, APISecret: d.folder.keys.LivekitSecret,
		WebhookURLs: []string{"http://" + reachable(d.listener.Addr()) + "/anteroom.v1.WebhookService/ReceiveLiveKit"},
	})
	if err != nil {
		return err
	}
	defer lk.Stop()
	c.say("opening the database…")
	d.config.LiveKit.InternalURL, d.config.LiveKit.PublicURL = lk.URL(), lk.WSURL()
	a, err := build(ctx, d.config)
	if err != nil {
		return err
	}
	// This LiveKit is new and empty, whatever the last one held when it ended.
	if err := a.meeting.Abandon(ctx, a.db); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-lk.Exited():
			cancel(fmt.Errorf("LiveKit has ended; its log is %s", filepath.Join(d.folder.path, "livekit-server.log")))
		case <-ctx.Done():
		}
	}()
	if err := a.run(ctx, d.listener, func() error { return c.announce(d, lk) }); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// devRun is what `anteroom dev` has in hand before it starts anything.
type devRun struct {
	folder   *folder
	listener net.Listener
	tokens   *auth.DevTokens
	config   Config
}

func (d *devRun) close() {
	if d.listener != nil {
		_ = d.listener.Close()
	}
	d.folder.close()
}

// prepare takes the data folder and the address, so that what is in use is said
// before anything starts.
func (c *devCommand) prepare(log *slog.Logger) (*devRun, error) {
	f, err := openFolder(c.Data)
	if err != nil {
		return nil, err
	}
	d := &devRun{folder: f}
	if err := c.fill(d, log); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (c *devCommand) fill(d *devRun, log *slog.Logger) (err error) {
	if d.listener, err = listen(c.Listen, "listen"); err != nil {
		return err
	}
	if len(c.DialInNumbers) == 0 {
		c.DialInNumbers = []string{exampleNumber}
	}
	telephony, err := c.config()
	if err != nil {
		return err
	}
	recorded, err := c.recording()
	if err != nil {
		return err
	}
	clock := clockwork.NewRealClock()
	publicURL := "http://" + reachable(d.listener.Addr())
	if err := c.telling(&recorded, cmp.Or(c.PublicURL, publicURL), clock); err != nil {
		return err
	}
	signIn, err := c.signIn(cmp.Or(c.PublicURL, publicURL), true, clock, log)
	if err != nil {
		return err
	}
	keys := d.folder.keys
	if c.StorageURL == "" {
		c.StorageURL = recordingsIn(d.folder.path)
	}
	d.tokens = auth.NewDevTokens(keys.Secret, clock)
	d.config = Config{
		DatabaseURL: c.databaseURL(d.folder), Telephony: telephony, Secret: keys.Secret, Provider: video.LiveKit,
		LiveKit: livekit.Config{
			APIKey: keys.LivekitKey, APISecret: keys.LivekitSecret, Clock: clock,
		},
		Recording: recorded,
		Storage:   storage.Config{PublicURL: publicURL},
		Verifiers: []auth.Verifier{d.tokens}, Clock: clock, Log: log,
		KeepBodies: c.KeepEventBodies, SignIn: signIn,
	}
	if err := c.fillStorage(&d.config); err != nil {
		return err
	}
	return errors.Join(c.recorder(&d.config.LiveKit), c.telephone(&d.config.LiveKit))
}

func (c *devCommand) databaseURL(f *folder) string {
	if c.DatabaseURL != "" {
		return c.DatabaseURL
	}
	return "sqlite:" + databaseIn(f.path)
}

// ready is what `--json` prints.
type ready struct {
	URL              string `json:"url"`
	AdminToken       string `json:"admin_token"`
	UserToken        string `json:"user_token"`
	LivekitURL       string `json:"livekit_url"`
	LivekitAPIKey    string `json:"livekit_api_key"`
	LivekitAPISecret string `json:"livekit_api_secret"`
	LivekitRedis     string `json:"livekit_redis"` // where workers of LiveKit find it: its recorder, its telephone gateway
}

func (c *devCommand) announce(d *devRun, lk *embedded.Server) error {
	admin, err := d.tokens.Issue(auth.Identity{Subject: "admin", Email: "admin@example.org", FullName: "Ada Admin", Operator: true})
	if err != nil {
		return err
	}
	user, err := d.tokens.Issue(auth.Identity{Subject: "user", Email: "user@example.org", FullName: "Uma User"})
	if err != nil {
		return err
	}
	r := ready{
		URL: "http://" + reachable(d.listener.Addr()), AdminToken: admin, UserToken: user,
		LivekitURL: lk.URL(), LivekitAPIKey: d.folder.keys.LivekitKey, LivekitAPISecret: d.folder.keys.LivekitSecret,
		LivekitRedis: lk.RedisAddr(),
	}
	return c.print(os.Stdout, r)
}

func (c *devCommand) print(w io.Writer, r ready) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(r)
	}
	_, err := fmt.Fprintf(w, `
Anteroom is ready. Open

  %s/#token=%s

as an operator, or as an ordinary user in another window:

  %s/#token=%s

Ctrl-C ends it.
`, r.URL, url.QueryEscape(r.AdminToken), r.URL, url.QueryEscape(r.UserToken))
	return err
}

// say tells a person what goes on; scripts read standard output.
func (c *devCommand) say(line string) {
	if !c.JSON {
		_, _ = fmt.Fprintln(os.Stderr, line)
	}
}
