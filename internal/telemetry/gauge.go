package telemetry

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// readTimeout is how long one scrape waits for one gauge.
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

// Collect implements prometheus.Collector.
func (c *collector) Collect(all chan<- prometheus.Metric) {
	for _, g := range c.gauges {
		values, err := g.readNow()
		if err != nil {
			c.log.Warn("metric not read", slog.String("metric", g.Name), slog.Any("error", err))
		}
		for _, v := range values {
			all <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, v.Number, v.Labels...)
		}
	}
}

func (g described) readNow() ([]Value, error) {
	ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
	defer cancel()
	return g.Read(ctx)
}
