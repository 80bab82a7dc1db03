package db_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

func TestMigrateTwiceIsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, d.Migrate(t.Context()))
		exercise(t.Context(), t, d.Client)
	})
}

// TestManyProcessesMigrateAtOnce gives each a pool of its own.
func TestManyProcessesMigrateAtOnce(t *testing.T) {
	url := dbtest.EmptyPostgresURL(t)
	var all errgroup.Group
	for range 4 {
		d := dbtest.Open(t, url+"&pool_max_conns=2")
		all.Go(func() error { return d.Migrate(t.Context()) })
	}
	require.NoError(t, all.Wait())
	d := dbtest.Open(t, url)
	exercise(t.Context(), t, d.Client)
	var locks int
	require.NoError(t, d.SQL.QueryRowContext(t.Context(),
		"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())").Scan(&locks))
	assert.Zero(t, locks)
}

func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := d.SQL.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99991231235959, true)")
		require.NoError(t, err)
		err = d.Migrate(t.Context())
		require.ErrorIs(t, err, db.ErrNewer)
		assert.Equal(t, fault.Precondition, fault.KindOf(err))
	})
}

func TestNewerJobQueueIsLeftAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		_, err := d.SQL.ExecContext(t.Context(), "INSERT INTO river_migration (line, version) VALUES ('main', 9999)")
		require.NoError(t, err)
		require.ErrorIs(t, d.Migrate(t.Context()), db.ErrNewer)
	})
}

func TestDownAndUpAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, d.MigrateDown(t.Context(), 1000, nil))
		assert.Zero(t, tables(t, d))
		require.NoError(t, d.Migrate(t.Context()))
		exercise(t.Context(), t, d.Client)
	})
}

// tables counts our own, not goose's and River's.
func tables(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	query := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('rooms', 'pins', 'users')"
	if d.IsPostgres() {
		query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('rooms', 'pins', 'users')"
	}
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

func TestIndexesOfSomeRowsOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		query := "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND name = $1 AND sql LIKE '% WHERE ' || $2"
		if d.IsPostgres() {
			query = "SELECT count(*) FROM pg_indexes WHERE indexname = $1 AND indexdef LIKE '% WHERE (' || $2 || ')'"
		}
		for index, where := range map[string]string{
			"room_slug":            "delete_time IS NULL",
			"access_room_id_email": "user_id IS NULL",
			"participation_live":   "leave_time IS NULL",
		} {
			var n int
			require.NoError(t, d.SQL.QueryRowContext(t.Context(), query, index, where).Scan(&n))
			assert.Equal(t, 1, n, index)
		}
		r := newRoom(d.Client, "one").SaveX(t.Context())
		require.True(t, db.IsUnique(newRoom(d.Client, "one").Exec(t.Context())))
		r.Update().SetDeleteTime(noon).ExecX(t.Context())
		require.NoError(t, newRoom(d.Client, "one").Exec(t.Context()), "the slug of a deleted room is free")
	})
}
