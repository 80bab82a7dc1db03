package db

import "context"

// MigrateOne applies the next of our migrations.
func MigrateOne(ctx context.Context, d *DB) error {
	tables, err := d.goose()
	if err == nil {
		_, err = tables.UpByOne(ctx)
	}
	return err
}
