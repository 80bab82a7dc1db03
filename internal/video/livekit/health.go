package livekit

import (
	"context"
	"net/http"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// RecorderHealth asks a recorder's own health URL, as LiveKit has no call that
// tells.
func (p *Provider) RecorderHealth(ctx context.Context) video.Health {
	return p.health(ctx, p.recorderHealthURL)
}

// SIPHealth asks the health URL of LiveKit's SIP service, of which LiveKit does
// not tell either.
func (p *Provider) SIPHealth(ctx context.Context) video.Health {
	return p.health(ctx, p.sipHealthURL)
}

func (p *Provider) health(ctx context.Context, url string) video.Health {
	if url == "" {
		return video.HealthUnknown
	}
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return video.Unhealthy
	}
	response, err := p.client.Do(request)
	if err != nil {
		return video.Unhealthy
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return video.Unhealthy
	}
	return video.Healthy
}
