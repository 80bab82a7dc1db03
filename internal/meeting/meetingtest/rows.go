package meetingtest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
)

// Rows are an account: meetings, and the connections to them.
type Rows struct {
	Meetings []*ent.Meeting
	People   []*ent.Participation
}

// Lines are the rows in words and in order, without ids and what only looks write,
// so that accounts can be compared.
func (r Rows) Lines() []string {
	var lines []string
	of := map[uuid.UUID]string{}
	for _, m := range r.Meetings {
		of[m.ID] = m.ProviderSid
		lines = append(lines, fmt.Sprint(m.ProviderSid, " ", m.RoomID, " ", at(m.StartTime), " ", at(m.EndTime), " ", orZero(m.EndRank)))
	}
	for _, p := range r.People {
		lines = append(lines, fmt.Sprint(p.ProviderSid, " in ", of[p.MeetingID], " ", p.RoomID, " ", p.Identity, " ", p.DisplayName, " ",
			orZero(p.Kind), " ", at(p.JoinTime), " ", at(p.LeaveTime), " ", orZero(p.LeaveRank), " ", p.LeaveReason, " ", p.PhoneNumber, " ", p.PassID))
	}
	slices.Sort(lines)
	return lines
}

func at(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("15:04:05.000000")
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
