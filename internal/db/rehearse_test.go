package db_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// eachEmpty runs a test on each database, fresh and without a table.
func eachEmpty(t *testing.T, test func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, dbtest.Open(t, dbtest.EmptySQLiteURL(t))) })
	t.Run("postgres", func(t *testing.T) { test(t, dbtest.Open(t, dbtest.EmptyPostgresURL(t))) })
}

// TestEveryMigrationHasAWayBack goes up to each migration with rows in every table
// that there is before it, puts rows into those that it makes, goes back, where all
// is as it was, and up again.
func TestEveryMigrationHasAWayBack(t *testing.T) {
	eachEmpty(t, func(t *testing.T, d *db.DB) {
		require.NoError(t, d.Migrate(t.Context()))
		all, err := d.Migrations(t.Context())
		require.NoError(t, err)
		steps := len(all) - 1 // the last is the job queue's
		require.NoError(t, d.MigrateDown(t.Context(), steps, nil))
		for n := range steps {
			name := all[n].Name
			fill(t, d)
			before := dump(t, d)
			require.NoError(t, db.MigrateOne(t.Context(), d), "up: %s", name)
			fill(t, d)
			var back []string
			require.NoError(t, d.MigrateDown(t.Context(), 1, func(m db.Migration) { back = append(back, m.Name) }))
			require.Equal(t, []string{name}, back)
			require.Equal(t, before, dump(t, d), "what was there before %s", name)
			require.NoError(t, db.MigrateOne(t.Context(), d), "up again: %s", name)
		}
		fill(t, d)
		require.NoError(t, d.Migrated(t.Context()))
	})
}

func TestMigrationsAreToldOf(t *testing.T) {
	eachEmpty(t, func(t *testing.T, d *db.DB) {
		require.ErrorIs(t, d.Migrated(t.Context()), db.ErrPending)
		var told []string
		require.NoError(t, d.MigrateUp(t.Context(), func(m db.Migration) { told = append(told, m.Name) }))
		all, err := d.Migrations(t.Context())
		require.NoError(t, err)
		for n, m := range all {
			require.True(t, m.Applied, m.Name)
			if n < len(told) {
				require.Equal(t, told[n], m.Name)
				require.WithinDuration(t, time.Now(), m.ApplyTime, time.Hour)
			}
		}
		require.Len(t, all, len(told)+1)
		require.NoError(t, d.MigrateDown(t.Context(), 1, nil))
		require.ErrorIs(t, d.Migrated(t.Context()), db.ErrPending)
	})
}

// column is one of a table.
type column struct {
	Name, Type, Parent string // Parent is the table that it refers to
}

const (
	sqliteColumns = `SELECT m.name, c.name, lower(c.type), coalesce((SELECT f."table" FROM pragma_foreign_key_list(m.name) f WHERE f."from" = c.name), '')
		FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	postgresColumns = `SELECT c.relname, a.attname, format_type(a.atttypid, NULL), coalesce((SELECT p.relname FROM pg_constraint f
			JOIN pg_class p ON p.oid = f.confrelid WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]), '')
		FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND s.nspname = 'public' ORDER BY c.relname, a.attname`
)

// schema is what there is of our own tables now.
func schemaOf(t *testing.T, d *db.DB) map[string][]column {
	t.Helper()
	query := sqliteColumns
	if d.IsPostgres() {
		query = postgresColumns
	}
	rows, err := d.SQL.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	tables := map[string][]column{}
	for rows.Next() {
		var table string
		var c column
		require.NoError(t, rows.Scan(&table, &c.Name, &c.Type, &c.Parent))
		if !strings.HasPrefix(table, "river_") && !strings.HasPrefix(table, "goose_") {
			tables[table] = append(tables[table], c)
		}
	}
	require.NoError(t, rows.Err())
	return tables
}

// rowsEach is how many rows every table gets.
const rowsEach = 2

// fill puts rows into every table that has none, parents first.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	tables := schemaOf(t, d)
	filled := map[string]bool{}
	for len(filled) < len(tables) {
		before := len(filled)
		for table, columns := range tables {
			waits := slices.ContainsFunc(columns, func(c column) bool { return c.Parent != "" && c.Parent != table && !filled[c.Parent] })
			if filled[table] || waits {
				continue
			}
			fillTable(t, d, table, columns)
			filled[table] = true
		}
		require.Greater(t, len(filled), before, "tables refer to each other in a circle")
	}
}

func fillTable(t *testing.T, d *db.DB, table string, columns []column) {
	t.Helper()
	var n int
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n))
	if n > 0 {
		return
	}
	var names, places []string
	for i, c := range columns {
		names, places = append(names, `"`+c.Name+`"`), append(places, fmt.Sprintf("$%d", i+1))
	}
	for n := range rowsEach {
		var values []any
		for _, c := range columns {
			values = append(values, valueFor(c, n))
		}
		_, err := d.SQL.ExecContext(t.Context(),
			"INSERT INTO "+table+" ("+strings.Join(names, ",")+") VALUES ("+strings.Join(places, ",")+")", values...)
		require.NoError(t, err, table)
	}
}

// valueFor is one of the type, another in each row; the n-th row's id is the same
// in all tables, and so who refers to it finds it.
func valueFor(c column, n int) any {
	switch t := c.Type; {
	case t == "uuid":
		return fmt.Sprintf("00000000-0000-7000-8000-%012d", n+1)
	case strings.HasPrefix(t, "date"), strings.HasPrefix(t, "timestamp"):
		return noon.Add(time.Duration(n) * time.Minute)
	case strings.HasPrefix(t, "json"):
		return "{}"
	case strings.HasPrefix(t, "bool"):
		return n%2 == 0
	case strings.Contains(t, "int"):
		return n + 1
	case t == "real", t == "double precision":
		return float64(n)
	case t == "blob", t == "bytea":
		return fmt.Appendf(nil, "%s %d", c.Name, n)
	}
	return fmt.Sprintf("%s %d", c.Name, n)
}

// dump is all rows of our tables, as text.
func dump(t *testing.T, d *db.DB) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for table, columns := range schemaOf(t, d) {
		var names []string
		for _, c := range columns {
			names = append(names, `"`+c.Name+`"`)
		}
		slices.Sort(names)
		rows, err := d.SQL.QueryContext(t.Context(), "SELECT "+strings.Join(names, ",")+" FROM "+table)
		require.NoError(t, err)
		for rows.Next() {
			values, at := make([]any, len(names)), make([]any, len(names))
			for i := range values {
				at[i] = &values[i]
			}
			require.NoError(t, rows.Scan(at...))
			text, err := json.Marshal(values)
			require.NoError(t, err)
			all[table] = append(all[table], string(text))
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
		slices.Sort(all[table])
	}
	return all
}
