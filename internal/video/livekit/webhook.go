package livekit

import (
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// The attribute that livekit-sip gives a caller.
const attributePhoneNumber = "sip.phoneNumber"

var kinds = map[string]video.EventKind{
	webhook.EventRoomStarted:                  video.RoomStarted,
	webhook.EventRoomFinished:                 video.RoomFinished,
	webhook.EventParticipantJoined:            video.ParticipantJoined,
	webhook.EventParticipantLeft:              video.ParticipantLeft,
	webhook.EventParticipantConnectionAborted: video.ParticipantAborted,
	webhook.EventTrackPublished:               video.TrackPublished,
	webhook.EventTrackUnpublished:             video.TrackUnpublished,
	webhook.EventEgressStarted:                video.EgressStarted,
	webhook.EventEgressUpdated:                video.EgressUpdated,
	webhook.EventEgressEnded:                  video.EgressEnded,
}

// ParseWebhook verifies the token over the body's SHA-256 in the Authorization
// header, where LiveKit writes no Bearer.
func (p *Provider) ParseWebhook(header http.Header, body []byte) (video.Event, error) {
	if err := p.verify(header.Get("Authorization"), body); err != nil {
		return video.Event{}, video.ErrSignature.Because(err)
	}
	return p.ParseEvent(body)
}

// ParseEvent reads a webhook's body whose signature was seen before.
func (p *Provider) ParseEvent(body []byte) (video.Event, error) {
	var event livekit.WebhookEvent
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, &event); err != nil {
		return video.Event{}, video.ErrBody.Because(err)
	}
	withoutNULs(textsOf(&event)...)
	if event.Id == "" || event.Event == "" {
		return video.Event{}, video.ErrBody.Saying("the webhook's event has no id or no type")
	}
	return p.normalise(&event, sanitise(body)), nil
}

// textsOf are those of an event's texts that end in the database.
func textsOf(e *livekit.WebhookEvent) []*string {
	texts := []*string{&e.Id, &e.Event}
	if e.Participant != nil {
		texts = append(texts, participantTexts(e.Participant)...)
	}
	if r := e.Room; r != nil {
		texts = append(texts, &r.Name, &r.Sid)
	}
	if i := e.EgressInfo; i != nil {
		texts = append(texts, egressTexts(i)...)
	}
	if t := e.Track; t != nil {
		texts = append(texts, &t.Sid)
	}
	return texts
}

func participantTexts(p *livekit.ParticipantInfo) []*string {
	return []*string{&p.Identity, &p.Name, &p.Sid}
}

// withoutNULs takes a character out of what people chose that Postgres has no
// text for. Whoever has a token of another application can choose it.
func withoutNULs(texts ...*string) {
	for _, text := range texts {
		*text = withoutNUL(*text)
	}
}

func withoutNUL(text string) string { return strings.ReplaceAll(text, "\x00", "") }

func (p *Provider) normalise(e *livekit.WebhookEvent, body []byte) video.Event {
	kind := kinds[e.Event]
	return video.Event{
		Provider:    video.LiveKit,
		ID:          e.Id,
		Type:        e.Event,
		Kind:        kind,
		Time:        unix(e.CreatedAt),
		Room:        roomOf(e),
		Participant: participantOf(e.Participant, statesKind(kind)),
		Track:       trackOf(e.Track),
		Egress:      p.egressOf(e.EgressInfo),
		Body:        body,
	}
}

// roomOf is the event's room. Egress events name theirs elsewhere.
func roomOf(e *livekit.WebhookEvent) video.EventRoom {
	if room := e.Room; room != nil {
		return eventRoom(room)
	}
	return video.EventRoom{Name: e.EgressInfo.GetRoomName(), SID: e.EgressInfo.GetRoomId()}
}

func eventRoom(room *livekit.Room) video.EventRoom {
	return video.EventRoom{Name: room.Name, SID: room.Sid, StartTime: unixMilli(room.CreationTimeMs, room.CreationTime)}
}

// statesKind tells whether a missing kind means STANDARD. It does not in track
// events, which hold a SID and an identity and nothing else: a caller's would read
// as a web participant's there.
func statesKind(kind video.EventKind) bool {
	return kind == video.ParticipantJoined || kind == video.ParticipantLeft || kind == video.ParticipantAborted
}

func participantOf(i *livekit.ParticipantInfo, withKind bool) *video.Participant {
	if i == nil {
		return nil
	}
	participant := &video.Participant{
		SID:      i.Sid,
		Identity: i.Identity,
		Name:     i.Name,
		JoinTime: unixMilli(i.JoinedAtMs, i.JoinedAt),
		PassID:   withoutNUL(i.Attributes[video.AttributePass]),
	}
	if withKind {
		participant.Kind = personKind(i.Kind)
	}
	if participant.Kind == video.Phone {
		participant.PhoneNumber = withoutNUL(i.Attributes[attributePhoneNumber])
	}
	if i.DisconnectReason != livekit.DisconnectReason_UNKNOWN_REASON {
		participant.LeaveReason = i.DisconnectReason.String()
	}
	return participant
}

// personKind counts bridged telephone services as telephones and bridged cameras
// as ingresses.
func personKind(kind livekit.ParticipantInfo_Kind) video.PersonKind {
	switch kind {
	case livekit.ParticipantInfo_SIP, livekit.ParticipantInfo_CONNECTOR:
		return video.Phone
	case livekit.ParticipantInfo_AGENT:
		return video.Agent
	case livekit.ParticipantInfo_EGRESS:
		return video.RecorderKind
	case livekit.ParticipantInfo_INGRESS, livekit.ParticipantInfo_BRIDGE:
		return video.Ingress
	case livekit.ParticipantInfo_STANDARD:
		return video.Web
	}
	return video.Unknown
}

func trackOf(i *livekit.TrackInfo) *video.Track {
	if i == nil {
		return nil
	}
	return &video.Track{SID: i.Sid, Source: sourceOf(i), Muted: i.Muted}
}

// sourceOf takes sound for a voice of which its publisher does not say where it is
// from, as not all SDKs do.
func sourceOf(i *livekit.TrackInfo) string {
	if i.Source == livekit.TrackSource_UNKNOWN && i.Type == livekit.TrackType_AUDIO {
		return video.Microphone
	}
	return sources[i.Source]
}

var sources = map[livekit.TrackSource]string{
	livekit.TrackSource_CAMERA:             video.Camera,
	livekit.TrackSource_MICROPHONE:         video.Microphone,
	livekit.TrackSource_SCREEN_SHARE:       video.ScreenShare,
	livekit.TrackSource_SCREEN_SHARE_AUDIO: video.ScreenShareAudio,
}

// maxUnix is the last second of the year 9999, behind which databases and JSON
// know no time.
const maxUnix = 253402300799

// unixMilli prefers the finer of the two times that LiveKit states.
func unixMilli(milliseconds, seconds int64) time.Time {
	if milliseconds > 0 && milliseconds/1000 <= maxUnix {
		return time.UnixMilli(milliseconds).UTC()
	}
	return unix(seconds)
}

// unix is zero for what was not stated, or cannot be a time.
func unix(seconds int64) time.Time {
	if seconds <= 0 || seconds > maxUnix {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}
