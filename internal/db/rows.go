package db

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"
)

// sizes are how many rows one INSERT writes: few texts to be prepared, of which
// two or three make any number of rows.
var sizes = []int{32, 24, 16, 12, 8, 6, 4, 3, 2, 1}

// Rows is an INSERT of many rows.
type Rows struct {
	Table     string
	Columns   []string
	Conflict  string // what follows ON CONFLICT; its values are excluded.*
	Returning string // a text column to give back of the rows that were written; "" for none
}

// InsertRows inserts rows, each with a value for every column, and gives
// Returning of those that were written.
func (tx *Tx) InsertRows(ctx context.Context, into Rows, rows [][]any) (returned []string, err error) {
	for len(rows) > 0 {
		n := sizes[slices.IndexFunc(sizes, func(n int) bool { return n <= len(rows) })]
		if returned, err = tx.insertRows(ctx, into, rows[:n], returned); err != nil {
			return nil, err
		}
		rows = rows[n:]
	}
	return returned, nil
}

func (tx *Tx) insertRows(ctx context.Context, into Rows, rows [][]any, returned []string) ([]string, error) {
	query, args := into.text(tx.Dialect, len(rows)), slices.Concat(rows...)
	if into.Returning == "" {
		_, err := tx.SQL.ExecContext(ctx, query, args...)
		return nil, err
	}
	result, err := tx.SQL.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = result.Close() }() // its error is Err's
	for result.Next() {
		var value string
		if err := result.Scan(&value); err != nil {
			return nil, err
		}
		returned = append(returned, value)
	}
	return returned, result.Err()
}

func (r Rows) text(name string, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + r.Table + " (" + strings.Join(r.Columns, ", ") + ") VALUES ")
	for row := range rows {
		if row > 0 {
			b.WriteString(", ")
		}
		b.WriteString("(" + Placeholders(name, row*len(r.Columns)+1, len(r.Columns)) + ")")
	}
	b.WriteString(" ON CONFLICT " + r.Conflict)
	if r.Returning != "" {
		b.WriteString(" RETURNING " + r.Returning)
	}
	return b.String()
}

// Placeholders are n of a dialect's, from a number on, with commas between.
func Placeholders(name string, from, n int) string {
	mark := byte('?')
	if name == dialect.Postgres {
		mark = '$'
	}
	out := make([]byte, 0, 6*n)
	for i := range n {
		if i > 0 {
			out = append(out, ", "...)
		}
		out = strconv.AppendInt(append(out, mark), int64(from+i), 10)
	}
	return string(out)
}

// Padded repeats the last of a list's values until their number is a power of
// two, so that `IN (…)` is prepared for a few lengths and not for all.
func Padded[T any](values []T) []T {
	for n := len(values); n > 0 && n&(n-1) != 0; n++ {
		values = append(slices.Clip(values), values[n-1])
	}
	return values
}
