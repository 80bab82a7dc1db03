package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// warmUp is how much shorter the first slices are, which are not counted.
const warmUp = 4

// cell is one operation on one database at one number of connections.
type cell struct {
	Database    string    `json:"database"`
	Connections int       `json:"connections"`
	Operation   string    `json:"operation"`
	Base        string    `json:"base,omitempty"` // what it is compared with
	Rates       []float64 `json:"rates"`          // operations in a second, one for each round
	Rate        float64   `json:"rate"`           // their median
	Ratios      []float64 `json:"ratios,omitempty"`
	Ratio       float64   `json:"ratio,omitempty"`   // the median of the rounds' ratios to the base
	P50         float64   `json:"p50_ms"`            // of all rounds' latencies
	P99         float64   `json:"p99_ms"`            //
	CPU         float64   `json:"cpu_us"`            // of its own process, for one operation
	DatabaseCPU float64   `json:"database_cpu_us"`   // of Postgres, for one operation
	Tail        float64   `json:"tail_ms,omitempty"` // the longest time in which jobs caught up after a slice
}

// rounds measures the operations in turn, round after round, every other one
// backwards.
func (b *bench) rounds(ctx context.Context, operations []operation, connections int) ([]cell, error) {
	measured := map[string][]slice{}
	order := slices.Clone(operations)
	for round := range b.command.Rounds + 1 {
		d := b.command.Slice
		if round == 0 {
			d /= warmUp
		}
		for _, o := range order {
			s, err := o.measure(ctx, connections, d)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.name, err)
			}
			if len(s.latencies) == 0 {
				return nil, fmt.Errorf("%s: not even one in %s", o.name, d)
			}
			if round > 0 {
				measured[o.name] = append(measured[o.name], s)
			}
		}
		if round > 0 {
			say("%s, %d connections, round %d of %d", b.database, connections, round, b.command.Rounds)
			slices.Reverse(order)
		}
	}
	cells := make([]cell, len(operations))
	for i, o := range operations {
		cells[i] = newCell(o, measured[o.name], measured[o.base])
		cells[i].Database, cells[i].Connections = b.database, connections
	}
	return cells, nil
}

func newCell(o operation, own, base []slice) cell {
	c := cell{Operation: o.name, Base: o.base}
	var all []time.Duration
	var cpu, database time.Duration
	var done float64
	for i, s := range own {
		c.Rates = append(c.Rates, s.rate())
		if len(base) > i {
			c.Ratios = append(c.Ratios, s.rate()/base[i].rate())
		}
		all, cpu, database = append(all, s.latencies...), cpu+s.cpu, database+s.database
		done += float64(len(s.latencies) + s.more)
		c.Tail = max(c.Tail, milliseconds(s.tail))
	}
	slices.Sort(all)
	c.Rate, c.Ratio = median(c.Rates), median(c.Ratios)
	c.P50, c.P99 = milliseconds(quantile(all, 0.50)), milliseconds(quantile(all, 0.99))
	c.CPU, c.DatabaseCPU = microseconds(cpu)/done, microseconds(database)/done
	return c
}

// quantile is the value that the given part of sorted ones is not above.
func quantile[T any](sorted []T, part float64) (v T) {
	if len(sorted) == 0 {
		return v
	}
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

func median(values []float64) float64 { return quantile(slices.Sorted(slices.Values(values)), 0.5) }

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
func microseconds(d time.Duration) float64 { return d.Seconds() * 1e6 }
