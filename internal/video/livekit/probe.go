package livekit

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// What a probe of LiveKit may find.
var (
	// ErrKey: LiveKit answers, and does not know the API key or its secret.
	ErrKey = fault.New(fault.Precondition, "livekit_key_refused", "LiveKit refuses the API key")
	// ErrNoRedis: LiveKit runs without the Redis that telephony and recording need.
	ErrNoRedis = fault.New(fault.Precondition, "livekit_without_redis", "LiveKit has no Redis")
)

// probeTimeout is when a room that a probe left behind goes by itself.
const probeTimeout = 10 * time.Second

// probed gives errors of a probe their names.
func probed(err error) error {
	switch {
	case err == nil:
		return nil
	case codeOf(err) == twirp.Unauthenticated, codeOf(err) == twirp.PermissionDenied:
		return ErrKey.Because(err)
	case strings.Contains(err.Error(), "redis required"):
		return ErrNoRedis.Because(err)
	}
	return err
}

// Ping sees that LiveKit answers to our key. It fails with ErrKey,
// video.ErrUnavailable or video.ErrRefused.
func (p *Provider) Ping(ctx context.Context) error {
	_, err := call(ctx, p, "ListRooms", p.rooms.ListRooms, &livekit.ListRoomsRequest{Names: []string{"anteroom"}})
	return probed(err)
}

// Skew is by how much LiveKit's clock is ahead of ours, to within a second.
func (p *Provider) Skew(ctx context.Context) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.internalURL, http.NoBody)
	if err != nil {
		return 0, err
	}
	before := p.clock.Now()
	response, err := p.client.Do(request)
	if err != nil {
		return 0, video.ErrUnavailable.Because(err)
	}
	_ = response.Body.Close()
	after := p.clock.Now()
	theirs, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return 0, video.ErrUnavailable.Saying("LiveKit does not say what time it is")
	}
	ours := before.Add(after.Sub(before) / 2)
	return theirs.Add(time.Second / 2).Sub(ours).Round(time.Second), nil // it tells whole seconds, rounded down
}

// Trunks is how many inbound trunks LiveKit has. It fails with ErrNoRedis,
// ErrKey, video.ErrUnavailable or video.ErrRefused.
func (p *Provider) Trunks(ctx context.Context) (int, error) {
	response, err := call(ctx, p, "ListSIPInboundTrunk", p.sip.ListSIPInboundTrunk, &livekit.ListSIPInboundTrunkRequest{})
	return len(response.GetItems()), probed(err)
}

// RecorderAnswers asks the recorders for a capture of nothing, which one that
// lives refuses. Without any it takes LiveKit half a minute to say
// video.ErrNoRecorder; besides it fails with ErrKey or video.ErrUnavailable.
func (p *Provider) RecorderAnswers(ctx context.Context) error {
	_, err := start(ctx, p, "StartWebEgress", p.egress.StartWebEgress, &livekit.WebEgressRequest{})
	switch {
	case codeOf(err) == twirp.InvalidArgument:
		return nil
	case isNoResponse(err):
		return video.ErrNoRecorder.Because(err)
	}
	return probed(err)
}

// OpenRoom makes an empty room, which goes by itself if nobody ends it, and gives
// its SID.
func (p *Provider) OpenRoom(ctx context.Context, name string) (sid string, err error) {
	room, err := call(ctx, p, "CreateRoom", p.rooms.CreateRoom, &livekit.CreateRoomRequest{
		Name: name, EmptyTimeout: seconds(probeTimeout), DepartureTimeout: seconds(probeTimeout), MaxParticipants: 1,
	})
	return room.GetSid(), probed(err)
}

// MayUnmute is whether this LiveKit lets us unmute a visitor's microphone: its
// setting enable_remote_unmute. There has to be a Visitor.
func (p *Provider) MayUnmute(ctx context.Context, v *Visitor) (bool, error) {
	_, err := call(ctx, p, "MutePublishedTrack", p.rooms.MutePublishedTrack,
		&livekit.MuteRoomTrackRequest{Room: v.room, Identity: visitorIdentity, TrackSid: "TR_none", Muted: false})
	if codeOf(err) == twirp.FailedPrecondition {
		return false, nil
	}
	return err == nil, probed(err)
}

// visitorIdentity is who looks at a room from inside.
const visitorIdentity = "anteroom-doctor"

// visitorURL is where a browser would join a room, with a token for it.
func (p *Provider) visitorURL(room string) (string, error) {
	grant := &auth.VideoGrant{Room: room, RoomJoin: true, Hidden: true}
	grant.SetCanSubscribe(false)
	grant.SetCanPublish(false)
	grant.SetCanPublishData(false)
	token, err := auth.NewAccessToken(p.apiKey, p.apiSecret).
		SetIdentity(visitorIdentity).SetVideoGrant(grant).SetValidFor(time.Minute).ToJWT()
	if err != nil {
		return "", err
	}
	u, err := url.Parse(p.publicURL)
	if err != nil {
		return "", fmt.Errorf("LiveKit's public URL: %w", err)
	}
	u = u.JoinPath("rtc")
	u.RawQuery = url.Values{"access_token": {token}, "auto_subscribe": {"0"}, "protocol": {"16"}, "sdk": {"go"}}.Encode()
	return u.String(), nil
}
