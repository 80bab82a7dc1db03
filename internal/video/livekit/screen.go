package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// screen captures the room as a browser in it shows it.
type screen struct{}

func (screen) ask(request *livekit.StartEgressRequest, r video.CaptureRequest) {
	request.Source = &livekit.StartEgressRequest_Template{Template: &livekit.TemplateSource{Layout: r.Layout}}
	request.Encoding = &livekit.StartEgressRequest_Preset{Preset: presets[r.Preset]}
}

func (screen) askOlder(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error) {
	return start(ctx, p, "StartRoomCompositeEgress", p.egress.StartRoomCompositeEgress, &livekit.RoomCompositeEgressRequest{
		RoomName:    r.RoomName,
		Layout:      r.Layout,
		Options:     &livekit.RoomCompositeEgressRequest_Preset{Preset: presets[r.Preset]},
		FileOutputs: p.store.encoded(r.Path, encodings[r.Type()]),
	})
}

var presets = map[video.Preset]livekit.EncodingOptionsPreset{
	"":                  livekit.EncodingOptionsPreset_H264_720P_30,
	video.Preset720p30:  livekit.EncodingOptionsPreset_H264_720P_30,
	video.Preset720p60:  livekit.EncodingOptionsPreset_H264_720P_60,
	video.Preset1080p30: livekit.EncodingOptionsPreset_H264_1080P_30,
	video.Preset1080p60: livekit.EncodingOptionsPreset_H264_1080P_60,
}
