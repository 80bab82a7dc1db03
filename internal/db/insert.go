package db

import (
	"context"
	"maps"
	"slices"

	entsql "entgo.io/ent/dialect/sql"
)

// InsertNew inserts one row unless a unique index refuses it, and says whether
// it did. Unlike a failed INSERT it leaves the transaction as it was, and unlike
// Ent's own upsert it tells the two cases apart.
func (tx *Tx) InsertNew(ctx context.Context, table string, row map[string]any) (bool, error) {
	insert := entsql.Dialect(tx.Dialect).Insert(table)
	for _, column := range sortedKeys(row) {
		insert.Set(column, row[column])
	}
	query, args := insert.OnConflict(entsql.DoNothing()).Query()
	result, err := tx.SQL.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// sortedKeys gives columns in one order, so that equal inserts are one prepared
// statement.
func sortedKeys(row map[string]any) []string {
	return slices.Sorted(maps.Keys(row))
}
