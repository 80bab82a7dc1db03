package main

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/webhook"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// post is a webhook, ready to be sent.
type post struct {
	body   []byte
	header http.Header
}

// meeting is one life of a room at LiveKit, of which it makes the webhooks in
// the order in which they come. The bodies hold what a browser's visit has in
// them, 0.6 to 2 KB each.
type meeting struct {
	room      *livekit.Room
	now       time.Time
	key       string
	secret    string
	posts     []post
	marshal   error
	presences int
}

// newMeeting has three people come, publish four tracks and leave: 12 events.
func newMeeting(roomName, key, secret string) ([]post, error) {
	m := &meeting{now: time.Now(), key: key, secret: secret}
	m.room = m.newRoom(roomName)
	m.tell(&livekit.WebhookEvent{Event: webhook.EventRoomStarted, Room: m.room})
	people := []*livekit.ParticipantInfo{m.newPerson("Ada"), m.newPerson("Grace"), m.newPerson("Hedy")}
	for i, p := range people {
		m.join(p)
		m.publish(p, newTrack(livekit.TrackSource_MICROPHONE))
		if i == 0 {
			m.publish(p, newTrack(livekit.TrackSource_CAMERA))
		}
	}
	for _, p := range people {
		m.leave(p)
	}
	m.tell(&livekit.WebhookEvent{Event: webhook.EventRoomFinished, Room: m.room})
	return m.posts, m.marshal
}

func (m *meeting) newRoom(name string) *livekit.Room {
	r := &livekit.Room{
		Sid: newSID("RM_"), Name: name, EmptyTimeout: 600, DepartureTimeout: 20,
		CreationTime: m.now.Unix(), CreationTimeMs: m.now.UnixMilli(), TurnPassword: rand.Text(),
	}
	for _, mime := range []string{
		"audio/PCMU", "audio/PCMA", "audio/opus", "audio/red", "video/VP8", "video/H264", "video/VP9", "video/AV1", "video/H265", "video/rtx",
	} {
		r.EnabledCodecs = append(r.EnabledCodecs, &livekit.Codec{Mime: mime})
	}
	return r
}

func (m *meeting) newPerson(name string) *livekit.ParticipantInfo {
	return &livekit.ParticipantInfo{
		Sid: newSID("PA_"), Identity: "guest_" + rand.Text(), Name: name, State: livekit.ParticipantInfo_ACTIVE,
		JoinedAt: m.now.Unix(), JoinedAtMs: m.now.UnixMilli(), Version: 3, ClientProtocol: 1,
		Attributes: map[string]string{"anteroom.pass": rand.Text(), "anteroom.role": "guest"},
		Permission: &livekit.ParticipantPermission{
			CanSubscribe: true, CanPublish: true, CanPublishData: true,
			CanPublishSources: []livekit.TrackSource{
				livekit.TrackSource_CAMERA, livekit.TrackSource_MICROPHONE,
				livekit.TrackSource_SCREEN_SHARE, livekit.TrackSource_SCREEN_SHARE_AUDIO,
			},
		},
	}
}

func newTrack(source livekit.TrackSource) *livekit.TrackInfo {
	t := &livekit.TrackInfo{
		Sid: newSID("TR_"), Source: source, Name: source.String(), Mid: "0", Stream: "camera",
		Type: livekit.TrackType_AUDIO, MimeType: "audio/red",
	}
	if source != livekit.TrackSource_CAMERA {
		return t
	}
	t.Type, t.MimeType, t.Width, t.Height = livekit.TrackType_VIDEO, "video/VP8", 1280, 720
	codec := &livekit.SimulcastCodecInfo{MimeType: t.MimeType, Mid: "1", Cid: newSID("TR_")}
	for i, quality := range []livekit.VideoQuality{livekit.VideoQuality_LOW, livekit.VideoQuality_MEDIUM, livekit.VideoQuality_HIGH} {
		codec.Layers = append(codec.Layers, &livekit.VideoLayer{
			Quality: quality, Width: 320 << i, Height: 180 << i, Bitrate: 160_000 << (2 * i), Ssrc: 208830123 + uint32(i),
		})
	}
	t.Codecs = []*livekit.SimulcastCodecInfo{codec}
	return t
}

func (m *meeting) join(p *livekit.ParticipantInfo) {
	m.presences++
	m.room.NumParticipants = uint32(m.presences)
	m.tell(&livekit.WebhookEvent{Event: webhook.EventParticipantJoined, Room: m.room, Participant: p})
}

// publish names room and person by id alone, as LiveKit does in track events.
func (m *meeting) publish(p *livekit.ParticipantInfo, t *livekit.TrackInfo) {
	p.Tracks, p.IsPublisher = append(p.Tracks, t), true
	m.tell(&livekit.WebhookEvent{
		Event: webhook.EventTrackPublished, Room: &livekit.Room{Sid: m.room.Sid, Name: m.room.Name},
		Participant: &livekit.ParticipantInfo{Sid: p.Sid, Identity: p.Identity}, Track: t,
	})
}

func (m *meeting) leave(p *livekit.ParticipantInfo) {
	m.presences--
	m.room.NumParticipants = uint32(m.presences)
	p.State, p.DisconnectReason, p.Tracks = livekit.ParticipantInfo_DISCONNECTED, livekit.DisconnectReason_CLIENT_INITIATED, nil
	m.tell(&livekit.WebhookEvent{Event: webhook.EventParticipantLeft, Room: m.room, Participant: p})
}

func (m *meeting) tell(e *livekit.WebhookEvent) {
	m.now = m.now.Add(time.Millisecond)
	e.Id, e.CreatedAt = newSID("EV_"), m.now.Unix()
	body, err := protojson.Marshal(e)
	if err != nil {
		m.marshal = err
	}
	m.posts = append(m.posts, post{body, livekittest.Sign(body, m.key, m.secret)})
}

// newSID is an id of LiveKit's form, of random letters.
func newSID(prefix string) string { return prefix + rand.Text()[:14] }
