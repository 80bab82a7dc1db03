package video

import (
	"context"
	"sync"
	"time"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

const (
	// vitalsEvery is how often those who work beside providers are asked.
	vitalsEvery = 5 * time.Second
	// vitalsTimeout bounds what one of them may take to answer.
	vitalsTimeout = 5 * time.Second
)

// Vitals are how those are who work beside providers, as it was heard last. Who
// reads them waits for nobody.
type Vitals struct {
	providers Providers

	mu         sync.Mutex
	recorders  map[Name]Health
	telephones map[Name]Health
}

// NewVitals knows nothing before Watch runs.
func NewVitals(p Providers) *Vitals {
	return &Vitals{providers: p, recorders: map[Name]Health{}, telephones: map[Name]Health{}}
}

// Recorder is how a provider's recorders are.
func (v *Vitals) Recorder(name Name) Health {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.recorders[name]
}

// Telephone is how what connects a provider's callers is.
func (v *Vitals) Telephone(name Name) Health {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.telephones[name]
}

// Gauges are the metrics of those who connect callers, where it is known how they are.
func (v *Vitals) Gauges() []telemetry.Gauge {
	return []telemetry.Gauge{{
		Name: "anteroom_sip_alive", Labels: []string{"provider"},
		Help: "Whether what connects callers to a provider answers at its health URL (1) or not (0).",
		Read: func(context.Context) (values []telemetry.Value, _ error) {
			v.mu.Lock()
			defer v.mu.Unlock()
			for name, health := range v.telephones {
				switch health {
				case Healthy:
					values = append(values, telemetry.Value{Number: 1, Labels: []string{string(name)}})
				case Unhealthy:
					values = append(values, telemetry.Value{Number: 0, Labels: []string{string(name)}})
				}
			}
			return values, nil
		},
	}}
}

// Watch asks them all, again and again, until ctx is done.
func (v *Vitals) Watch(ctx context.Context) {
	var asking sync.WaitGroup
	for name := range v.providers {
		if recorder, err := v.providers.Recorder(name); err == nil {
			asking.Go(func() { v.keep(ctx, v.recorders, name, recorder.RecorderHealth) })
		}
		if dialer, err := v.providers.Dialer(name); err == nil {
			asking.Go(func() { v.keep(ctx, v.telephones, name, dialer.SIPHealth) })
		}
	}
	asking.Wait()
}

// keep notes what one of them says, beside the others: none waits for another.
func (v *Vitals) keep(ctx context.Context, in map[Name]Health, name Name, ask func(context.Context) Health) {
	tick := time.NewTicker(vitalsEvery)
	defer tick.Stop()
	for {
		bounded, cancel := context.WithTimeout(ctx, vitalsTimeout)
		health := ask(bounded)
		cancel()
		if ctx.Err() != nil { // nobody's fault
			return
		}
		v.mu.Lock()
		in[name] = health
		v.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
