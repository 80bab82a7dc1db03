package meeting

import (
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/notice"
)

// present is whether somebody is in a meeting now, as db.Present has it.
func (f facts) present() bool { return f.start != nil && f.end == nil && f.kind.Human() }

// toldOfMeeting is what others are told when a meeting's span changes; nothing
// of one that is over when it is first heard of.
func toldOfMeeting(of met, was span) []notice.Fact {
	began, runs := was.start != nil && was.end == nil, of.start != nil && of.end == nil
	switch {
	case !began && runs && was.end == nil:
		return []notice.Fact{notice.MeetingStarted{RoomID: of.roomID, MeetingID: of.id, StartTime: utc(of.start)}}
	case began && of.end != nil:
		return []notice.Fact{notice.MeetingEnded{
			RoomID: of.roomID, MeetingID: of.id, EndTime: utc(of.end), Estimated: is(of.rank, estimated),
		}}
	}
	return nil
}

// toldOfPerson is what others are told when what is known of a connection
// changes. Of whom nobody has seen come, nobody is told that they went.
func toldOfPerson(of met, participationID uuid.UUID, was, now facts) []notice.Fact {
	who := notice.Person{
		ParticipantID: participationID, Identity: now.identity, DisplayName: now.displayName,
		Kind: string(now.kind), JoinTime: utc(now.start),
	}
	switch {
	case !was.present() && now.present():
		return []notice.Fact{notice.ParticipantJoined{RoomID: of.roomID, MeetingID: of.id, Person: who}}
	case was.present() && !now.present():
		return []notice.Fact{notice.ParticipantLeft{
			RoomID: of.roomID, MeetingID: of.id, Person: who,
			LeaveTime: utc(now.end), Estimated: is(now.rank, estimated), Reason: now.leaveReason,
		}}
	}
	return nil
}

func is(r *rank, want rank) bool { return r != nil && *r == want }

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return ptr(t.UTC())
}
