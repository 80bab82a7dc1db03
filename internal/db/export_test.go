package db

import "context"

// MigrateDown takes all of our tables away.
func MigrateDown(ctx context.Context, d *DB) error {
	goose, err := d.goose()
	if err != nil {
		return err
	}
	_, err = goose.DownTo(ctx, 0)
	return err
}
