package sip

import (
	"context"
	"sync"
	"time"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// askEvery is how old an answer may be that is told as that of now.
	askEvery = 5 * time.Second
	// askTimeout bounds a question; a reading of all the metrics waits for it.
	askTimeout = time.Second
)

// pulse is what connects callers of a provider, and how that was when it was last
// asked.
type pulse struct {
	mu     sync.Mutex
	asked  time.Time
	health video.Health
}

// feel asks, if the last answer is old.
func (p *pulse) feel(ctx context.Context, now time.Time, ask func(context.Context) video.Health) video.Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked.IsZero() || now.Sub(p.asked) >= askEvery {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout) // the answer is for others too
		defer cancel()
		p.asked, p.health = now, ask(ctx)
	}
	return p.health
}

// aliveGauge tells whether calls can be connected, for providers that know.
func (s *SIP) aliveGauge() telemetry.Gauge {
	pulses := map[video.Name]*pulse{}
	for name := range s.providers {
		pulses[name] = &pulse{}
	}
	return telemetry.Gauge{
		Name: "anteroom_sip_alive", Labels: []string{"provider"},
		Help: "Whether what connects callers to a provider answers at its health URL (1) or not (0).",
		Read: func(ctx context.Context) (values []telemetry.Value, _ error) {
			for name, p := range pulses {
				if !s.config.On {
					continue
				}
				switch s.health(ctx, name, p) {
				case video.Healthy:
					values = append(values, telemetry.Value{Number: 1, Labels: []string{string(name)}})
				case video.Unhealthy:
					values = append(values, telemetry.Value{Number: 0, Labels: []string{string(name)}})
				}
			}
			return values, nil
		},
	}
}

func (s *SIP) health(ctx context.Context, name video.Name, p *pulse) video.Health {
	dialer, err := s.providers.Dialer(name)
	if err != nil {
		return video.HealthUnknown
	}
	known, ok := dialer.(interface {
		SIPHealth(ctx context.Context) video.Health
	})
	if !ok {
		return video.HealthUnknown
	}
	return p.feel(ctx, s.clock.Now(), known.SIPHealth)
}
