package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
)

// reconcileCommand is `anteroom reconcile`. It has the settings of anteroom serve,
// as what it finds is taken in as if it had been told.
type reconcileCommand struct {
	serveFlags `embed:""`
	Data       string `help:"Data folder of a running anteroom dev: its database, its LiveKit and its recordings, where nothing else is said." type:"path" placeholder:"DIR"`
	JSON       bool   `name:"json" help:"Print what was mended as one line of JSON."`
	Verbose    bool   `short:"v" help:"Log each thing that is mended."`
}

// Help shows how it is used.
func (reconcileCommand) Help() string {
	return `Examples:
  anteroom reconcile --data data             beside an anteroom dev that runs in ./data
  anteroom reconcile --json                  with the settings of the environment, for scripts
  anteroom reconcile --config /etc/anteroom.yaml     with those of anteroom serve

Give it the settings of the anteroom serve that runs: what is recorded by itself begins where this
command finds that somebody is in, and is named and kept as they say.

A running Anteroom does this by itself every 30 seconds, so the command is for looking, and for after a
repair. It may run beside Anteroom, on SQLite too. It mends the account, and asks for dispatch rules to
be settled and recordings to be begun: that is done by Anteroom, at once or when it runs again. What is printed is a line for each
kind of thing that was mended, with its number. The exit code is 0 when LiveKit answered, whatever
there was to mend, and 1 when not all could be asked.`
}

// Run reconciles once.
func (c *reconcileCommand) Run(ctx context.Context) error {
	config, err := c.gathered()
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
	return errors.Join(err, a.close())
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

// problems are found by Run, which looks into the folder first.
func (*reconcileCommand) problems() []problem { return nil }

// gathered is the configuration of anteroom serve, less what only those need who
// serve.
func (c *reconcileCommand) gathered() (Config, error) {
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
	c.PublicURL = cmp.Or(c.PublicURL, unlinked)
	config, found := c.gather()
	found = slices.DeleteFunc(found, func(p problem) bool { return p.setting == "secret" })
	if len(found) > 0 {
		for i := range found {
			found[i].setting = "--" + found[i].setting
		}
		return Config{}, problems(found)
	}
	config.Log, config.SignIn, config.StorageQueue = logTo(os.Stderr, c.Verbose), signInConfig{}, ""
	return config, nil
}

// unlinked stands for a public URL where none is said: no links are made here.
const unlinked = "http://localhost"

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
		&c.DatabaseURL: "sqlite:" + databaseIn(c.Data), &c.StorageURL: recordingsIn(c.Data),
		&c.LivekitURL: server.URL, &c.LivekitAPIKey: server.APIKey, &c.LivekitAPISecret: server.APISecret,
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
