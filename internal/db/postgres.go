package db

import (
	"context"
	"database/sql/driver"
	"maps"
	"net/url"
	"strconv"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/lib/pq"

	"github.com/anteroom-dev/anteroom/ent"
)

// Our own parameters of a Postgres URL; the server would not know them.
const (
	paramStatementCache = "statement_cache"
	paramMaxConns       = "pool_max_conns"
)

// planning has Postgres plan a prepared statement once and not anew for each
// call: ours find rows by keys, so one plan fits all. It must not be the plan for
// the small table that was there at the first call, which would be to read the whole of
// it, for ever. (Compiling such a plan, as its forbidding cost would suggest,
// does not pay either.) What the URL says about these goes before.
var planning = map[string]string{
	"plan_cache_mode": "force_generic_plan",
	"enable_seqscan":  "off",
	"jit":             "off",
}

const (
	defaultMaxConns = 20
	connMaxLifetime = 30 * time.Minute
	connectTimeout  = 10 * time.Second
)

// postgresURL is a Postgres URL taken apart into lib/pq's part and ours.
type postgresURL struct {
	plain          string // without our parameters
	config         pq.Config
	statementCache bool
	maxConns       int
}

func openPostgres(ctx context.Context, rawURL string) (*DB, error) {
	u, err := parsePostgresURL(rawURL)
	if err != nil {
		return nil, err
	}
	connector, err := u.connector()
	if err != nil {
		return nil, ErrURL.Because(err)
	}
	pool := openPool(connector, "postgresql")
	pool.SetMaxOpenConns(u.maxConns)
	pool.SetMaxIdleConns(u.maxConns)
	pool.SetConnMaxLifetime(connMaxLifetime)
	d := &DB{
		Client:  ent.NewClient(ent.Driver(entsql.OpenDB(dialect.Postgres, pool))),
		SQL:     pool,
		Dialect: dialect.Postgres,
		plain:   u.plain,
	}
	return d.reachable(ctx)
}

func parsePostgresURL(rawURL string) (postgresURL, error) {
	parsed, err := url.Parse(rawURL)
	if err != nil {
		return postgresURL{}, ErrURL // the parser's own words would show the password
	}
	query := parsed.Query()
	u := postgresURL{maxConns: defaultMaxConns, statementCache: query.Get(paramStatementCache) != "off"}
	if n := query.Get(paramMaxConns); n != "" {
		if u.maxConns, err = strconv.Atoi(n); err != nil || u.maxConns < 2 {
			return postgresURL{}, ErrURL.Saying(paramMaxConns + " in the database URL must be a number from 2 up")
		}
	}
	query.Del(paramStatementCache)
	query.Del(paramMaxConns)
	parsed.RawQuery = query.Encode()
	u.plain = parsed.String()
	if u.config, err = pq.NewConfig(u.plain); err != nil {
		return postgresURL{}, ErrURL.Saying("the database URL is not understood by the Postgres driver")
	}
	return u, nil
}

// connector sets what must hold whatever the URL says: times come back in
// UTC, and a query with arguments takes one round trip.
func (u postgresURL) connector() (driver.Connector, error) {
	u.config.BinaryParameters = true
	u.config.TZ = "UTC"
	if u.config.FallbackApplicationName == "" {
		u.config.FallbackApplicationName = "anteroom"
	}
	if u.config.ConnectTimeout == 0 {
		u.config.ConnectTimeout = connectTimeout
	}
	size := statementCacheSize
	if u.statementCache {
		runtime := maps.Clone(planning)
		maps.Copy(runtime, u.config.Runtime)
		u.config.Runtime = runtime
	} else {
		size = 0
	}
	inner, err := pq.NewConnectorConfig(u.config)
	if err != nil {
		return nil, err
	}
	return &connector{Connector: inner, size: size}, nil
}
