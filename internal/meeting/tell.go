package meeting

import (
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/notice"
)

// told is what others are told of the changes to an account.
func (a *account) told() (told []notice.Fact) {
	for _, m := range a.meetings {
		told = append(told, m.told()...)
	}
	for _, c := range a.participations {
		if c.of != nil {
			told = append(told, c.told()...)
		}
	}
	return told
}

// told is what others are told when a meeting's span changes; nothing of one that
// is over when it is first heard of.
func (m *meeting) told() []notice.Fact {
	end, known := m.is.over(nil)
	began, runs := m.was.start != nil && m.was.ended() == nil, m.is.start != nil && end == nil
	switch {
	case runs && !began:
		return []notice.Fact{notice.MeetingStarted{RoomID: m.roomID, MeetingID: m.id, StartTime: utc(m.is.start)}}
	case began && end != nil:
		return []notice.Fact{notice.MeetingEnded{
			RoomID: m.roomID, MeetingID: m.id, EndTime: utc(end), Estimated: *known == estimated,
		}}
	}
	return nil
}

// told is what others are told when what is known of a connection changes. Of
// whom nobody has seen come, nobody is told that they went.
func (c *connection) told() []notice.Fact {
	was, is := c.was.present(c.of.was.ended()), c.is.present(c.of.is.ended())
	switch {
	case !was && is:
		return []notice.Fact{notice.ParticipantJoined{RoomID: c.of.roomID, MeetingID: c.of.id, Person: c.is.person(c.id)}}
	case was && !is:
		end, known := c.is.over(c.of.is.ended())
		return []notice.Fact{notice.ParticipantLeft{
			RoomID: c.of.roomID, MeetingID: c.of.id, Person: c.is.person(c.id),
			LeaveTime: utc(end), Estimated: known != nil && *known == estimated, Reason: c.is.leaveReason,
		}}
	}
	return nil
}

// present is whether somebody is in a meeting that has or has not ended, as
// db.Present has it.
func (f facts) present(ended *time.Time) bool {
	end, _ := f.over(ended)
	return f.start != nil && end == nil && f.kind.Human()
}

func (f facts) person(id uuid.UUID) notice.Person {
	return notice.Person{
		ParticipantID: id, Identity: f.identity, DisplayName: f.displayName, Kind: string(f.kind), JoinTime: utc(f.start),
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return ptr(t.UTC())
}
