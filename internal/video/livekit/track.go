package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// track captures one audio track as it was published. Of all calls only the older one
// for a track promises not to encode it again, so it comes first: where a request of the
// unified call says nothing of encoding, the recorder's own default applies.
type track struct{}

func (track) olderFirst() {}

func (track) ask(request *livekit.StartEgressRequest, r video.CaptureRequest) {
	request.Source = heard(&livekit.AudioRoute{Match: &livekit.AudioRoute_TrackId{TrackId: r.TrackSID}})
}

func (track) askOlder(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error) {
	return start(ctx, p, "StartTrackEgress", p.egress.StartTrackEgress, &livekit.TrackEgressRequest{
		RoomName: r.RoomName,
		TrackId:  r.TrackSID,
		Output:   p.store.direct(r.Path),
	})
}
