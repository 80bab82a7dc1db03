package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
)

func (d *doctor) checkDatabase(ctx context.Context) []finding {
	again, err := db.Open(ctx, d.config.DatabaseURL)
	switch {
	case db.IsAway(err):
		return fail(databaseIsAway, err)
	case err != nil:
		return fail(databaseRefuses, err)
	}
	defer func() { _ = again.Close() }()
	if again.Migrated(ctx) == nil { // else checkMigrations tells
		if err := takesWrites(ctx, again); err != nil {
			return fail(databaseIsRead, err)
		}
	}
	return ok("%s answers", again.Dialect)
}

// takesWrites has a database that is migrated change no row: a standby refuses even
// that, and so does one whose tables are somebody else's.
func takesWrites(ctx context.Context, d *db.DB) error {
	return d.WebhookEvent.Update().Where(webhookevent.IDIn()).SetAttempts(0).Exec(ctx)
}

func (d *doctor) checkMigrations(ctx context.Context) []finding {
	if d.db == nil {
		return nil // said already
	}
	err := d.db.Migrated(ctx)
	switch {
	case errors.Is(err, db.ErrPending):
		return fail(pending, nil)
	case errors.Is(err, db.ErrNewer):
		return fail(newer, nil)
	case err != nil:
		return fail(databaseRefuses, err)
	}
	return ok("all are applied")
}

// checkPublicURL asks Anteroom for its life where browsers do.
func (d *doctor) checkPublicURL(ctx context.Context) []finding {
	public := d.flags.PublicURL
	said, err := fetch(ctx, public+"/healthz")
	switch {
	case err != nil:
		return fail(publicAway, err)
	case strings.TrimSpace(string(said)) != "ok":
		return fail(publicAway, "something else answers there")
	}
	if !d.encrypted(public) {
		return warn(publicPlain, public)
	}
	return ok("%s answers", public)
}

// certificateNoticed is how long before its end a certificate is told of: who renews
// them by a program does so a month before.
const certificateNoticed = 14 * 24 * time.Hour

// checkCertificate looks at the end of Anteroom's own; a proxy's is seen at the public
// URL.
func (d *doctor) checkCertificate(context.Context) []finding {
	if d.flags.TLSCert == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(d.flags.TLSCert, d.flags.TLSKey)
	if err != nil {
		return fail(certificateEnds, err)
	}
	end := pair.Leaf.NotAfter.UTC().Format(time.RFC3339)
	switch left := pair.Leaf.NotAfter.Sub(d.config.Clock.Now()); {
	case left <= 0:
		return fail(certificateEnds, "it ended at "+end)
	case left < certificateNoticed:
		return warn(certificateEnds, "at "+end)
	}
	return ok("it is good until %s", end)
}

// encrypted is whether browsers trust a URL: one that is encrypted, or of this
// machine, which is for development.
func (d *doctor) encrypted(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	if u.Scheme == "https" || u.Scheme == "wss" {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return d.flags.Development && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// maxFetched bounds what is read of an answer, in bytes.
const maxFetched = 1 << 10

// fetchTimeout bounds one question.
const fetchTimeout = 10 * time.Second

// fetch gets what is at a URL. Its errors do not repeat the URL's query, which may
// be signed.
func fetch(ctx context.Context, at string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return nil, errors.New("this is not a URL")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		if failed, is := errors.AsType[*url.Error](err); is {
			err = failed.Err
		}
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New("it answers " + response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxFetched))
}
