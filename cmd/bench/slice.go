package main

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errOut says that an operation has nothing left to work on: the slice ends
// early.
var errOut = errors.New("nothing left to measure with")

// operation is something to be measured.
type operation struct {
	name string
	base string // what its rate is compared with; "" for a base itself
	// start makes ready for a slice, uncounted, and gives what each connection
	// does again and again.
	start func(ctx context.Context, connections int, d time.Duration) ([]func(context.Context) error, error)
	// finish, when there is one, tidies up uncounted, but for its CPU time: it
	// is work that the slice has caused. It gives how many more operations it did.
	finish func(ctx context.Context) (more int, err error)
	// cpu is what the operation's own process has used, database that of
	// Postgres.
	cpu, database clock
}

// slice is what was measured in one go.
type slice struct {
	latencies     []time.Duration
	elapsed       time.Duration
	more          int           // uncounted operations, but for their CPU time
	tail          time.Duration // how long finish took
	cpu, database time.Duration
}

// rate is operations in a second.
func (s slice) rate() float64 { return float64(len(s.latencies)) / s.elapsed.Seconds() }

// measure runs an operation on so many connections for a while.
func (o operation) measure(ctx context.Context, connections int, d time.Duration) (s slice, err error) {
	work, err := o.start(ctx, connections, d)
	if err != nil {
		return s, err
	}
	stop, err := o.clocks()
	if err != nil {
		return s, err
	}
	if err := s.repeat(ctx, work, d); err != nil {
		return s, err
	}
	if o.finish != nil {
		begin := time.Now()
		if s.more, err = o.finish(ctx); err != nil {
			return s, err
		}
		s.tail = time.Since(begin)
	}
	err = stop(&s)
	return s, err
}

// clocks reads both clocks now; what it gives reads them again and notes the
// difference.
func (o operation) clocks() (func(*slice) error, error) {
	cpu, err1 := o.cpu()
	database, err2 := o.database()
	return func(s *slice) error {
		cpuAfter, err1 := o.cpu()
		databaseAfter, err2 := o.database()
		s.cpu, s.database = cpuAfter-cpu, databaseAfter-database
		return errors.Join(err1, err2)
	}, errors.Join(err1, err2)
}

// repeat has every connection do its work until the time is over.
func (s *slice) repeat(ctx context.Context, work []func(context.Context) error, d time.Duration) error {
	begin := time.Now()
	latencies := make([][]time.Duration, len(work))
	failures := make([]error, len(work))
	var group sync.WaitGroup
	for i, do := range work {
		group.Go(func() { latencies[i], failures[i] = repeatUntil(ctx, begin.Add(d), do) })
	}
	group.Wait()
	s.elapsed = time.Since(begin)
	for _, l := range latencies {
		s.latencies = append(s.latencies, l...)
	}
	return errors.Join(failures...)
}

func repeatUntil(ctx context.Context, end time.Time, do func(context.Context) error) ([]time.Duration, error) {
	latencies := make([]time.Duration, 0, 1<<14)
	for begin := time.Now(); begin.Before(end); {
		err := do(ctx)
		if errors.Is(err, errOut) {
			break
		}
		if err != nil {
			return nil, err
		}
		now := time.Now()
		latencies = append(latencies, now.Sub(begin))
		begin = now
	}
	return latencies, nil
}
