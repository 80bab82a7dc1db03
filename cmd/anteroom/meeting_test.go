package main

import (
	"fmt"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

func TestMeetings(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("attendance", func(t *testing.T) { attendance(t, p) })
		t.Run("running", func(t *testing.T) { running(t, p) })
		t.Run("who sees what", func(t *testing.T) { whoSeesMeetings(t, p) })
		t.Run("filters", func(t *testing.T) { meetingFilters(t, p) })
		t.Run("paging", func(t *testing.T) { meetingPages(t, p) })
		t.Run("bad requests", func(t *testing.T) { badMeetingRequests(t, p) })
	}, stoppedClock)
}

// only reads the one meeting of a room.
func (c client) only(t *testing.T, room string) *anteroomv1.Meeting {
	t.Helper()
	got, err := c.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{Room: room})
	require.NoError(t, err)
	require.Len(t, got.GetMeetings(), 1)
	return got.GetMeetings()[0]
}

// people reads a meeting's connections by their SID.
func (c client) people(t *testing.T, meeting string) map[string]*anteroomv1.Participant {
	t.Helper()
	people := map[string]*anteroomv1.Participant{}
	got, err := c.meetings.ListParticipants(t.Context(), &anteroomv1.ListParticipantsRequest{Meeting: meeting, PageSize: 100})
	require.NoError(t, err)
	for _, one := range got.GetParticipants() {
		people[one.GetProviderSid()] = one
	}
	return people
}

// attendance: a meeting of an hour with everything in it.
func attendance(t *testing.T, p *program) {
	owner := p.as("attendance")
	room := p.room(owner, public)
	ada, bob := owner.id(t), p.as("bob").id(t)
	told := p.meeting(room.GetId(), noon, 60,
		visit{sid: "PA_a1", identity: ada, name: "Ada", from: 0, to: 10},
		visit{sid: "PA_b1", identity: bob, name: "Bob", from: 5, to: 20},
		visit{sid: "PA_a2", identity: ada, name: "Ada", from: 8},          // overlaps the first; the end is nobody's word
		visit{sid: "PA_b2", identity: bob, name: "Bob", from: 30, to: 40}, // came again
		visit{sid: "PA_c1", identity: "sip_+33612345678", name: "Phone +33612345678", kind: "SIP", from: 9, to: 12},
		visit{sid: "PA_r1", identity: "EG_1", kind: "EGRESS", from: 1, to: 59},
		visit{sid: "PA_x1", identity: "guest_x", name: "Xenia", aborted: true, to: 3},
	)
	m := owner.only(t, room.GetSlug())
	require.Equal(t, told.sid, m.GetProviderSid())
	require.Equal(t, room.GetId(), m.GetRoom())
	require.Equal(t, room.GetName(), m.GetRoomName())
	require.Equal(t, noon, m.GetStartTime().AsTime())
	require.Equal(t, told.at(60), m.GetEndTime().AsTime())
	require.False(t, m.GetEndEstimated())
	require.Equal(t, uint32(3), m.GetPeople(), "ada, bob and the caller")
	require.Equal(t, uint32(3), m.GetPeakPeople(), "between 9 and 12, when ada is connected twice")
	require.Equal(t, uint32(1), m.GetCallers())
	require.Equal(t, (60+15+10+3)*time.Minute, m.GetPeopleDuration().AsDuration(), "ada once, though connected twice")

	again, err := owner.meetings.GetMeeting(t.Context(), &anteroomv1.GetMeetingRequest{Meeting: m.GetId()})
	require.NoError(t, err)
	require.Equal(t, m.String(), again.GetMeeting().String())

	people := owner.people(t, m.GetId())
	require.Len(t, people, 7)
	for sid, want := range map[string]struct {
		kind      anteroomv1.ParticipantKind
		user      string
		minutes   int
		estimated bool
		sameAs    string
	}{
		"PA_a1": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB, ada, 10, false, ""},
		"PA_a2": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB, ada, 52, true, "PA_a1"},
		"PA_b1": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB, bob, 15, false, ""},
		"PA_b2": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB, bob, 10, false, "PA_b1"},
		"PA_c1": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_PHONE, "", 3, false, ""},
		"PA_r1": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_RECORDER, "", 58, false, ""},
		"PA_x1": {anteroomv1.ParticipantKind_PARTICIPANT_KIND_WEB, "", 0, false, ""},
	} {
		got := people[sid]
		require.Equal(t, want.kind, got.GetKind(), sid)
		require.Equal(t, want.user, got.GetUser(), sid)
		require.Equal(t, time.Duration(want.minutes)*time.Minute, got.GetDuration().AsDuration(), sid)
		require.Equal(t, want.estimated, got.GetLeaveEstimated(), sid)
		require.Equal(t, people[want.sameAs].GetId(), got.GetSamePersonAs(), sid)
	}
	require.Equal(t, told.at(8), people["PA_a2"].GetJoinTime().AsTime())
	require.Equal(t, told.at(60), people["PA_a2"].GetLeaveTime().AsTime(), "at the meeting's end at the latest")
	require.Equal(t, "CLIENT_INITIATED", people["PA_b1"].GetLeaveReason())
	require.Nil(t, people["PA_x1"].GetJoinTime(), "who did not get through never came in")
	require.Equal(t, "+33612345678", people["PA_c1"].GetPhoneNumber(), "the owner sees it whole")
	require.Nil(t, people["PA_b1"].GetQuality())
}

// running: while a meeting runs, what it adds up to goes on until now.
func running(t *testing.T, p *program) {
	owner := p.as("running")
	room := p.room(owner, public)
	p.meeting(room.GetId(), p.clock().Now().Add(-time.Hour), 0, visit{sid: "PA_run", identity: owner.id(t), from: 0})
	for _, lasts := range []time.Duration{time.Hour, 90 * time.Minute} {
		m := owner.only(t, room.GetId())
		require.Nil(t, m.GetEndTime())
		require.Equal(t, uint32(1), m.GetPeakPeople())
		require.Equal(t, lasts, m.GetPeopleDuration().AsDuration())
		there := owner.people(t, m.GetId())["PA_run"]
		require.Nil(t, there.GetLeaveTime())
		require.Equal(t, lasts, there.GetDuration().AsDuration())
		p.clock().Advance(30 * time.Minute)
	}
}

// whoSeesMeetings is the matrix of roles.
func whoSeesMeetings(t *testing.T, p *program) {
	owner := p.as("seen-owner")
	room := p.room(owner, public)
	grant := func(name string, role anteroomv1.Role, expires time.Duration) client {
		req := &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: role, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: name + "@example.org"},
		}
		if expires != 0 {
			req.ExpireTime = timestamppb.New(p.clock().Now().Add(expires))
		}
		_, err := owner.GrantAccess(t.Context(), req)
		require.NoError(t, err)
		return p.as(name)
	}
	attendee, expiring := p.as("seen-attendee"), grant("seen-expired", anteroomv1.Role_ROLE_MEMBER, time.Hour)
	p.meeting(room.GetId(), noon, 30,
		visit{sid: "PA_seen_1", identity: attendee.id(t), name: "Att +33612345678", from: 0, to: 10},
		visit{sid: "PA_seen_2", identity: "sip_+33612345678", name: "Phone +33 6 12 34 56 78", kind: "SIP", from: 0, to: 10},
		visit{sid: "PA_seen_3", identity: attendee.id(t), name: "Att", from: 12, to: 20},
	)
	m := owner.only(t, room.GetId())
	_, err := expiring.meetings.GetMeeting(t.Context(), &anteroomv1.GetMeetingRequest{Meeting: m.GetId()})
	require.NoError(t, err)
	p.clock().Advance(time.Hour)
	for _, c := range []struct {
		name  string
		who   client
		rows  int // 0: does not see the meeting
		whole bool
	}{
		{"owner", owner, 3, true},
		{"admin", grant("seen-admin", anteroomv1.Role_ROLE_ADMIN, 0), 3, true},
		{"member", grant("seen-member", anteroomv1.Role_ROLE_MEMBER, 0), 3, false},
		{"operator", p.operator(), 3, true},
		{"attendee", attendee, 2, false},
		{"expired", expiring, 0, false},
		{"stranger", p.as("seen-stranger"), 0, false},
	} {
		list, err := c.who.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{Room: room.GetId()})
		require.NoError(t, err, c.name)
		require.Equal(t, c.rows > 0, len(list.GetMeetings()) == 1, c.name)
		got, err := c.who.meetings.GetMeeting(t.Context(), &anteroomv1.GetMeetingRequest{Meeting: m.GetId()})
		people, peopleErr := c.who.meetings.ListParticipants(t.Context(), &anteroomv1.ListParticipantsRequest{Meeting: m.GetId()})
		if c.rows == 0 {
			requireReason(t, "meeting_not_found", connect.CodeNotFound, err)
			requireReason(t, "meeting_not_found", connect.CodeNotFound, peopleErr)
			continue
		}
		require.NoError(t, err, c.name)
		require.NoError(t, peopleErr, c.name)
		require.Equal(t, uint32(2), got.GetMeeting().GetPeople(), c.name)
		require.Len(t, people.GetParticipants(), c.rows, c.name)
		require.Equal(t, "Att +33612345678", people.GetParticipants()[0].GetDisplayName(), "only a caller's name is masked")
		if c.rows < 3 {
			continue
		}
		caller := people.GetParticipants()[1]
		if c.whole {
			require.Equal(t, []string{"+33612345678", "sip_+33612345678", "Phone +33 6 12 34 56 78"},
				[]string{caller.GetPhoneNumber(), caller.GetIdentity(), caller.GetDisplayName()}, c.name)
			continue
		}
		require.Equal(t, []string{"+3•••678", "sip_+3•••678", "Phone +3•••678"},
			[]string{caller.GetPhoneNumber(), caller.GetIdentity(), caller.GetDisplayName()}, c.name)
	}
	_, err = p.guest().meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{})
	requireReason(t, "sign_in_required", connect.CodeUnauthenticated, err)

	_, err = owner.DeleteRoom(t.Context(), &anteroomv1.DeleteRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	require.Equal(t, m.GetId(), owner.only(t, room.GetId()).GetId(), "what happened stays")
	_, err = owner.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{Room: room.GetSlug()})
	requireReason(t, "room_not_found", connect.CodeNotFound, err)
}

// meetingFilters: by user, by period, and without any.
func meetingFilters(t *testing.T, p *program) {
	owner, other := p.as("filters"), p.as("filters-other")
	mine, theirs := p.room(owner, public), p.room(other, public)
	day := func(n int) time.Time { return noon.AddDate(0, 0, n) }
	first := p.meeting(mine.GetId(), day(0), 10, visit{sid: "PA_f1", identity: owner.id(t), from: 0, to: 10})
	second := p.meeting(mine.GetId(), day(1), 10, visit{sid: "PA_f2", identity: other.id(t), from: 0, to: 10})
	third := p.meeting(theirs.GetId(), day(2), 10, visit{sid: "PA_f3", identity: owner.id(t), from: 0, to: 10})
	fourth := p.meeting(theirs.GetId(), day(3), 10, visit{sid: "PA_f4", identity: "guest_f", from: 0, to: 10})
	for name, c := range map[string]struct {
		who  client
		req  *anteroomv1.ListMeetingsRequest
		want []held
	}{
		"all that one sees":                 {owner, &anteroomv1.ListMeetingsRequest{}, []held{third, second, first}},
		"the other's":                       {other, &anteroomv1.ListMeetingsRequest{}, []held{fourth, third, second}},
		"self":                              {owner, &anteroomv1.ListMeetingsRequest{User: "self"}, []held{third, first}},
		"by id":                             {owner, &anteroomv1.ListMeetingsRequest{User: owner.id(t)}, []held{third, first}},
		"another user's in one's own rooms": {owner, &anteroomv1.ListMeetingsRequest{User: other.id(t)}, []held{second}},
		"self in a room":                    {owner, &anteroomv1.ListMeetingsRequest{User: "self", Room: theirs.GetSlug()}, []held{third}},
		"another's room":                    {owner, &anteroomv1.ListMeetingsRequest{Room: theirs.GetId()}, []held{third}},
		"from":                              {owner, &anteroomv1.ListMeetingsRequest{From: timestamppb.New(first.at(10))}, []held{third, second}},
		"just before the end":               {owner, &anteroomv1.ListMeetingsRequest{From: timestamppb.New(first.at(9.9)), To: timestamppb.New(day(1))}, []held{first}},
		"to":                                {owner, &anteroomv1.ListMeetingsRequest{To: timestamppb.New(day(2))}, []held{second, first}},
		"an operator sees all of a user's":  {p.operator(), &anteroomv1.ListMeetingsRequest{User: other.id(t)}, []held{second}},
	} {
		got, err := c.who.meetings.ListMeetings(t.Context(), c.req)
		require.NoError(t, err, name)
		var sids, want []string
		for _, m := range got.GetMeetings() {
			sids = append(sids, m.GetProviderSid())
		}
		for _, h := range c.want {
			want = append(want, h.sid)
		}
		require.Equal(t, want, sids, name)
	}
}

// meetingPages: pages of meetings and of people hold still while others come.
func meetingPages(t *testing.T, p *program) {
	owner := p.as("pages")
	room := p.room(owner, public)
	var told, visits []string
	all := make([]visit, 5)
	for i := range all {
		all[i] = visit{sid: fmt.Sprint("PA_page_", i), identity: fmt.Sprint("guest_", i), from: 0, to: 5}
		visits = append(visits, all[i].sid)
	}
	for i := range 5 {
		last := p.meeting(room.GetId(), noon.AddDate(0, 0, -i), 10, all...) // told newest first, which is not the order of their times
		told = append([]string{last.sid}, told...)
		all = nil
	}
	var seen []string
	req := &anteroomv1.ListMeetingsRequest{Room: room.GetId(), PageSize: 2}
	for page := 0; page == 0 || req.PageToken != ""; page++ {
		got, err := owner.meetings.ListMeetings(t.Context(), req)
		require.NoError(t, err)
		for _, m := range got.GetMeetings() {
			seen = append(seen, m.GetProviderSid())
		}
		if page == 0 {
			p.meeting(room.GetId(), noon.AddDate(0, 0, 1), 10)
		}
		req.PageToken = got.GetNextPageToken()
	}
	require.Equal(t, told, seen)

	oldest, err := owner.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{Room: room.GetId(), From: timestamppb.New(noon), To: timestamppb.New(noon.Add(time.Hour))})
	require.NoError(t, err)
	meeting := oldest.GetMeetings()[0]
	require.Equal(t, uint32(5), meeting.GetPeople())
	seen = nil
	people := &anteroomv1.ListParticipantsRequest{Meeting: meeting.GetId(), PageSize: 2}
	for page := 0; page == 0 || people.PageToken != ""; page++ {
		got, err := owner.meetings.ListParticipants(t.Context(), people)
		require.NoError(t, err)
		for _, one := range got.GetParticipants() {
			seen = append(seen, one.GetProviderSid())
		}
		people.PageToken = got.GetNextPageToken()
	}
	require.Equal(t, visits, seen)
}

func badMeetingRequests(t *testing.T, p *program) {
	c := p.as("bad-meetings")
	for name, req := range map[string]*anteroomv1.ListMeetingsRequest{
		"NUL in the room": {Room: "a\x00"},
		"no user":         {User: "me"},
		"a large page":    {PageSize: 101},
	} {
		_, err := c.meetings.ListMeetings(t.Context(), req)
		require.Error(t, err, name)
		requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
	}
	_, err := c.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{PageToken: "nonsense"})
	requireReason(t, "invalid_page_token", connect.CodeInvalidArgument, err)
	_, err = c.meetings.ListMeetings(t.Context(), &anteroomv1.ListMeetingsRequest{Room: "no-such-room"})
	requireReason(t, "room_not_found", connect.CodeNotFound, err)
	_, err = c.meetings.GetMeeting(t.Context(), &anteroomv1.GetMeetingRequest{Meeting: uuid.NewString()})
	requireReason(t, "meeting_not_found", connect.CodeNotFound, err)
	_, err = c.meetings.GetMeeting(t.Context(), &anteroomv1.GetMeetingRequest{Meeting: "x"})
	requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
	nothing := &anteroomv1.ReportQualityRequest{ParticipantSid: "PA_x", Sequence: 1}
	sample := &anteroomv1.QualitySample{Quality: anteroomv1.ConnectionQuality_CONNECTION_QUALITY_GOOD, Duration: durationpb.New(time.Second)}
	more := 1.5
	for name, change := range map[string]func(*anteroomv1.ReportQualityRequest){
		"no samples":  func(*anteroomv1.ReportQualityRequest) {},
		"too many":    func(r *anteroomv1.ReportQualityRequest) { r.Samples = thirtyOne(sample) },
		"no sequence": func(r *anteroomv1.ReportQualityRequest) { r.Sequence, r.Samples = 0, thirtyOne(sample)[:1] },
		"no quality": func(r *anteroomv1.ReportQualityRequest) {
			r.Samples = []*anteroomv1.QualitySample{{Duration: sample.Duration}}
		},
		"no duration": func(r *anteroomv1.ReportQualityRequest) {
			r.Samples = []*anteroomv1.QualitySample{{Quality: sample.Quality}}
		},
		"more than all": func(r *anteroomv1.ReportQualityRequest) {
			r.Samples = []*anteroomv1.QualitySample{{Quality: sample.Quality, Duration: sample.Duration, PacketLoss: &more}}
		},
		"an hour at once": func(r *anteroomv1.ReportQualityRequest) {
			r.Samples = []*anteroomv1.QualitySample{{Quality: sample.Quality, Duration: durationpb.New(time.Hour)}}
		},
	} {
		req := &anteroomv1.ReportQualityRequest{ParticipantSid: nothing.ParticipantSid, Sequence: nothing.Sequence}
		change(req)
		_, err = c.meetings.ReportQuality(t.Context(), req)
		require.Error(t, err, name)
		requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
	}
}

func thirtyOne(s *anteroomv1.QualitySample) (samples []*anteroomv1.QualitySample) {
	for range 31 {
		samples = append(samples, s)
	}
	return samples
}
