package db

import (
	"context"
	"fmt"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// Gauge is a metric that a query reads. The query's columns are a number and then
// as many texts as there are labels; it is the program's own text, and nothing
// that anybody sent is in it.
func (d *DB) Gauge(name, help, query string, labels ...string) telemetry.Gauge {
	return telemetry.Gauge{Name: name, Help: help, Labels: labels, Read: func(ctx context.Context) ([]telemetry.Value, error) {
		return d.count(ctx, len(labels), query)
	}}
}

func (d *DB) count(ctx context.Context, labels int, query string) (values []telemetry.Value, err error) {
	rows, err := d.Reader().QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("count: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is Err's
	for rows.Next() {
		v := telemetry.Value{Labels: make([]string, labels)}
		into := []any{&v.Number}
		for i := range v.Labels {
			into = append(into, &v.Labels[i])
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("count: %w", err)
		}
		values = append(values, v)
	}
	return values, rows.Err()
}
