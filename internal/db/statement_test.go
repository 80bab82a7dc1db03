package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// oneConn keeps to one connection until the test ends.
func oneConn(t *testing.T, d *db.DB) *sql.Conn {
	t.Helper()
	conn, err := d.SQL.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, conn.Close()) })
	return conn
}

func prepared(t *testing.T, conn *sql.Conn) (n int) {
	t.Helper()
	require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_prepared_statements").Scan(&n))
	return n
}

func TestStatementsAreKept(t *testing.T) {
	conn := oneConn(t, dbtest.Open(t, dbtest.PostgresURL(t)))
	for i := range 3 {
		var n int
		require.NoError(t, conn.QueryRowContext(t.Context(), "SELECT $1::int + 1", i).Scan(&n))
		assert.Equal(t, i+1, n)
		_, err := conn.ExecContext(t.Context(), "DELETE FROM rooms WHERE slug = $1", "none")
		require.NoError(t, err)
	}
	assert.Equal(t, 2, prepared(t, conn))
}

func TestStatementsAreBounded(t *testing.T) {
	conn := oneConn(t, dbtest.Open(t, dbtest.PostgresURL(t)))
	for i := range 500 {
		var n int
		query := fmt.Sprintf("SELECT $1::int + %d", i%250)
		require.NoError(t, conn.QueryRowContext(t.Context(), query, i).Scan(&n))
		assert.Equal(t, i+i%250, n)
	}
	assert.Equal(t, 200, prepared(t, conn))
}

func TestStatementsAreNotKeptWhenSwitchedOff(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t)+"&statement_cache=off")
	exercise(t.Context(), t, d.Client)
	conn := oneConn(t, d)
	_, err := conn.ExecContext(t.Context(), "DELETE FROM rooms WHERE slug = $1", "none")
	require.NoError(t, err)
	assert.Zero(t, prepared(t, conn))
}

// TestTableChangesUnderAStatement is what happens to a process while another
// one, of a newer release, migrates.
func TestTableChangesUnderAStatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		conn := oneConn(t, d)
		exec := func(statement string) {
			_, err := conn.ExecContext(ctx, statement)
			require.NoError(t, err)
		}
		read := func(query func(context.Context, string, ...any) (*sql.Rows, error)) error {
			rows, err := query(ctx, "SELECT * FROM thing WHERE id = $1", 1)
			if err != nil {
				return err
			}
			for rows.Next() {
				columns, err := rows.Columns()
				require.NoError(t, err)
				require.NoError(t, rows.Scan(anything(len(columns))...))
			}
			return rows.Close()
		}
		exec("CREATE TABLE thing (id int); INSERT INTO thing VALUES (1)") // two statements in one text
		require.NoError(t, read(conn.QueryContext))
		exec("ALTER TABLE thing ADD COLUMN more int")
		require.NoError(t, read(conn.QueryContext), "outside of a transaction it runs again")

		require.NoError(t, read(conn.QueryContext), "and is kept anew")
		exec("ALTER TABLE thing ADD COLUMN evenmore int")
		tx, err := conn.BeginTx(ctx, nil)
		require.NoError(t, err)
		err = read(tx.QueryContext)
		require.NoError(t, tx.Rollback())
		if d.IsPostgres() {
			require.ErrorContains(t, err, "cached plan", "in a transaction that is too late")
		}
		require.NoError(t, read(conn.QueryContext))
	})
}

func TestTransactionOutlivesAStaleStatement(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t)+"&pool_max_conns=2")
	ctx := t.Context()
	newRoom(d.Client, "one").ExecX(ctx)
	read := func(tx *db.Tx) error {
		var a, b any
		return tx.SQL.QueryRowContext(ctx, "SELECT * FROM (SELECT slug, name FROM rooms WHERE slug = $1) r", "one").Scan(&a, &b)
	}
	require.NoError(t, d.InTx(ctx, read))
	_, err := d.SQL.ExecContext(ctx, "ALTER TABLE rooms ALTER COLUMN name TYPE text")
	require.NoError(t, err)
	require.NoError(t, d.InTx(ctx, read), "InTx runs it again")
}

func TestStatementsThatAreGone(t *testing.T) {
	conn := oneConn(t, dbtest.Open(t, dbtest.PostgresURL(t)))
	for range 2 {
		_, err := conn.ExecContext(t.Context(), "DELETE FROM rooms WHERE slug = $1", "none")
		require.NoError(t, err)
		_, err = conn.ExecContext(t.Context(), "DEALLOCATE ALL")
		require.NoError(t, err)
	}
}

// TestSameQueryWhileItsRowsAreOpen: SQLite would restart the first one's rows.
func TestSameQueryWhileItsRowsAreOpen(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLiteURL(t))
	conn := oneConn(t, d)
	const query = "SELECT value FROM json_each(?)"
	outer, err := conn.QueryContext(t.Context(), query, "[1,2,3]")
	require.NoError(t, err)
	var seen []int
	for outer.Next() {
		var n, inner int
		require.NoError(t, outer.Scan(&n))
		require.NoError(t, conn.QueryRowContext(t.Context(), query, "[7]").Scan(&inner))
		seen = append(seen, n+inner)
	}
	require.NoError(t, outer.Err())
	require.NoError(t, outer.Close())
	assert.Equal(t, []int{8, 9, 10}, seen)
}

func TestCancelledQueryLeavesTheConnectionUsable(t *testing.T) {
	d := dbtest.Open(t, dbtest.PostgresURL(t)+"&pool_max_conns=2")
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.InTx(ctx, func(tx *db.Tx) error {
			cancel()
			_, err := tx.SQL.ExecContext(ctx, "SELECT pg_sleep($1)", 60)
			return err
		})
		require.Error(t, err)
		require.NoError(t, newRoom(d.Client, "one").OnConflictColumns(room.FieldID).Ignore().Exec(t.Context()))
		d.Room.Delete().ExecX(t.Context())
	}
}

// anything scans n columns of whatever type.
func anything(n int) []any {
	targets := make([]any, n)
	for i := range targets {
		targets[i] = new(any)
	}
	return targets
}
