package db_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// benchmarkEach runs a benchmark with 8 goroutines per core.
func benchmarkEach(b *testing.B, run func(b *testing.B, d *db.DB)) {
	postgres := dbtest.PostgresURL(b)
	for _, c := range []struct{ name, url string }{
		{"sqlite", dbtest.SQLiteURL(b)},
		{"postgres", postgres},
		{"postgres-without-cache", postgres + "&statement_cache=off"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetParallelism(8)
			b.ReportAllocs()
			run(b, dbtest.Open(b, c.url))
		})
	}
}

func BenchmarkSelectByUniqueKey(b *testing.B) {
	benchmarkEach(b, func(b *testing.B, d *db.DB) {
		slug := fmt.Sprint(b.Name(), b.N) // it is run with growing N
		newRoom(d.Client, slug).ExecX(b.Context())
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				d.Room.Query().Where(room.Slug(slug)).OnlyX(b.Context())
			}
		})
	})
}

func BenchmarkInsertInTransaction(b *testing.B) {
	var serial atomic.Int64
	benchmarkEach(b, func(b *testing.B, d *db.DB) {
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				slug := fmt.Sprint(b.Name(), serial.Add(1))
				if err := d.InTx(b.Context(), func(tx *db.Tx) error { return newRoom(tx.Client, slug).Exec(b.Context()) }); err != nil {
					b.Error(err)
				}
			}
		})
	})
}

// BenchmarkSelectWhileWriting is why SQLite has a pool of readers: the same
// select on the writing connection waits for every commit's flush to the disk.
func BenchmarkSelectWhileWriting(b *testing.B) {
	for _, readers := range []bool{true, false} {
		b.Run(fmt.Sprintf("readers=%t", readers), func(b *testing.B) {
			d := dbtest.Open(b, dbtest.SQLiteURL(b))
			client := d.Client
			if !readers {
				client = ent.NewClient(ent.Driver(entsql.OpenDB(dialect.SQLite, d.SQL)))
			}
			newRoom(d.Client, "read").ExecX(b.Context())
			defer writeUntil(b, d)()
			took := make([]time.Duration, 0, b.N)
			for b.Loop() {
				start := time.Now()
				client.Room.Query().Where(room.Slug("read")).OnlyX(b.Context())
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// writeUntil commits one room after the other until the function that it
// returns is called.
func writeUntil(b *testing.B, d *db.DB) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := newRoom(d.Client, fmt.Sprint("written", i)).Exec(ctx); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		}
	})
	return func() { cancel(); writer.Wait() }
}
