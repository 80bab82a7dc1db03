package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// audio captures what is heard in the room.
type audio struct{}

func (audio) ask(request *livekit.StartEgressRequest, _ video.CaptureRequest) {
	request.Source = &livekit.StartEgressRequest_Template{Template: &livekit.TemplateSource{AudioOnly: true}}
}

func (audio) askOlder(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error) {
	return start(ctx, p, "StartRoomCompositeEgress", p.egress.StartRoomCompositeEgress, &livekit.RoomCompositeEgressRequest{
		RoomName:    r.RoomName,
		AudioOnly:   true,
		FileOutputs: p.store.encoded(r.Path, encodings[r.Type()]),
	})
}
