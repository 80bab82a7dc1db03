package meetingtest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// RequireTrue holds rows of the tale's rooms against what really happened, after
// everything has come and the provider has been asked what is true: who is there is
// right; all that was told of is right as far as it was; an end that nobody stated
// is an estimate that can be no better; and nothing is invented. The rows were
// written until now.
func (tale *Tale) RequireTrue(t require.TestingT, rows Rows, now time.Time) (known Ends) {
	h := hearing{t: t, tale: tale, now: now, clues: tale.clues(), meetings: map[string]*ent.Meeting{}, people: map[string]*ent.Participation{}}
	for _, m := range rows.Meetings {
		h.meetings[m.ProviderSid] = m
	}
	for _, p := range rows.People {
		h.people[p.ProviderSid] = p
	}
	h.requireWanted()
	for _, m := range tale.Meetings {
		known.Add(h.meeting(m))
		for _, s := range m.Stays {
			known.Add(h.stay(m, s))
			delete(h.people, s.SID)
		}
		delete(h.meetings, m.Room.SID)
	}
	require.Empty(t, h.meetings, "invented")
	require.Empty(t, h.people, "invented")
	return known
}

// Ends counts by how they are known.
type Ends struct{ Stated, Estimated int }

// Add adds others.
func (e *Ends) Add(o Ends) { e.Stated, e.Estimated = e.Stated+o.Stated, e.Estimated+o.Estimated }

func (e Ends) String() string {
	all := e.Stated + e.Estimated
	return fmt.Sprintf("%d ends, %.1f %% of them estimated", all, 100*float64(e.Estimated)/float64(max(1, all)))
}

// hearing is where rows are held against the truth.
type hearing struct {
	t        require.TestingT
	tale     *Tale
	now      time.Time
	clues    map[string]*clue
	meetings map[string]*ent.Meeting
	people   map[string]*ent.Participation
}

func (h *hearing) clue(sid string) clue {
	if c := h.clues[sid]; c != nil {
		return *c
	}
	return clue{exact: true}
}

// requireWanted: a room wants its rule exactly while a person is in it.
func (h *hearing) requireWanted() {
	wanted := map[string]bool{}
	for _, p := range h.people {
		if p.LeaveTime == nil && p.JoinTime != nil && video.PersonKind(orZero(p.Kind)).Human() {
			wanted[p.RoomID.String()] = true
		}
	}
	for _, room := range h.tale.Rooms {
		require.Equal(h.t, h.tale.IsAnybodyIn(room), wanted[room], "somebody is in %s", room)
	}
}

func (h *hearing) meeting(m *videotest.Meeting) Ends {
	row, c := h.meetings[m.Room.SID], h.clue(m.Room.SID)
	if row == nil {
		require.False(h.t, c.any, "%s is forgotten", m.Room.SID)
		return Ends{}
	}
	require.Equal(h.t, m.Room.Name, row.RoomID.String())
	if c.start || m.End.IsZero() {
		require.NotNil(h.t, row.StartTime, "start of %s", m.Room.SID)
	}
	if row.StartTime != nil {
		h.requireTime(m.Room.StartTime.Add(h.tale.skew[m.Room.Name]), *row.StartTime, "start of "+m.Room.SID)
	}
	if m.End.IsZero() {
		require.Nil(h.t, row.EndTime, "%s goes on", m.Room.SID)
		return Ends{}
	}
	return h.end(m.Room, m.Room.SID, m.End, row.StartTime, row.EndTime, string(orZero(row.EndRank)), h.now)
}

func (h *hearing) stay(m *videotest.Meeting, s *videotest.Stay) Ends {
	row, c := h.people[s.SID], h.clue(s.SID)
	if row == nil {
		require.False(h.t, c.any || isThere(s), "%s is forgotten", s.SID)
		return Ends{}
	}
	of := h.meetings[m.Room.SID]
	require.NotNil(h.t, of)
	require.Equal(h.t, of.ID, row.MeetingID)
	require.Equal(h.t, s.Identity, row.Identity)
	if c.itself || isThere(s) {
		require.Equal(h.t, s.Kind, video.PersonKind(orZero(row.Kind)), "kind of %s", s.SID)
		require.Equal(h.t, []string{s.Name, s.PhoneNumber, s.PassID}, []string{row.DisplayName, row.PhoneNumber, row.PassID})
	}
	switch {
	case s.Active.IsZero():
		require.Nil(h.t, row.JoinTime, "%s never joined", s.SID)
	case c.start || isThere(s):
		require.NotNil(h.t, row.JoinTime, "start of %s", s.SID)
	}
	if row.JoinTime != nil && c.exact {
		h.requireTime(s.JoinTime.Add(h.tale.skew[m.Room.Name]), *row.JoinTime, "start of "+s.SID)
	}
	if isThere(s) {
		require.Nil(h.t, row.LeaveTime, "%s is there", s.SID)
		return Ends{}
	}
	latest := h.now
	if of.EndTime != nil {
		latest = *of.EndTime
	}
	known := h.end(m.Room, s.SID, s.End, row.JoinTime, row.LeaveTime, string(orZero(row.LeaveRank)), latest)
	if known.Stated > 0 {
		require.Equal(h.t, s.LeaveReason, row.LeaveReason, "reason of %s", s.SID)
	}
	return known
}

// end: stated, it is the second in which it was; estimated, it is not before
// that, nor after whatever shows that it was over, nor before the start.
func (h *hearing) end(room video.EventRoom, sid string, truth time.Time, start, end *time.Time, rank string, latest time.Time) Ends {
	require.NotNil(h.t, end, "%s is over", sid)
	by := h.tale.skew[room.Name]
	if h.clue(sid).end {
		require.Equal(h.t, "stated", rank, "how the end of %s is known", sid)
		h.requireTime(truth.Add(by).Truncate(time.Second), *end, "end of "+sid)
		return Ends{Stated: 1}
	}
	require.Equal(h.t, "estimated", rank, "how the end of %s is known", sid)
	earliest := truth.Add(min(by, 0)).Truncate(time.Second)
	require.False(h.t, end.Before(earliest), "end of %s: %v is before %v", sid, end, earliest)
	if start != nil {
		require.False(h.t, end.Before(*start), "end of %s: %v is before its start %v", sid, end, start)
		if start.After(latest) {
			latest = *start
		}
	}
	require.False(h.t, end.After(latest), "end of %s: %v is after %v", sid, end, latest)
	return Ends{Estimated: 1}
}

func (h *hearing) requireTime(expected, actual time.Time, what string) {
	require.Equal(h.t, expected.UTC(), actual.UTC(), what)
}
