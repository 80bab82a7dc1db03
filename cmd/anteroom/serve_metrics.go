package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"

	"github.com/anteroom-dev/anteroom/internal/server"
)

// metricsDoor is an address at which the metrics are alone. nil is none.
type metricsDoor struct {
	listener net.Listener
	gate     *server.Gate
}

func openMetrics(address string, standing *standing) (*metricsDoor, error) {
	l, err := listen(address, "metrics-listen")
	if err != nil {
		return nil, err
	}
	return &metricsDoor{l, server.NewGate(standing.ready, standing.away)}, nil
}

// serve answers until ctx is done, and gives what has that be so and waits.
func (m *metricsDoor) serve(ctx context.Context, end func(), log *slog.Logger) (stop func()) {
	if m == nil {
		return func() {}
	}
	log.InfoContext(ctx, "metrics", slog.String("address", m.listener.Addr().String()))
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(ctx, m.listener, m.gate, log); err != nil {
			log.ErrorContext(ctx, "metrics are not served any more", slog.Any("error", err))
		}
	}()
	return func() { end(); <-served }
}

// open lets the metrics through, and gives what is left for the other address.
func (m *metricsDoor) open(h http.Handler) http.Handler {
	if m == nil {
		return h
	}
	rest, metrics := server.Apart(server.MetricsPath, h)
	m.gate.Open(metrics)
	return rest
}
