package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/user"
)

// apiKeyCommand is `anteroom apikey`.
type apiKeyCommand struct {
	Create apiKeyCreate `cmd:"" help:"Make a key for an application and print it, once."`
	List   apiKeyList   `cmd:"" help:"List keys, without their secrets."`
	Revoke apiKeyRevoke `cmd:"" help:"End a key at once."`
}

// Help shows how it is used.
func (apiKeyCommand) Help() string {
	var scopes []string
	for _, s := range access.Scopes {
		scopes = append(scopes, string(s))
	}
	return `Keys of one name are one application. To rotate a key, make a second one of the same name, have the application
use it, see in the list that the first is used no more, and revoke that.

Scopes: ` + strings.Join(scopes, ", ") + `.`
}

// keyDatabase says in which database the keys are.
type keyDatabase struct {
	Data        string `help:"Data folder of an anteroom dev, whose database it is where nothing else is said." type:"path" placeholder:"DIR"`
	DatabaseURL string `help:"The database: postgres://… or sqlite:PATH." env:"ANTEROOM_DATABASE_URL" placeholder:"URL" secret:""`
	JSON        bool   `name:"json" help:"Print JSON, a line for each key."`
}

// with does something with the keys.
func (k keyDatabase) with(ctx context.Context, do func(*user.Users) error) (err error) {
	databaseURL := k.DatabaseURL
	if databaseURL == "" && k.Data != "" {
		if _, err := os.Stat(databaseIn(k.Data)); err != nil {
			return fmt.Errorf("%s has no database: no anteroom dev has run there", k.Data)
		}
		databaseURL = "sqlite:" + databaseIn(k.Data)
	}
	if databaseURL == "" {
		return errors.New("which database? Say --database-url, or --data for that of anteroom dev")
	}
	d, err := openMigrated(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return do(user.New(d, clockwork.NewRealClock()))
}

type apiKeyCreate struct {
	keyDatabase `embed:""`
	Name        string        `required:"" help:"The application's name: lower-case letters, digits and hyphens."`
	Scope       []string      `required:"" help:"What it may do, separated by commas; see anteroom apikey --help."`
	Expire      time.Duration `help:"After how long the key ends; never when nothing is said." placeholder:"DURATION"`
}

// Help shows how it is used.
func (apiKeyCreate) Help() string {
	return `Examples:
  anteroom apikey create --name booking --scope rooms:read,rooms:write --expire 2160h
  anteroom apikey create --config /etc/anteroom.yaml --name support --scope meetings:read,operator --json`
}

// Run makes a key.
func (c *apiKeyCreate) Run(ctx context.Context) error {
	return c.with(ctx, func(users *user.Users) error {
		n := user.NewKey{Name: c.Name, Scopes: c.Scope}
		if c.Expire != 0 {
			at := time.Now().Add(c.Expire)
			n.ExpireTime = &at
		}
		key, secret, err := users.CreateKey(ctx, n)
		if err != nil {
			return err
		}
		if c.JSON {
			return printKey(os.Stdout, key, secret)
		}
		_, err = fmt.Fprintf(os.Stdout, "%s\n", secret)
		_, _ = fmt.Fprintln(os.Stderr, "This is the key; it is shown once. Send it as Authorization: Bearer …")
		return err
	})
}

type apiKeyList struct {
	keyDatabase `embed:""`
	Name        string `help:"Only this application's."`
}

// Help shows how it is used.
func (apiKeyList) Help() string {
	return `Examples:
  anteroom apikey list --name booking
  anteroom apikey list --json           when each was used last, for scripts`
}

// Run lists them all.
func (c *apiKeyList) Run(ctx context.Context) error {
	return c.with(ctx, func(users *user.Users) error {
		var keys []*ent.ApiKey
		for after, more := uuid.Nil, true; more; {
			var page []*ent.ApiKey
			var err error
			if page, more, err = users.ListKeys(ctx, c.Name, after, 100); err != nil {
				return err
			}
			if keys = append(keys, page...); more {
				after = page[len(page)-1].ID
			}
		}
		return c.print(os.Stdout, keys)
	})
}

func (c *apiKeyList) print(w io.Writer, keys []*ent.ApiKey) error {
	if c.JSON {
		for _, k := range keys {
			if err := printKey(w, k, ""); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tNAME\tBEGINS WITH\tEXPIRES\tLAST USED\tREVOKED\tSCOPES")
	for _, k := range keys {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Name, auth.KeyPrefix+k.Prefix,
			at(k.ExpireTime), at(k.LastUseTime), at(k.RevokeTime), strings.Join(k.Scopes, ","))
	}
	return table.Flush()
}

func at(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

type apiKeyRevoke struct {
	keyDatabase `embed:""`
	ID          string `arg:"" help:"The key's id."`
}

// Help shows how it is used.
func (apiKeyRevoke) Help() string {
	return `Examples:
  anteroom apikey revoke 01930000-0000-7000-8000-000000000001`
}

// Run revokes one.
func (c *apiKeyRevoke) Run(ctx context.Context) error {
	id, err := uuid.Parse(c.ID)
	if err != nil {
		return fmt.Errorf("%q is no key's id: see anteroom apikey list", c.ID)
	}
	return c.with(ctx, func(users *user.Users) error {
		key, err := users.RevokeKey(ctx, id)
		if err != nil {
			return err
		}
		return printKey(os.Stdout, key, "")
	})
}

// printKey prints a key as a line of JSON.
func printKey(w io.Writer, k *ent.ApiKey, secret string) error {
	return json.NewEncoder(w).Encode(struct { //nolint:gosec // the one time that somebody sees it
		ID          uuid.UUID  `json:"id"`
		Name        string     `json:"name"`
		Prefix      string     `json:"prefix"`
		Scopes      []string   `json:"scopes"`
		CreateTime  time.Time  `json:"create_time"`
		ExpireTime  *time.Time `json:"expire_time,omitempty"`
		LastUseTime *time.Time `json:"last_use_time,omitempty"`
		RevokeTime  *time.Time `json:"revoke_time,omitempty"`
		Secret      string     `json:"secret,omitempty"`
	}{k.ID, k.Name, auth.KeyPrefix + k.Prefix, k.Scopes, k.CreateTime, k.ExpireTime, k.LastUseTime, k.RevokeTime, secret})
}
