package telemetry

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readTimeout is how long one scrape waits for its gauges.
const readTimeout = 2 * time.Second

// Gauge is a metric that is read, from the database for example, whenever somebody
// asks for the metrics. Where several processes share what is read, each tells the
// same: take the maximum, not the sum.
type Gauge struct {
	Name, Help string
	Labels     []string
	// Read finds the values of now.
	Read func(ctx context.Context) ([]Value, error)
}

// Value is one of a gauge's.
type Value struct {
	Number float64
	Labels []string // as many as the gauge's, in the same order
}

// Gauges makes a collector of gauges. One that cannot be read is missing from what
// is collected, and the log says why.
func Gauges(log *slog.Logger, gauges ...Gauge) prometheus.Collector {
	c := &collector{log: log}
	for _, g := range gauges {
		c.gauges = append(c.gauges, described{g, prometheus.NewDesc(g.Name, g.Help, g.Labels, nil)})
	}
	return c
}

type collector struct {
	log    *slog.Logger
	gauges []described
}

type described struct {
	Gauge
	desc *prometheus.Desc
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(all chan<- *prometheus.Desc) {
	for _, g := range c.gauges {
		all <- g.desc
	}
}

// Collect implements prometheus.Collector. It waits for no reading longer than
// readTimeout, and for all at once: a database that hangs takes away what is read
// from it, and not the other metrics.
func (c *collector) Collect(all chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	readings := make(chan reading, len(c.gauges))
	left := map[string]bool{}
	for _, g := range c.gauges {
		left[g.Name] = true
		go func() {
			values, err := g.Read(ctx)
			readings <- reading{g, values, err}
		}()
	}
	for len(left) > 0 {
		select {
		case r := <-readings:
			delete(left, r.Name)
			c.tell(all, r)
		case <-ctx.Done():
			c.log.Warn("metrics not read in time", slog.Any("metrics", slices.Sorted(maps.Keys(left))))
			return
		}
	}
}

// reading is what came of reading a gauge.
type reading struct {
	described
	values []Value
	err    error
}

func (c *collector) tell(all chan<- prometheus.Metric, r reading) {
	if r.err != nil {
		c.log.Warn("metric not read", slog.String("metric", r.Name), slog.Any("error", r.err))
	}
	for _, v := range r.values {
		all <- prometheus.MustNewConstMetric(r.desc, prometheus.GaugeValue, v.Number, v.Labels...)
	}
}
