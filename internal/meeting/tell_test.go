package meeting

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func TestToldOfMeeting(t *testing.T) {
	start, end, late := at(0), at(60), at(70)
	none, runs := span{}, span{start: &start}
	over, missed := span{start: &start, end: &end}, span{start: &start, missed: &end}
	room, id := uuid.New(), uuid.New()
	started := []notice.Fact{notice.MeetingStarted{RoomID: room, MeetingID: id, StartTime: &start}}
	ended := func(estimated bool) []notice.Fact {
		return []notice.Fact{notice.MeetingEnded{RoomID: room, MeetingID: id, EndTime: &end, Estimated: estimated}}
	}
	for _, c := range []struct {
		name    string
		was, is span
		want    []notice.Fact
	}{
		{"first heard of", none, runs, started},
		{"nothing new", runs, runs, nil},
		{"over", runs, over, ended(false)},
		{"over, it seems", runs, missed, ended(true)},
		{"it goes on after all", missed, span{start: &start, missed: &end, seen: &late}, started},
		{"the end is stated after all", missed, over, nil},
		{"first heard of when it is over", none, over, nil},
		{"the start comes after the end", span{end: &end}, over, nil},
	} {
		m := &meeting{id: id, roomID: room, was: c.was, is: c.is}
		require.Equal(t, c.want, m.told(), c.name)
	}
}

func TestToldOfPerson(t *testing.T) {
	start, end := at(0), at(60)
	of, id := &meeting{id: uuid.New(), roomID: uuid.New(), was: span{start: &start}, is: span{start: &start}}, uuid.New()
	in := facts{span: span{start: &start}, identity: "ada", displayName: "Ada", kind: video.Web}
	out, missed, recorder, unknown := in, in, in, in
	out.end, out.leaveReason = &end, "CLIENT_INITIATED"
	missed.missed = &end
	recorder.kind, unknown.kind = video.RecorderKind, video.Unknown
	who := notice.Person{ParticipantID: id, Identity: "ada", DisplayName: "Ada", Kind: "web", JoinTime: &start}
	joined := []notice.Fact{notice.ParticipantJoined{RoomID: of.roomID, MeetingID: of.id, Person: who}}
	left := func(estimated bool, reason string) []notice.Fact {
		return []notice.Fact{notice.ParticipantLeft{
			RoomID: of.roomID, MeetingID: of.id, Person: who, LeaveTime: &end, Estimated: estimated, Reason: reason,
		}}
	}
	for _, c := range []struct {
		name    string
		was, is facts
		want    []notice.Fact
	}{
		{"joined", facts{}, in, joined},
		{"of a kind that was not known", unknown, in, joined},
		{"nothing new", in, in, nil},
		{"left", in, out, left(false, "CLIENT_INITIATED")},
		{"missed", in, missed, left(true, "")},
		{"left, before anybody heard of them", facts{}, out, nil},
		{"told of again", out, out, nil},
		{"a recorder", facts{}, recorder, nil},
		{"nobody knows of what kind", facts{}, unknown, nil},
	} {
		require.Equal(t, c.want, (&connection{id: id, of: of, was: c.was, is: c.is}).told(), c.name)
	}
}
