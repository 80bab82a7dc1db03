package rpc

import (
	"context"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/room"
)

// personKinds are the kinds of people by their word in the database.
var personKinds = map[string]anteroomv1.PersonKind{
	participation.KindWeb.String():   anteroomv1.PersonKind_PERSON_KIND_WEB,
	participation.KindPhone.String(): anteroomv1.PersonKind_PERSON_KIND_PHONE,
}

// Watch implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) Watch(ctx context.Context, req *anteroomv1.WatchRequest, stream *connect.ServerStream[anteroomv1.WatchResponse]) error {
	wish := room.Wish{Rooms: req.GetRooms(), Revision: req.GetRevision(), Ticket: req.GetTicket()}
	return s.rooms.Watch(ctx, wish, func(c room.Change) error {
		return stream.Send(&anteroomv1.WatchResponse{Change: fromChange(c)})
	})
}

func fromChange(c room.Change) *anteroomv1.Change {
	shown := &anteroomv1.Change{Revision: c.Revision}
	switch {
	case c.Snapshot != nil:
		shown.Change = &anteroomv1.Change_Snapshot{Snapshot: fromWatched(c.Snapshot)}
	case c.Notice != nil:
		shown.Change = &anteroomv1.Change_Notice{Notice: fromNotice(c.Notice)}
	case c.Resync:
		shown.Change = &anteroomv1.Change_Resync{Resync: &anteroomv1.Resync{}}
	default:
		shown.Change = &anteroomv1.Change_Heartbeat{Heartbeat: &anteroomv1.Heartbeat{}}
	}
	return shown
}

func fromWatched(rooms []room.Watched) *anteroomv1.Snapshot {
	shown := &anteroomv1.Snapshot{}
	for _, rm := range rooms {
		w := &anteroomv1.WatchedRoom{Room: rm.ID.String(), Slug: rm.Slug, Name: rm.Name, Live: fromLive(rm.Live)}
		for _, p := range rm.People {
			w.People = append(w.People, fromPerson(personOf(p)))
		}
		shown.Rooms = append(shown.Rooms, w)
	}
	return shown
}

func personOf(p *ent.Participation) notice.Person {
	who := notice.Person{ParticipantID: p.ID, Identity: p.Identity, DisplayName: p.DisplayName, JoinTime: p.JoinTime}
	if p.Kind != nil {
		who.Kind = p.Kind.String()
	}
	return who
}

func fromNotice(n *notice.Notice) *anteroomv1.Notice {
	shown := &anteroomv1.Notice{
		Id: strconv.FormatInt(n.ID, 10), Type: n.Fact.Type(), Room: n.RoomID.String(), Time: timestamppb.New(n.Time),
	}
	switch f := n.Fact.(type) {
	case notice.MeetingStarted:
		shown.Fact = &anteroomv1.Notice_MeetingStarted{MeetingStarted: &anteroomv1.MeetingStarted{
			MeetingId: f.MeetingID.String(), StartTime: fromTime(f.StartTime),
		}}
	case notice.MeetingEnded:
		shown.Fact = &anteroomv1.Notice_MeetingEnded{MeetingEnded: &anteroomv1.MeetingEnded{
			MeetingId: f.MeetingID.String(), EndTime: fromTime(f.EndTime), EndEstimated: f.Estimated,
		}}
	case notice.ParticipantJoined:
		shown.Fact = &anteroomv1.Notice_ParticipantJoined{ParticipantJoined: &anteroomv1.ParticipantJoined{
			MeetingId: f.MeetingID.String(), Person: fromPerson(f.Person),
		}}
	case notice.ParticipantLeft:
		shown.Fact = &anteroomv1.Notice_ParticipantLeft{ParticipantLeft: &anteroomv1.ParticipantLeft{
			MeetingId: f.MeetingID.String(), Person: fromPerson(f.Person),
			LeaveTime: fromTime(f.LeaveTime), LeaveEstimated: f.Estimated, LeaveReason: f.Reason,
		}}
	case notice.RoomUpdated:
		shown.Fact = &anteroomv1.Notice_RoomUpdated{RoomUpdated: &anteroomv1.RoomUpdated{Slug: f.Slug, Name: f.Name}}
	case notice.RecordingChanged:
		shown.Fact = &anteroomv1.Notice_RecordingChanged{RecordingChanged: &anteroomv1.RecordingChanged{
			RecordingId: f.RecordingID.String(), Mode: from(recordingModes, entrecording.Mode(f.Mode)),
			Status: from(recordingStatuses, entrecording.Status(f.Status)), Error: f.Reason,
			StartTime: fromTime(f.StartTime), LimitTime: fromTime(f.LimitTime), LimitNear: f.LimitNear,
		}}
	case notice.RecordingAvailable:
		shown.Fact = &anteroomv1.Notice_RecordingAvailable{RecordingAvailable: fromAvailable(f)}
	case notice.RecordingProcessed:
		shown.Fact = &anteroomv1.Notice_RecordingProcessed{RecordingProcessed: &anteroomv1.RecordingProcessed{
			RecordingId: f.RecordingID.String(), Processing: fromProcessing(f.Processing),
		}}
	case notice.RoomDeleted:
		shown.Fact = &anteroomv1.Notice_RoomDeleted{RoomDeleted: &anteroomv1.RoomDeleted{DeleteTime: timestamppb.New(f.DeleteTime)}}
	}
	return shown
}

func fromPerson(p notice.Person) *anteroomv1.Person {
	shown := &anteroomv1.Person{
		ParticipantId: p.ParticipantID.String(), Identity: p.Identity, DisplayName: p.DisplayName,
		Kind: personKinds[p.Kind], JoinTime: fromTime(p.JoinTime),
	}
	if shown.Kind == anteroomv1.PersonKind_PERSON_KIND_PHONE {
		shown.Identity, shown.DisplayName = withoutNumbers(p.Identity), withoutNumbers(p.DisplayName)
	}
	return shown
}
