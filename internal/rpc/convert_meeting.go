package rpc

import (
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/meeting"
)

var (
	participantKinds = map[anteroomv1.ParticipantKind]participation.Kind{
		anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB:      participation.KindWeb,
		anteroomv1.ParticipantKind_PARTICIPANT_KIND_PHONE:    participation.KindPhone,
		anteroomv1.ParticipantKind_PARTICIPANT_KIND_AGENT:    participation.KindAgent,
		anteroomv1.ParticipantKind_PARTICIPANT_KIND_RECORDER: participation.KindRecorder,
		anteroomv1.ParticipantKind_PARTICIPANT_KIND_INGRESS:  participation.KindIngress,
	}
	qualityLevels = map[anteroomv1.ConnectionQuality]meeting.Level{
		anteroomv1.ConnectionQuality_CONNECTION_QUALITY_EXCELLENT: meeting.Excellent,
		anteroomv1.ConnectionQuality_CONNECTION_QUALITY_GOOD:      meeting.Good,
		anteroomv1.ConnectionQuality_CONNECTION_QUALITY_POOR:      meeting.Poor,
		anteroomv1.ConnectionQuality_CONNECTION_QUALITY_LOST:      meeting.Lost,
	}
	usageGroups = map[anteroomv1.UsageGroup]meeting.Group{
		anteroomv1.UsageGroup_USAGE_GROUP_DAY:  meeting.ByDay,
		anteroomv1.UsageGroup_USAGE_GROUP_ROOM: meeting.ByRoom,
		anteroomv1.UsageGroup_USAGE_GROUP_USER: meeting.ByUser,
	}
)

func fromMeeting(m *meeting.Meeting) *anteroomv1.Meeting {
	return &anteroomv1.Meeting{
		Id: m.ID.String(), Room: m.RoomID.String(), RoomName: m.Edges.Room.Name, ProviderSid: m.ProviderSid,
		StartTime: fromTime(m.StartTime), EndTime: fromTime(m.EndTime),
		EndEstimated: m.EndRank != nil && *m.EndRank == entmeeting.EndRankEstimated,
		People:       uint32(m.People), PeakPeople: uint32(m.Peak), Callers: uint32(m.Callers), PeopleDuration: durationpb.New(m.Total),
	}
}

func fromParticipant(p *meeting.Participant) *anteroomv1.Participant {
	shown := &anteroomv1.Participant{
		Id: p.ID.String(), ProviderSid: p.ProviderSid, Identity: p.Identity, DisplayName: p.DisplayName,
		JoinTime: fromTime(p.JoinTime), LeaveTime: fromTime(p.LeaveTime),
		LeaveEstimated: p.LeaveRank != nil && *p.LeaveRank == participation.LeaveRankEstimated,
		LeaveReason:    p.LeaveReason, Duration: durationpb.New(p.Duration), PhoneNumber: p.PhoneNumber,
	}
	if p.Kind != nil {
		shown.Kind = from(participantKinds, *p.Kind)
	}
	if _, err := uuid.Parse(p.Identity); err == nil {
		shown.User = p.Identity
	}
	if p.SamePersonAs != uuid.Nil {
		shown.SamePersonAs = p.SamePersonAs.String()
	}
	if q, err := p.Edges.QualityOrErr(); err == nil {
		shown.Client, shown.Quality = fromClient(meeting.Client{Device: q.Device, Browser: q.Browser}), fromQuality(q)
	}
	return shown
}

func fromQuality(q *ent.Quality) *anteroomv1.Quality {
	shown := &anteroomv1.Quality{
		Samples: uint32(q.Samples), ExcellentDuration: fromMillis(float64(q.ExcellentMs)), GoodDuration: fromMillis(float64(q.GoodMs)),
		PoorDuration: fromMillis(float64(q.PoorMs)), LostDuration: fromMillis(float64(q.LostMs)),
	}
	if n := float64(q.PacketLossCount); n > 0 {
		mean := q.PacketLossSum / n
		shown.PacketLossMean, shown.PacketLossMax = &mean, &q.PacketLossMax
	}
	if n := float64(q.JitterCount); n > 0 {
		shown.JitterMean, shown.JitterMax = fromMillis(q.JitterMsSum/n), fromMillis(q.JitterMsMax)
	}
	if n := float64(q.RoundTripCount); n > 0 {
		shown.RoundTripMean, shown.RoundTripMax = fromMillis(q.RoundTripMsSum/n), fromMillis(q.RoundTripMsMax)
	}
	return shown
}

func fromMillis(n float64) *durationpb.Duration {
	return durationpb.New(time.Duration(n * float64(time.Millisecond)))
}

func fromClient(c meeting.Client) *anteroomv1.Client {
	return &anteroomv1.Client{Device: c.Device, Browser: c.Browser}
}

func toClient(c *anteroomv1.Client) meeting.Client {
	return meeting.Client{Device: c.GetDevice(), Browser: c.GetBrowser()}
}

func toSamples(samples []*anteroomv1.QualitySample) (seen []meeting.Sample) {
	for _, s := range samples {
		seen = append(seen, meeting.Sample{
			Level: qualityLevels[s.GetQuality()], Duration: s.GetDuration().AsDuration(), PacketLoss: s.PacketLoss,
			Jitter: toDuration(s.GetJitter()), RoundTrip: toDuration(s.GetRoundTrip()),
		})
	}
	return seen
}

func toDuration(d *durationpb.Duration) *time.Duration {
	if d == nil {
		return nil
	}
	lasts := d.AsDuration()
	return &lasts
}

func fromUsage(by anteroomv1.UsageGroup, u *meeting.Usage) *anteroomv1.Usage {
	row := &anteroomv1.Usage{
		Name: u.Name, Meetings: uint32(u.Meetings), People: uint32(u.People), PeakPeople: uint32(u.Peak),
		PeopleDuration: durationpb.New(u.Total), PhoneDuration: durationpb.New(u.Phone),
		Reconnects: uint32(u.Reconnects), Failures: uint32(u.Failures), EstimatedEnds: uint32(u.EstimatedEnds),
	}
	if u.Total > 0 {
		row.PhoneShare = float64(u.Phone) / float64(u.Total)
	}
	for _, c := range u.Clients {
		row.Clients = append(row.Clients, &anteroomv1.ClientCount{Client: fromClient(c.Client), Connections: uint32(c.Connections)})
	}
	switch by {
	case anteroomv1.UsageGroup_USAGE_GROUP_DAY:
		row.Group = &anteroomv1.Usage_Date{Date: u.Key}
	case anteroomv1.UsageGroup_USAGE_GROUP_ROOM:
		row.Group = &anteroomv1.Usage_Room{Room: u.Key}
	case anteroomv1.UsageGroup_USAGE_GROUP_USER:
		row.Group = &anteroomv1.Usage_User{User: u.Key}
	}
	return row
}
