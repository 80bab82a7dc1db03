package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
)

// reconcileCommand is `anteroom reconcile`.
type reconcileCommand struct {
	Data             string `help:"Data folder of a running anteroom dev: its database and its LiveKit, where nothing else is said." type:"path" placeholder:"DIR"`
	DatabaseURL      string `help:"The database: postgres://… or sqlite:PATH." env:"ANTEROOM_DATABASE_URL" placeholder:"URL" secret:""`
	LivekitURL       string `help:"Where LiveKit's API is." env:"ANTEROOM_LIVEKIT_URL" placeholder:"URL"`
	LivekitAPIKey    string `help:"LiveKit's API key." env:"ANTEROOM_LIVEKIT_API_KEY" placeholder:"KEY"`
	LivekitAPISecret string `help:"Its secret; better in the environment, where others do not see it." env:"ANTEROOM_LIVEKIT_API_SECRET" placeholder:"SECRET" secret:""`
	Telephony        bool   `help:"Whether to look at dispatch rules too." default:"true" negatable:"" env:"ANTEROOM_TELEPHONY"`
	JSON             bool   `name:"json" help:"Print what was mended as one line of JSON."`
	Verbose          bool   `short:"v" help:"Log each thing that is mended."`
}

// Help shows how it is used.
func (reconcileCommand) Help() string {
	return `Examples:
  anteroom reconcile --data data             beside an anteroom dev that runs in ./data
  anteroom reconcile --json                  with the settings of the environment, for scripts

A running Anteroom does this by itself every 30 seconds, so the command is for looking, and for after a
repair. It may run beside Anteroom, on SQLite too. It mends the account, and asks for dispatch rules to
be settled: that is done by Anteroom, at once or when it runs again. What is printed is a line for each
kind of thing that was mended, with its number. The exit code is 0 when LiveKit answered, whatever
there was to mend, and 1 when not all could be asked.`
}

// Run reconciles once.
func (c *reconcileCommand) Run(ctx context.Context) error {
	config, err := c.config()
	if err != nil {
		return err
	}
	d, err := openMigrated(ctx, config.DatabaseURL)
	if err != nil {
		return err
	}
	a, err := assemble(ctx, config, d)
	if err != nil {
		return err
	}
	mended, err := a.reconcile(ctx)
	if err == nil || len(mended) > 0 {
		err = errors.Join(err, c.print(os.Stdout, mended))
	}
	return errors.Join(err, a.db.Close())
}

// reconcile asks once what is true, and gives what was mended, by kind. What is
// left to do is enqueued, for who runs jobs.
func (a *app) reconcile(ctx context.Context) (map[string]int, error) {
	account, accountErr := a.inbox.Reconcile(ctx)
	rules, rulesErr := a.sip.Review(ctx)
	mended := map[string]int{}
	maps.Copy(mended, account)
	maps.Copy(mended, rules)
	return mended, errors.Join(accountErr, rulesErr)
}

func (c *reconcileCommand) config() (Config, error) {
	if c.Data != "" {
		if err := c.readFolder(); err != nil {
			return Config{}, err
		}
	}
	switch {
	case c.DatabaseURL == "":
		return Config{}, errors.New("which database? Say --database-url, or --data for that of anteroom dev")
	case c.LivekitURL == "" || c.LivekitAPIKey == "" || c.LivekitAPISecret == "":
		return Config{}, errors.New("which LiveKit? Say --livekit-url, --livekit-api-key and --livekit-api-secret, or --data for that of anteroom dev")
	}
	clock := clockwork.NewRealClock()
	return Config{
		DatabaseURL: c.DatabaseURL, Clock: clock, Log: logTo(os.Stderr, c.Verbose), Provider: video.LiveKit,
		LiveKit: livekit.Config{
			InternalURL: c.LivekitURL, PublicURL: c.LivekitURL, APIKey: c.LivekitAPIKey, APISecret: c.LivekitAPISecret, Clock: clock,
		},
		Telephony: sip.Config{On: c.Telephony, PinLength: sip.MaxPinLength}, // none is made here
	}, nil
}

// readFolder takes from the data folder what is not said.
func (c *reconcileCommand) readFolder() error {
	server, err := embedded.Configured(c.Data)
	if err != nil {
		return fmt.Errorf("no anteroom dev has run in %s: %w", c.Data, err)
	}
	if _, err := os.Stat(databaseIn(c.Data)); err != nil && c.DatabaseURL == "" {
		return fmt.Errorf("%s has no database: say --database-url as anteroom dev was told", c.Data)
	}
	for setting, found := range map[*string]string{
		&c.DatabaseURL: "sqlite:" + databaseIn(c.Data),
		&c.LivekitURL:  server.URL, &c.LivekitAPIKey: server.APIKey, &c.LivekitAPISecret: server.APISecret,
	} {
		if *setting == "" {
			*setting = found
		}
	}
	return nil
}

func (c *reconcileCommand) print(w io.Writer, mended map[string]int) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(struct {
			Mended map[string]int `json:"mended"`
		}{mended})
	}
	if len(mended) == 0 {
		_, err := fmt.Fprintln(w, "nothing to mend")
		return err
	}
	for _, kind := range slices.Sorted(maps.Keys(mended)) {
		if _, err := fmt.Fprintf(w, "%-18s %d\n", kind, mended[kind]); err != nil {
			return err
		}
	}
	return nil
}
