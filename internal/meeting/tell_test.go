package meeting

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func TestToldOfMeeting(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	end := at.Add(time.Hour)
	none, runs := span{}, span{start: &at}
	over, guessed := span{&at, &end, ptr(stated)}, span{&at, &end, ptr(estimated)}
	of := met{id: uuid.New(), roomID: uuid.New()}
	started := []notice.Fact{notice.MeetingStarted{RoomID: of.roomID, MeetingID: of.id, StartTime: &at}}
	ended := func(estimated bool) []notice.Fact {
		return []notice.Fact{notice.MeetingEnded{RoomID: of.roomID, MeetingID: of.id, EndTime: &end, Estimated: estimated}}
	}
	for _, c := range []struct {
		name    string
		was, is span
		want    []notice.Fact
	}{
		{"first heard of", none, runs, started},
		{"nothing new", runs, runs, nil},
		{"over", runs, over, ended(false)},
		{"over, it seems", runs, guessed, ended(true)},
		{"the end is stated after all", guessed, over, nil},
		{"first heard of when it is over", none, over, nil},
		{"the start comes after the end", span{end: &end, rank: ptr(stated)}, over, nil},
	} {
		of.span = c.is
		require.Equal(t, c.want, toldOfMeeting(of, c.was), c.name)
	}
}

func TestToldOfPerson(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	end := at.Add(time.Minute)
	of, id := met{id: uuid.New(), roomID: uuid.New()}, uuid.New()
	in := facts{span: span{start: &at}, identity: "ada", displayName: "Ada", kind: video.Web}
	out := in
	out.span, out.leaveReason = span{&at, &end, ptr(stated)}, "CLIENT_INITIATED"
	recorder, unknown := in, in
	recorder.kind, unknown.kind = video.Recorder, video.Unknown
	who := notice.Person{ParticipantID: id, Identity: "ada", DisplayName: "Ada", Kind: "web", JoinTime: &at}
	joined := []notice.Fact{notice.ParticipantJoined{RoomID: of.roomID, MeetingID: of.id, Person: who}}
	left := []notice.Fact{notice.ParticipantLeft{RoomID: of.roomID, MeetingID: of.id, Person: who, LeaveTime: &end, Reason: "CLIENT_INITIATED"}}
	for _, c := range []struct {
		name    string
		was, is facts
		want    []notice.Fact
	}{
		{"joined", facts{}, in, joined},
		{"of a kind that was not known", unknown, in, joined},
		{"nothing new", in, in, nil},
		{"left", in, out, left},
		{"left, before anybody heard of them", facts{}, out, nil},
		{"told of again", out, out, nil},
		{"a recorder", facts{}, recorder, nil},
		{"nobody knows of what kind", facts{}, unknown, nil},
	} {
		require.Equal(t, c.want, toldOfPerson(of, id, c.was, c.is), c.name)
	}
}
