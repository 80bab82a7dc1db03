package webhook

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// truthCases is how many stories the rules are put to.
const truthCases = 10_000

// TestTheAccountIsTrue tells stories with losses, doubles, delays, clocks that
// differ and times left out, asks what is true at any instants in between, and
// once more in the end: then who is there is right, and the history as right as
// it can be.
func TestTheAccountIsTrue(t *testing.T) {
	checks(t, truthCases, 500)
	var all ends
	begin, cases := time.Now(), 0
	rapid.Check(t, func(r *rapid.T) {
		all.add(tellWorld(r))
		if cases++; cases%2000 == 0 {
			t.Logf("%d cases, %v", cases, time.Since(begin).Round(time.Second))
		}
	})
	t.Logf("%d cases in %v; %s", cases, time.Since(begin).Round(time.Millisecond), all)
}

// checks sets how many cases a property is put to, unless the command line does.
func checks(t *testing.T, normal, short int) {
	t.Helper()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "rapid.checks" })
	if set {
		return
	}
	before := flag.Lookup("rapid.checks").Value.String()
	n := normal
	if testing.Short() {
		n = short
	}
	require.NoError(t, flag.Set("rapid.checks", fmt.Sprint(n)))
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// tellWorld is one case.
func tellWorld(r *rapid.T) ends {
	w := drawWorld(r)
	if !w.lossy {
		require.Equal(r, lines(meeting.Fold(w.rooms, events(w.told))), lines(meeting.Fold(w.rooms, events(w.heard))), "order and doubles")
	}
	for range rapid.IntRange(0, 2).Draw(r, "rounds in between") {
		span := int(w.latest().Sub(w.now.Now()) / time.Millisecond)
		w.reconcile(w.now.Now().Add(time.Duration(rapid.IntRange(0, max(span, 1)).Draw(r, "round in ms")) * time.Millisecond))
	}
	mends := w.reconcile(w.latest().Add(time.Minute))
	if !w.lossy && !w.bare() {
		require.Empty(r, mends, "nothing is left to mend")
		require.Equal(r, lines(meeting.Fold(w.rooms, events(w.told))), lines(w.account()))
	}
	return w.requireTrue()
}

func events(all []heard) (events []video.Event) {
	for _, h := range all {
		events = append(events, h.Event)
	}
	return events
}

func (w *world) bare() bool {
	for _, h := range w.told {
		if h.bare {
			return true
		}
	}
	return false
}

// ends counts how they are known.
type ends struct{ stated, estimated int }

func (e *ends) add(o ends) { e.stated, e.estimated = e.stated+o.stated, e.estimated+o.estimated }

func (e ends) String() string {
	return fmt.Sprintf("%d ends, %.1f %% of them estimated", e.stated+e.estimated, 100*float64(e.estimated)/float64(max(1, e.stated+e.estimated)))
}

// requireTrue holds the rows against what really happened.
func (w *world) requireTrue() (known ends) {
	meetings, people := map[string]*ent.Meeting{}, map[string]*ent.Participation{}
	allMeetings, allPeople := w.account()
	for _, m := range allMeetings {
		meetings[m.ProviderSid] = m
	}
	for _, p := range allPeople {
		people[p.ProviderSid] = p
	}
	wanted, live := map[string]bool{}, map[string]bool{}
	for _, p := range people {
		if p.LeaveTime == nil && p.JoinTime != nil {
			live[p.ProviderSid] = true
			wanted[p.RoomID.String()] = wanted[p.RoomID.String()] || video.PersonKind(*p.Kind).Human()
		}
	}
	for _, m := range w.story.Meetings {
		c := w.clues(m.Room.SID)
		known.add(w.requireMeeting(m, meetings[m.Room.SID], c))
		for _, s := range m.Stays {
			known.add(w.requireStay(m, s, meetings[m.Room.SID], people[s.SID], c.people[s.SID]))
			require.Equal(w.t, !s.Active.IsZero() && s.End.IsZero(), live[s.SID], "%s is there", s.SID)
			delete(people, s.SID)
		}
		delete(meetings, m.Room.SID)
	}
	require.Empty(w.t, meetings, "invented")
	require.Empty(w.t, people, "invented")
	for _, name := range worldRooms {
		require.Equal(w.t, w.isAnybodyIn(name), wanted[name], "rule of %s", name)
	}
	return known
}

// isAnybodyIn tells whether a person is truly in a room.
func (w *world) isAnybodyIn(name string) bool {
	for _, m := range w.story.Meetings {
		for _, s := range m.Stays {
			if m.Room.Name == name && !s.Active.IsZero() && s.End.IsZero() && (s.Kind == video.Web || s.Kind == video.Phone) {
				return true
			}
		}
	}
	return false
}

// clue is what the events that came tell of a meeting, or of a stay.
type clue struct {
	any    bool // something
	start  bool // when it began, as stated
	exact  bool // … and nothing less exact besides
	end    bool // when it ended
	itself bool // who they are, and not only a SID
	people map[string]*clue
}

func (w *world) clues(sid string) clue {
	c := clue{people: map[string]*clue{}}
	for _, h := range w.heard {
		if h.Room.SID != sid || h.Egress != nil {
			continue
		}
		c.any = true
		c.start = c.start || !h.Room.StartTime.IsZero()
		c.end = c.end || h.Kind == video.RoomFinished && !h.Time.IsZero()
		if h.Participant != nil {
			c.of(h.Participant.SID).add(h)
		}
	}
	return c
}

func (c clue) of(sid string) *clue {
	if c.people[sid] == nil {
		c.people[sid] = &clue{exact: true}
	}
	return c.people[sid]
}

func (c *clue) add(h heard) {
	c.any = true
	c.itself = c.itself || h.Participant.Kind != video.Unknown
	switch h.Kind {
	case video.ParticipantJoined:
		c.start = true
		c.exact = c.exact && !h.Participant.JoinTime.IsZero()
	case video.ParticipantLeft:
		c.start = c.start || !h.Participant.JoinTime.IsZero()
		c.end = c.end || !h.Time.IsZero()
	case video.ParticipantAborted:
		c.end = c.end || !h.Time.IsZero()
	}
}

func (w *world) requireMeeting(m *videotest.Meeting, row *ent.Meeting, c clue) (known ends) {
	if row == nil {
		require.False(w.t, c.any, "%s is forgotten", m.Room.SID)
		return known
	}
	by := w.skew[m.Room.Name]
	require.Equal(w.t, m.Room.Name, row.RoomID.String())
	if c.start {
		require.NotNil(w.t, row.StartTime, m.Room.SID)
	}
	if row.StartTime != nil {
		require.Equal(w.t, m.Room.StartTime.Add(by), *row.StartTime, "start of %s", m.Room.SID)
	}
	if m.End.IsZero() {
		require.Nil(w.t, row.EndTime, "%s goes on", m.Room.SID)
		require.NotNil(w.t, row.StartTime, "start of %s, which goes on", m.Room.SID)
		return known
	}
	require.NotNil(w.t, row.EndTime, "%s is over", m.Room.SID)
	stated := *row.EndRank == entmeeting.EndRankStated
	require.Equal(w.t, c.end, stated, "how the end of %s is known", m.Room.SID)
	w.requireEnd(m.Room.SID, m.End, by, row.StartTime, *row.EndTime, stated, w.now.Now())
	return count(stated)
}

func (w *world) requireStay(m *videotest.Meeting, s *videotest.Stay, of *ent.Meeting, row *ent.Participation, c *clue) (known ends) {
	if c == nil {
		c = &clue{exact: true}
	}
	if row == nil {
		require.False(w.t, c.any, "%s is forgotten", s.SID)
		return known
	}
	by := w.skew[m.Room.Name]
	require.Equal(w.t, of.ID, row.MeetingID)
	require.Equal(w.t, s.Identity, row.Identity)
	if c.itself || s.End.IsZero() {
		require.Equal(w.t, s.Participant.Kind, video.PersonKind(orZero(row.Kind)))
		require.Equal(w.t, []string{s.Name, s.PhoneNumber, s.PassID}, []string{row.DisplayName, row.PhoneNumber, row.PassID})
	}
	switch {
	case s.Active.IsZero():
		require.Nil(w.t, row.JoinTime, "%s never joined", s.SID)
	case c.start || s.End.IsZero():
		require.NotNil(w.t, row.JoinTime, s.SID)
	}
	if row.JoinTime != nil && c.exact {
		require.Equal(w.t, s.JoinTime.Add(by), *row.JoinTime, "start of %s", s.SID)
	}
	if s.End.IsZero() {
		require.Nil(w.t, row.LeaveTime, "%s is there", s.SID)
		return known
	}
	require.NotNil(w.t, row.LeaveTime, "%s is gone", s.SID)
	stated := *row.LeaveRank == participation.LeaveRankStated
	require.Equal(w.t, c.end, stated, "how the end of %s is known", s.SID)
	latest := w.now.Now()
	if of.EndTime != nil {
		latest = *of.EndTime
	}
	w.requireEnd(s.SID, s.End, by, row.JoinTime, *row.LeaveTime, stated, latest)
	if c.itself && stated {
		require.Equal(w.t, s.LeaveReason, row.LeaveReason)
	}
	return count(stated)
}

func count(stated bool) ends {
	if stated {
		return ends{stated: 1}
	}
	return ends{estimated: 1}
}

// requireEnd: stated, it is the second in which it was; estimated, it is not
// before that, nor later than whatever shows that it was over, nor before the start.
func (w *world) requireEnd(sid string, truth time.Time, by time.Duration, start *time.Time, end time.Time, stated bool, latest time.Time) {
	if stated {
		require.Equal(w.t, truth.Add(by).Truncate(time.Second), end, "end of %s", sid)
		return
	}
	earliest := truth.Add(min(by, 0)).Truncate(time.Second)
	require.False(w.t, end.Before(earliest), "end of %s: %v is before %v", sid, end, earliest)
	if start != nil {
		require.False(w.t, end.Before(*start), "end of %s: %v is before its start %v", sid, end, *start)
		if start.After(latest) {
			latest = *start
		}
	}
	require.False(w.t, end.After(latest), "end of %s: %v is after %v", sid, end, latest)
}
