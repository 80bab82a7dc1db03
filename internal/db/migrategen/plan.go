package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"text/template"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect/sql/schema"

	entsql "entgo.io/ent/dialect/sql"

	entmigrate "github.com/anteroom-dev/anteroom/ent/migrate"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// plan gives the text of the migration from what the database has, migrated
// first unless fresh, to ent/schema; migrate.ErrNoPlan when that is the same.
func plan(ctx context.Context, url string, fresh bool) (_ []byte, err error) {
	d, err := db.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if !fresh {
		if err := d.Migrate(ctx); err != nil {
			return nil, err
		}
	}
	return diff(ctx, d, entmigrate.Tables)
}

// diff gives the text of the migration from what the database has to tables.
func diff(ctx context.Context, d *db.DB, tables []*schema.Table) ([]byte, error) {
	written := &migrate.MemDir{}
	m, err := schema.NewMigrate(entsql.OpenDB(d.Dialect, d.SQL),
		schema.WithDir(written), schema.WithFormatter(formatter{}), schema.WithErrNoPlan(true),
		schema.WithDropColumn(true), schema.WithDropIndex(true))
	if err != nil {
		return nil, err
	}
	if err := m.NamedDiff(ctx, "next", tables...); err != nil {
		return nil, err
	}
	files, err := written.Files()
	if err != nil {
		return nil, err
	}
	return files[0].Bytes(), nil
}

// formatter writes goose's format with the care that SQLite needs. To change a
// column it rebuilds the whole table, and dropping the old one would delete the
// rows that refer to it, unless foreign keys are off; that cannot be done
// within goose's transaction. So such a migration opens its own.
type formatter struct{}

// Format implements migrate.Formatter.
func (formatter) Format(p *migrate.Plan) ([]migrate.File, error) {
	rebuilds := strings.HasPrefix(p.Changes[0].Cmd, "PRAGMA foreign_keys")
	if !rebuilds {
		return sqltool.GooseFormatter.Format(p)
	}
	var text bytes.Buffer
	if err := rebuild.Execute(&text, p.Changes[1:len(p.Changes)-1]); err != nil {
		return nil, err
	}
	return []migrate.File{migrate.NewLocalFile("next.sql", text.Bytes())}, nil
}

var rebuild = template.Must(template.New("").Parse(`-- +goose NO TRANSACTION
-- +goose Up
PRAGMA foreign_keys = off;
BEGIN IMMEDIATE;
{{ range . }}{{ with .Comment }}-- {{ . }}
{{ end }}{{ .Cmd }};
{{ end }}COMMIT;
PRAGMA foreign_keys = on;

-- +goose Down
SELECT 1 / (SELECT 0 FROM this_migration_has_no_way_back);
`))
