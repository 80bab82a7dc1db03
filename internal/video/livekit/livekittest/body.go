package livekittest

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Body is the webhook in which LiveKit tells this event, a TURN password included;
// Sign makes its headers. It panics when the event holds no text of UTF-8. The
// event's Body is not read.
func Body(e video.Event) []byte {
	event := &livekit.WebhookEvent{Event: e.Type, Id: e.ID, CreatedAt: seconds(e.Time)}
	switch {
	case e.Egress != nil:
		event.EgressInfo = EgressInfo(*e.Egress)
	default:
		event.Room = roomOf(e.Room)
	}
	if e.Participant != nil {
		event.Participant = participantOf(*e.Participant)
	}
	if e.Track != nil {
		event.Track = &livekit.TrackInfo{Sid: e.Track.SID, Source: sources[e.Track.Source], Muted: e.Track.Muted}
	}
	body, err := protojson.Marshal(event)
	if err != nil {
		panic(err)
	}
	// protojson puts blanks in at random.
	var compact bytes.Buffer
	_ = json.Compact(&compact, body)
	return compact.Bytes()
}

// EgressInfo is how LiveKit keeps and tells this egress, as one of a room's picture
// and sound.
func EgressInfo(e video.Egress) *livekit.EgressInfo {
	info := &livekit.EgressInfo{
		EgressId: e.ID, RoomName: e.RoomName, RoomId: e.RoomSID, Status: statuses[e.Status], Error: e.Error,
		StartedAt: nanoseconds(e.StartTime), EndedAt: nanoseconds(e.EndTime), UpdatedAt: nanoseconds(e.UpdateTime),
	}
	if e.Path != "" {
		info.Request = &livekit.EgressInfo_RoomComposite{RoomComposite: &livekit.RoomCompositeEgressRequest{
			RoomName: e.RoomName, FileOutputs: []*livekit.EncodedFileOutput{{Filepath: e.Path}},
		}}
	}
	for _, f := range e.Files {
		info.FileResults = append(info.FileResults, &livekit.FileInfo{
			Filename: f.Path, Location: f.Location, Size: f.Size, Duration: int64(f.Duration),
			StartedAt: nanoseconds(f.StartTime), EndedAt: nanoseconds(f.EndTime),
		})
	}
	return info
}

var statuses = map[video.EgressStatus]livekit.EgressStatus{
	video.Starting:       livekit.EgressStatus_EGRESS_STARTING,
	video.Active:         livekit.EgressStatus_EGRESS_ACTIVE,
	video.Ending:         livekit.EgressStatus_EGRESS_ENDING,
	video.Complete:       livekit.EgressStatus_EGRESS_COMPLETE,
	video.CaptureFailed:  livekit.EgressStatus_EGRESS_FAILED,
	video.CaptureAborted: livekit.EgressStatus_EGRESS_ABORTED,
	video.LimitReached:   livekit.EgressStatus_EGRESS_LIMIT_REACHED,
}

// roomOf is the part of a room that track events have, or all of it.
func roomOf(r video.EventRoom) *livekit.Room {
	room := &livekit.Room{Name: r.Name, Sid: r.SID}
	if !r.StartTime.IsZero() {
		room.CreationTime, room.CreationTimeMs = seconds(r.StartTime), r.StartTime.UnixMilli()
		room.EmptyTimeout, room.DepartureTimeout = 300, 20
		room.TurnPassword = "a TURN password"
		room.EnabledCodecs = []*livekit.Codec{{Mime: "audio/opus"}, {Mime: "video/VP8"}}
	}
	return room
}

func participantOf(p video.Participant) *livekit.ParticipantInfo {
	info := &livekit.ParticipantInfo{
		Sid: p.SID, Identity: p.Identity, Name: p.Name, Kind: kinds[p.Kind],
		DisconnectReason: livekit.DisconnectReason(livekit.DisconnectReason_value[p.LeaveReason]),
	}
	if p.Kind != video.Unknown {
		info.State = livekit.ParticipantInfo_ACTIVE
		info.JoinedAt, info.JoinedAtMs = seconds(p.JoinTime), milliseconds(p.JoinTime)
	}
	if p.LeaveReason != "" {
		info.State = livekit.ParticipantInfo_DISCONNECTED
	}
	info.Attributes = attributesOf(p)
	return info
}

func attributesOf(p video.Participant) map[string]string {
	attributes := map[string]string{}
	if p.PassID != "" {
		attributes[video.AttributePass] = p.PassID
	}
	if p.PhoneNumber != "" {
		attributes["sip.phoneNumber"] = p.PhoneNumber
		attributes["sip.callStatus"] = "active"
		attributes["sip.callID"] = "SCL_" + p.SID
	}
	return attributes
}

var kinds = map[video.PersonKind]livekit.ParticipantInfo_Kind{
	video.Web:          livekit.ParticipantInfo_STANDARD,
	video.Phone:        livekit.ParticipantInfo_SIP,
	video.Agent:        livekit.ParticipantInfo_AGENT,
	video.RecorderKind: livekit.ParticipantInfo_EGRESS,
	video.Ingress:      livekit.ParticipantInfo_INGRESS,
}

var sources = map[string]livekit.TrackSource{
	video.Camera:           livekit.TrackSource_CAMERA,
	video.Microphone:       livekit.TrackSource_MICROPHONE,
	video.ScreenShare:      livekit.TrackSource_SCREEN_SHARE,
	video.ScreenShareAudio: livekit.TrackSource_SCREEN_SHARE_AUDIO,
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
