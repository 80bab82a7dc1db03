package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// participant captures what one person says, in whichever tracks.
type participant struct{}

func (participant) ask(request *livekit.StartEgressRequest, r video.CaptureRequest) {
	request.Source = heard(&livekit.AudioRoute{
		Match: &livekit.AudioRoute_ParticipantIdentity{ParticipantIdentity: r.Identity},
	})
}

// askOlder names the person's track, as the older call for a person wants a
// picture too. When the track goes, so does the capture.
func (participant) askOlder(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error) {
	person, err := call(ctx, p, "GetParticipant", p.rooms.GetParticipant,
		&livekit.RoomParticipantIdentity{Room: r.RoomName, Identity: r.Identity})
	if err != nil {
		return nil, err
	}
	track := voice(person)
	if track == "" {
		return nil, video.ErrRefused.Saying("the person to be recorded has no microphone on")
	}
	return start(ctx, p, "StartTrackCompositeEgress", p.egress.StartTrackCompositeEgress, &livekit.TrackCompositeEgressRequest{
		RoomName:     r.RoomName,
		AudioTrackId: track,
		FileOutputs:  p.store.encoded(r.Path, encodings[r.Type()]),
	})
}

// voice is the SID of a person's microphone, "" without one. A caller's track may
// not say that it is one.
func voice(person *livekit.ParticipantInfo) string {
	for _, track := range person.GetTracks() {
		if track.Type == livekit.TrackType_AUDIO && track.Source != livekit.TrackSource_SCREEN_SHARE_AUDIO {
			return track.Sid
		}
	}
	return ""
}

// heard is the source of nothing but this sound.
func heard(route *livekit.AudioRoute) *livekit.StartEgressRequest_Media {
	return &livekit.StartEgressRequest_Media{Media: &livekit.MediaSource{
		Audio: &livekit.AudioConfig{Routes: []*livekit.AudioRoute{route}},
	}}
}
