package livekit

import (
	"context"
	"maps"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Pass signs a token and does not call LiveKit: the room is made when the first
// person comes, as the token's room configuration says.
func (p *Provider) Pass(_ context.Context, r video.PassRequest) (video.Pass, error) {
	now := p.clock.Now()
	if err := r.Check(now); err != nil {
		return video.Pass{}, err
	}
	token, err := auth.NewAccessToken(p.apiKey, p.apiSecret).
		SetIdentity(r.Identity).
		SetName(r.DisplayName).
		SetValidFor(r.Expires.Sub(now)).
		SetAttributes(attributesOf(r)).
		SetVideoGrant(grantOf(r)).
		SetRoomConfig(roomConfigOf(r)).
		ToJWT()
	if err != nil {
		return video.Pass{}, err
	}
	return video.Pass{ServerURL: p.publicURL, Token: token}, nil
}

func attributesOf(r video.PassRequest) map[string]string {
	attributes := map[string]string{}
	maps.Copy(attributes, r.Attributes)
	attributes[video.AttributePass] = r.PassID
	attributes[video.AttributeRole] = r.Role
	return attributes
}

// grantOf says yes or no to everything where LiveKit takes silence for a yes.
// What is a plain bool here is a no when it is left out of the token.
func grantOf(r video.PassRequest) *auth.VideoGrant {
	grant := &auth.VideoGrant{Room: r.RoomName, RoomJoin: true}
	grant.SetCanSubscribe(true)
	grant.SetCanPublish(r.CanPublish)
	grant.SetCanPublishData(r.CanPublish)
	grant.SetCanUpdateOwnMetadata(false)
	grant.SetCanSubscribeMetrics(false)
	grant.SetCanManageAgentSession(false)
	if r.CanPublish {
		grant.CanPublishSources = r.PublishSources
	}
	return grant
}

func roomConfigOf(r video.PassRequest) *livekit.RoomConfiguration {
	return &livekit.RoomConfiguration{
		MaxParticipants:  r.MaxParticipants,
		EmptyTimeout:     seconds(r.EmptyTimeout),
		DepartureTimeout: seconds(r.DepartureTimeout),
	}
}

// seconds rounds up, so that a short timeout does not become LiveKit's default.
func seconds(d time.Duration) uint32 {
	return uint32((max(d, 0) + time.Second - 1) / time.Second)
}
