package dbtest_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestServerIsOurs is so that no test ever writes to a server that somebody
// else needs: the one in use is the one that was started, or the one named.
func TestServerIsOurs(t *testing.T) {
	url := dbtest.PostgresURL(t)
	if named := os.Getenv(dbtest.EnvPostgresURL); named != "" {
		assert.Equal(t, host(named), host(url))
		return
	}
	d := dbtest.Open(t, url)
	var cluster, folder string
	require.NoError(t, d.SQL.QueryRowContext(t.Context(),
		"SELECT current_setting('cluster_name'), current_setting('data_directory')").Scan(&cluster, &folder))
	assert.Equal(t, dbtest.Private().Name, cluster)
	assert.True(t, strings.HasPrefix(folder, os.TempDir()), folder)
}

func host(url string) string {
	before, _, _ := strings.Cut(url, "?")
	return before[:strings.LastIndex(before, "/")]
}

func TestEachDatabaseIsFresh(t *testing.T) {
	for range 2 {
		dbtest.Each(t, func(t *testing.T, d *db.DB) {
			ctx := t.Context()
			require.Zero(t, d.User.Query().CountX(ctx))
			now := time.Now()
			d.User.Create().SetIssuer("x").SetSubject("y").SetFirstSeenTime(now).SetUpdateTime(now).ExecX(ctx)
		})
	}
}

// TestDurableServerFlushes, keeps what is in it over a restart, and ends.
func TestDurableServerFlushes(t *testing.T) {
	dbtest.PostgresURL(t) // skips, or fails in CI, when there is no Postgres
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{Durable: true})
	require.NoError(t, err)
	d := dbtest.Open(t, server.URL("postgres"))
	var fsync string
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SHOW fsync").Scan(&fsync))
	assert.Equal(t, "on", fsync)
	_, err = d.SQL.ExecContext(t.Context(), "CREATE TABLE kept ()")
	require.NoError(t, err)
	server.Halt()
	assert.True(t, db.IsAway(d.Ping(t.Context())))
	require.NoError(t, server.Resume(t.Context()))
	_, err = d.SQL.ExecContext(t.Context(), "DROP TABLE kept")
	require.NoError(t, err)
	require.NoError(t, server.Stop())
	assert.True(t, db.IsAway(d.Ping(t.Context())))
}
