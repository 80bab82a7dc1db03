package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

func TestIsUnique(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		r := newRoom(d.Client, "one").SaveX(ctx)
		assert.True(t, db.IsUnique(newRoom(d.Client, "one").Exec(ctx)))
		r.ID = uuid.New()
		err := newAccess(d.Client, r, "a@example.org").Exec(ctx)
		require.Error(t, err, "there is no such room")
		assert.False(t, db.IsUnique(err))
	})
}

func TestIsAway(t *testing.T) {
	for _, err := range []error{
		sql.ErrConnDone, syscall.ECONNREFUSED, &pq.Error{Code: "57P01"}, &pq.Error{Code: "53300"},
		fmt.Errorf("load the room: %w", &pq.Error{Code: "08006"}),
	} {
		assert.True(t, db.IsAway(err), "%v", err)
	}
	for _, err := range []error{
		nil, sql.ErrNoRows, context.Canceled, errors.New("no"), &pq.Error{Code: "23505"}, &pq.Error{Code: "42601"},
	} {
		assert.False(t, db.IsAway(err), "%v", err)
	}
}

func TestIsReadOnly(t *testing.T) {
	refused := fmt.Errorf("save the room: %w", &pq.Error{Code: "25006"})
	assert.True(t, db.IsReadOnly(refused))
	assert.True(t, db.IsAway(refused), "it may be the primary later")
	for _, err := range []error{nil, sql.ErrConnDone, &pq.Error{Code: "57P01"}, &pq.Error{Code: "42501"}} {
		assert.False(t, db.IsReadOnly(err), "%v", err)
	}
}

func TestClosedIsAway(t *testing.T) {
	for name, url := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			d, err := db.Open(t.Context(), url)
			require.NoError(t, err)
			require.NoError(t, d.Close())
			assert.True(t, db.IsAway(d.InTx(t.Context(), func(*db.Tx) error { return nil })))
			_, err = d.Room.Query().Count(t.Context())
			assert.True(t, db.IsAway(err), "%v", err)
		})
	}
}

// TestServerThatStops has the statements in flight, those after them, and new
// connections all count as away.
func TestServerThatStops(t *testing.T) {
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{})
	if errors.Is(err, dbtest.ErrNoPostgres) {
		dbtest.PostgresURL(t) // skips, or fails in CI
	}
	require.NoError(t, err)
	defer func() { assert.NoError(t, server.Stop()) }()
	d := dbtest.Open(t, server.URL("postgres"))
	require.NoError(t, d.Migrate(t.Context()))

	asleep, inFlight := make(chan bool), make(chan error, 1)
	go func() {
		inFlight <- d.InTx(t.Context(), func(tx *db.Tx) error {
			close(asleep)
			_, err := tx.SQL.ExecContext(t.Context(), "SELECT pg_sleep($1)", 60)
			return err
		})
	}()
	<-asleep
	require.NoError(t, syscall.Kill(server.Pid(), syscall.SIGINT)) // a fast shutdown
	err = <-inFlight
	assert.True(t, db.IsAway(err), "%v", err)
	_, err = d.Room.Query().Count(t.Context())
	assert.True(t, db.IsAway(err), "%v", err)
	_, err = db.Open(t.Context(), server.URL("postgres"))
	assert.True(t, db.IsAway(err), "%v", err)
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for _, url := range []string{"", "mysql://x", "sqlite:", "postgres://%zz", "postgres://h/d?pool_max_conns=1"} {
		_, err := db.Open(t.Context(), url)
		require.ErrorIs(t, err, db.ErrURL, url)
	}
	_, err := db.Open(t.Context(), "postgres://u:hunter2@127.0.0.1:1/d?sslmode=nonsense")
	require.ErrorIs(t, err, db.ErrURL)
	assert.NotContains(t, err.Error(), "hunter2")

	_, err = db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	require.ErrorContains(t, err, "create the database file")
}

func TestSQLitePathMayHaveAnyCharacter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c%41#d&e=f.db")
	d := dbtest.Open(t, "sqlite:"+path)
	require.NoError(t, d.Migrate(t.Context()))
	newRoom(d.Client, "one").ExecX(t.Context())
	assert.Equal(t, 1, d.Room.Query().CountX(t.Context()))
	assert.FileExists(t, path)
}
