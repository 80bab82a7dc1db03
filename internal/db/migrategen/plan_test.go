package main

import (
	"testing"
	"testing/fstest"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	entmigrate "github.com/anteroom-dev/anteroom/ent/migrate"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestMigrationsGiveTheSchema fails when ent/schema was changed and no
// migration was made.
func TestMigrationsGiveTheSchema(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		text, err := diff(t.Context(), d, entmigrate.Tables)
		require.ErrorIs(t, err, migrate.ErrNoPlan, "run `make migration NAME=…`; it would write:\n%s", text)
	})
}

// parentAndChild are two tables; what the parent's label is may be changed.
func parentAndChild(labelNullable bool) []*schema.Table {
	parentID := &schema.Column{Name: "id", Type: field.TypeInt}
	parent := &schema.Table{
		Name: "parents", Columns: []*schema.Column{parentID, {Name: "label", Type: field.TypeString, Nullable: labelNullable}},
		PrimaryKey: []*schema.Column{parentID},
	}
	childID, ref := &schema.Column{Name: "id", Type: field.TypeInt}, &schema.Column{Name: "parent_id", Type: field.TypeInt}
	child := &schema.Table{
		Name: "children", Columns: []*schema.Column{childID, ref}, PrimaryKey: []*schema.Column{childID},
		ForeignKeys: []*schema.ForeignKey{{
			Symbol: "children_parent", Columns: []*schema.Column{ref},
			RefTable: parent, RefColumns: []*schema.Column{parentID}, OnDelete: schema.Cascade,
		}},
	}
	return []*schema.Table{parent, child}
}

// TestTableChangeKeepsTheRowsThatReferToIt is about SQLite, which rebuilds the
// table for it: within goose's transaction the children would be deleted.
func TestTableChangeKeepsTheRowsThatReferToIt(t *testing.T) {
	urls := map[string]string{dialect.SQLite: dbtest.EmptySQLiteURL(t), dialect.Postgres: dbtest.EmptyPostgresURL(t)}
	for name, url := range urls {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t, url)
			files := fstest.MapFS{}
			apply := func(file string, tables []*schema.Table) {
				text, err := diff(t.Context(), d, tables)
				require.NoError(t, err)
				files[file] = &fstest.MapFile{Data: text}
				provider, err := goose.NewProvider(goose.Dialect(name), d.SQL, files)
				require.NoError(t, err)
				_, err = provider.Up(t.Context())
				require.NoError(t, err, "%s", text)
			}
			apply("1_init.sql", parentAndChild(true))
			_, err := d.SQL.ExecContext(t.Context(), "INSERT INTO parents VALUES (1, 'x'); INSERT INTO children VALUES (7, 1)")
			require.NoError(t, err)
			apply("2_label.sql", parentAndChild(false))

			_, err = diff(t.Context(), d, parentAndChild(false))
			require.ErrorIs(t, err, migrate.ErrNoPlan)
			var children int
			require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM children").Scan(&children))
			assert.Equal(t, 1, children)
			_, err = d.SQL.ExecContext(t.Context(), "INSERT INTO children VALUES (8, 99)")
			assert.Error(t, err, "foreign keys hold again")
		})
	}
}
