package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

const (
	byDay  = anteroomv1.UsageGroup_USAGE_GROUP_DAY
	byRoom = anteroomv1.UsageGroup_USAGE_GROUP_ROOM
	byUser = anteroomv1.UsageGroup_USAGE_GROUP_USER
)

func TestUsage(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("by day", func(t *testing.T) { usageByDay(t, p) })
		t.Run("by room and user", func(t *testing.T) { usageByRoomAndUser(t, p) })
		t.Run("whose", func(t *testing.T) { whoseUsage(t, p) })
	})
}

// usage reads a report in pages of two rows.
func (c client) usage(t *testing.T, req *anteroomv1.GetUsageRequest) (rows []*anteroomv1.Usage) {
	t.Helper()
	req.PageSize, req.PageToken = 2, ""
	for page := 0; page == 0 || req.PageToken != ""; page++ {
		got, err := c.meetings.GetUsage(t.Context(), req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got.GetRows()), 2)
		rows = append(rows, got.GetRows()...)
		req.PageToken = got.GetNextPageToken()
	}
	return rows
}

// inWords is a row without what a test does not look at.
func inWords(u *anteroomv1.Usage) string {
	return fmt.Sprintf("%s%s%s: %v of %d at most %d in %d, phone %.2f, again %d, failed %d, estimated %d",
		u.GetDate(), u.GetRoom(), u.GetUser(), u.GetPeopleDuration().AsDuration(), u.GetPeople(), u.GetPeakPeople(), u.GetMeetings(),
		u.GetPhoneShare(), u.GetReconnects(), u.GetFailures(), u.GetEstimatedEnds())
}

func wordsOf(rows []*anteroomv1.Usage) (words []string) {
	for _, u := range rows {
		words = append(words, inWords(u))
	}
	return words
}

// usageByDay: a meeting over midnight of the night in which Paris puts its clocks
// forward, from 22:30 to 04:30 local time, which is five hours.
func usageByDay(t *testing.T, p *program) {
	owner := p.as("by-day")
	room := p.room(owner, public)
	begin := time.Date(2026, 3, 28, 21, 30, 0, 0, time.UTC)
	p.meeting(room.GetId(), begin, 300,
		visit{sid: "PA_d1", identity: owner.id(t), from: 0, to: 300},
		visit{sid: "PA_d2", identity: "sip_+33612345678", kind: "SIP", from: 60, to: 120},
		visit{sid: "PA_d3", identity: "guest_d", from: 60},           // until the end, as an estimate
		visit{sid: "PA_d4", identity: "guest_e", from: 10, to: 20},   //
		visit{sid: "PA_d5", identity: "guest_e", from: 100, to: 110}, // came again after midnight
		visit{sid: "PA_d6", identity: "guest_f", aborted: true, to: 30},
	)
	req := &anteroomv1.GetUsageRequest{
		From: timestamppb.New(begin.AddDate(0, 0, -1)), To: timestamppb.New(begin.AddDate(0, 0, 2)),
		GroupBy: byDay, TimeZone: "Europe/Paris", Room: room.GetSlug(),
	}
	// Midnight is 90 minutes after the beginning.
	require.Equal(t, []string{
		"2026-03-27: 0s of 0 at most 0 in 0, phone 0.00, again 0, failed 0, estimated 0",
		"2026-03-28: 2h40m0s of 4 at most 3 in 1, phone 0.19, again 0, failed 1, estimated 0",
		"2026-03-29: 7h40m0s of 4 at most 4 in 1, phone 0.07, again 1, failed 0, estimated 1",
		"2026-03-30: 0s of 0 at most 0 in 0, phone 0.00, again 0, failed 0, estimated 0",
	}, wordsOf(owner.usage(t, req)))

	req.TimeZone = ""
	require.Equal(t, []string{"2026-03-27", "2026-03-28", "2026-03-29", "2026-03-30"}, datesOf(owner.usage(t, req)))
	// In UTC midnight is 150 minutes after the beginning.
	require.Equal(t, 150*time.Minute+60*time.Minute+90*time.Minute+20*time.Minute, owner.usage(t, req)[1].GetPeopleDuration().AsDuration())

	req.From, req.To = timestamppb.New(begin.Add(70*time.Minute)), timestamppb.New(begin.Add(80*time.Minute))
	require.Equal(t, []string{
		"2026-03-28: 30m0s of 3 at most 3 in 1, phone 0.33, again 0, failed 0, estimated 0",
	}, wordsOf(owner.usage(t, req)), "a period within a day")
}

func datesOf(rows []*anteroomv1.Usage) (dates []string) {
	for _, u := range rows {
		dates = append(dates, u.GetDate())
	}
	return dates
}

func usageByRoomAndUser(t *testing.T, p *program) {
	owner := p.as("by-room")
	first, second := p.room(owner, public), p.room(owner, public)
	me, other := owner.id(t), p.as("by-room-other").id(t)
	begin := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	p.meeting(first.GetId(), begin, 60,
		visit{sid: "PA_u1", identity: me, from: 0, to: 30}, visit{sid: "PA_u2", identity: other, from: 0, to: 30},
		visit{sid: "PA_u3", identity: me, from: 40, to: 60}, visit{sid: "PA_u4", identity: "guest_u", from: 0, to: 60})
	p.meeting(second.GetId(), begin, 60, visit{sid: "PA_u5", identity: me, from: 20, to: 30},
		visit{sid: "PA_u6", identity: "EG_u", kind: "EGRESS", from: 0, to: 60},
		visit{sid: "PA_u7", identity: "AG_u", kind: "AGENT", from: 0, to: 60})
	p.meeting(second.GetId(), begin.AddDate(0, 0, 7), 60, visit{sid: "PA_u8", identity: "sip_+33612345678", kind: "SIP", from: 0, to: 15})
	req := &anteroomv1.GetUsageRequest{From: timestamppb.New(begin.AddDate(0, 0, -1)), To: timestamppb.New(begin.AddDate(0, 0, 30)), GroupBy: byRoom}
	rows := owner.usage(t, req)
	require.Equal(t, []string{
		first.GetId() + ": 2h20m0s of 3 at most 3 in 1, phone 0.00, again 1, failed 0, estimated 0",
		second.GetId() + ": 25m0s of 2 at most 1 in 2, phone 0.60, again 0, failed 0, estimated 0",
	}, wordsOf(rows))
	require.Equal(t, first.GetName(), rows[0].GetName())

	req.GroupBy = byUser
	rows = owner.usage(t, req)
	require.Equal(t, []string{
		": 1h15m0s of 2 at most 1 in 2, phone 0.20, again 0, failed 0, estimated 0",
		me + ": 1h0m0s of 1 at most 2 in 2, phone 0.00, again 1, failed 0, estimated 0",
		other + ": 30m0s of 1 at most 1 in 1, phone 0.00, again 0, failed 0, estimated 0",
	}, wordsOf(rows))
	require.Equal(t, []string{"", "by-room", "by-room-other"}, []string{rows[0].GetName(), rows[1].GetName(), rows[2].GetName()})
}

// whoseUsage: operators see all rooms, owners their own, nobody else any.
func whoseUsage(t *testing.T, p *program) {
	owner, admin, stranger := p.as("whose"), p.as("whose-admin"), p.as("whose-stranger")
	room := p.room(owner, public)
	_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_ADMIN, Grantee: &anteroomv1.GrantAccessRequest_User{User: admin.id(t)},
	})
	require.NoError(t, err)
	begin := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	p.meeting(room.GetId(), begin, 60, visit{sid: "PA_w1", identity: owner.id(t), from: 0, to: 60})
	p.meeting(p.room(stranger, public).GetId(), begin, 60, visit{sid: "PA_w2", identity: owner.id(t), from: 0, to: 60})
	period := func(change ...func(*anteroomv1.GetUsageRequest)) *anteroomv1.GetUsageRequest {
		req := &anteroomv1.GetUsageRequest{From: timestamppb.New(begin), To: timestamppb.New(begin.Add(time.Hour)), GroupBy: byRoom}
		for _, f := range change {
			f(req)
		}
		return req
	}
	for name, c := range map[string]struct {
		who  client
		rows int
	}{"owner": {owner, 1}, "another owner": {stranger, 1}, "admin": {admin, 0}, "operator": {p.operator(), 2}} {
		require.Len(t, c.who.usage(t, period()), c.rows, name)
	}
	for _, who := range []client{admin, stranger} {
		_, err := who.meetings.GetUsage(t.Context(), period(func(r *anteroomv1.GetUsageRequest) { r.Room = room.GetId() }))
		requireReason(t, "permission_denied", connect.CodePermissionDenied, err)
	}
	_, err = p.guest().meetings.GetUsage(t.Context(), period())
	requireReason(t, "sign_in_required", connect.CodeUnauthenticated, err)
	for want, change := range map[string]func(*anteroomv1.GetUsageRequest){
		"invalid_period":     func(r *anteroomv1.GetUsageRequest) { r.To = r.From },
		"invalid_time_zone":  func(r *anteroomv1.GetUsageRequest) { r.TimeZone = "Mars/Olympus" },
		"invalid_request":    func(r *anteroomv1.GetUsageRequest) { r.GroupBy = 0 },
		"invalid_page_token": func(r *anteroomv1.GetUsageRequest) { r.PageToken = "nonsense" },
	} {
		_, err := owner.meetings.GetUsage(t.Context(), period(change))
		requireReason(t, want, connect.CodeInvalidArgument, err)
	}
	_, err = owner.meetings.GetUsage(t.Context(), period(func(r *anteroomv1.GetUsageRequest) { r.To = timestamppb.New(begin.AddDate(1, 0, 2)) }))
	requireReason(t, "invalid_period", connect.CodeInvalidArgument, err)
	_, err = owner.meetings.GetUsage(t.Context(), period(func(r *anteroomv1.GetUsageRequest) { r.Room = "no-such-room" }))
	requireReason(t, "room_not_found", connect.CodeNotFound, err)
}

func TestQuality(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("adds up", func(t *testing.T) { qualityAddsUp(t, p) })
		t.Run("whose", func(t *testing.T) { whoseQuality(t, p) })
	}, stoppedClock)
}

func sample(quality anteroomv1.ConnectionQuality, seconds int, loss float64, jitter, roundTrip time.Duration) *anteroomv1.QualitySample {
	s := &anteroomv1.QualitySample{Quality: quality, Duration: durationpb.New(time.Duration(seconds) * time.Second)}
	if loss >= 0 {
		s.PacketLoss, s.Jitter, s.RoundTrip = &loss, durationpb.New(jitter), durationpb.New(roundTrip)
	}
	return s
}

// qualityAddsUp: two reports, of which one comes twice and one too fast.
func qualityAddsUp(t *testing.T, p *program) {
	owner := p.as("quality")
	room := p.room(owner, public)
	now := p.clock().Now()
	told := p.meeting(room.GetId(), now.Add(-time.Hour), 0,
		visit{sid: "PA_q1", identity: owner.id(t), from: 0}, visit{sid: "PA_q2", identity: "sip_+33612345678", kind: "SIP", from: 0})
	report := func(sequence uint32, device string, samples ...*anteroomv1.QualitySample) error {
		_, err := owner.meetings.ReportQuality(t.Context(), &anteroomv1.ReportQualityRequest{
			ParticipantSid: "PA_q1", Sequence: sequence, Samples: samples, Client: &anteroomv1.Client{Device: device, Browser: "Firefox"},
		})
		return err
	}
	first := []*anteroomv1.QualitySample{
		sample(anteroomv1.ConnectionQuality_CONNECTION_QUALITY_EXCELLENT, 10, 0, 2*time.Millisecond, 20*time.Millisecond),
		sample(anteroomv1.ConnectionQuality_CONNECTION_QUALITY_GOOD, 10, 0.1, 4*time.Millisecond, 40*time.Millisecond),
		sample(anteroomv1.ConnectionQuality_CONNECTION_QUALITY_LOST, 5, -1, 0, 0),
	}
	require.NoError(t, report(1, "Linux", first...))
	require.NoError(t, report(1, "Linux", first...), "the same once more")
	tooOften := report(2, "Linux", first...)
	requireReason(t, "quality_too_often", connect.CodeResourceExhausted, tooOften)
	require.LessOrEqual(t, retryDelay(t, tooOften), time.Second)
	m := owner.only(t, room.GetId())
	require.Equal(t, uint32(3), owner.people(t, m.GetId())["PA_q1"].GetQuality().GetSamples())
	second := sample(anteroomv1.ConnectionQuality_CONNECTION_QUALITY_POOR, 20, 0.2, 12*time.Millisecond, 30*time.Millisecond)
	p.clock().Advance(30 * time.Second)
	require.NoError(t, report(3, "macOS", second))
	require.NoError(t, report(2, "Linux", first...), "an older one comes too late")

	got := owner.people(t, m.GetId())["PA_q1"]
	require.Equal(t, "macOS", got.GetClient().GetDevice(), "the last one's")
	require.Equal(t, "Firefox", got.GetClient().GetBrowser())
	q := got.GetQuality()
	require.Equal(t, uint32(4), q.GetSamples())
	for _, c := range []struct {
		want time.Duration
		got  *durationpb.Duration
	}{
		{10 * time.Second, q.GetExcellentDuration()}, {10 * time.Second, q.GetGoodDuration()},
		{20 * time.Second, q.GetPoorDuration()}, {5 * time.Second, q.GetLostDuration()},
		{6 * time.Millisecond, q.GetJitterMean()}, {12 * time.Millisecond, q.GetJitterMax()},
		{30 * time.Millisecond, q.GetRoundTripMean()}, {40 * time.Millisecond, q.GetRoundTripMax()},
	} {
		require.Equal(t, c.want, c.got.AsDuration())
	}
	require.InDelta(t, 0.1, q.GetPacketLossMean(), 1e-9)
	require.InDelta(t, 0.2, q.GetPacketLossMax(), 1e-9)
	require.Nil(t, owner.people(t, m.GetId())["PA_q2"].GetQuality())

	p.clock().Advance(30 * time.Second)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := report(4, "macOS", second); err != nil {
				t.Errorf("report: %v", err)
			}
		})
	}
	all.Wait()
	require.Equal(t, uint32(5), owner.people(t, m.GetId())["PA_q1"].GetQuality().GetSamples(), "eight at once count once")

	usage := owner.usage(t, &anteroomv1.GetUsageRequest{From: timestamppb.New(told.begin), To: timestamppb.New(now), GroupBy: byRoom, Room: room.GetId()})
	require.Len(t, usage[0].GetClients(), 1)
	require.Equal(t, uint32(1), usage[0].GetClients()[0].GetConnections())
	require.Equal(t, "macOS", usage[0].GetClients()[0].GetClient().GetDevice())
}

// whoseQuality: everybody reports of their own connection, and of no other.
func whoseQuality(t *testing.T, p *program) {
	owner, other := p.as("reporter"), p.as("reporter-other")
	room, elsewhere := p.room(owner, public), p.room(owner, public)
	guest, stranger := p.join(p.guest(), room.GetId()), p.join(p.guest(), elsewhere.GetId())
	now := p.clock().Now()
	p.meeting(room.GetId(), now.Add(-time.Hour), 0,
		visit{sid: "PA_g1", identity: guest.GetIdentity(), from: 0}, visit{sid: "PA_g2", identity: owner.id(t), from: 0},
		visit{sid: "PA_g3", identity: owner.id(t), from: 1, to: 59}, visit{sid: "PA_g4", identity: owner.id(t), from: 1, to: 40})
	p.meeting(elsewhere.GetId(), now.Add(-time.Hour), 0, visit{sid: "PA_g5", identity: guest.GetIdentity(), from: 0})
	own := p.join(owner, room.GetId())
	for name, c := range map[string]struct {
		who         client
		sid, ticket string
		reason      string
	}{
		"a guest's own":                      {p.guest(), "PA_g1", guest.GetTicket(), ""},
		"a user's own":                       {owner, "PA_g2", "", ""},
		"just after leaving":                 {owner, "PA_g3", "", ""},
		"long after leaving":                 {owner, "PA_g4", "", "participant_not_found"},
		"another user's":                     {other, "PA_g2", "", "participant_not_found"},
		"a user's by a guest":                {p.guest(), "PA_g2", guest.GetTicket(), "participant_not_found"},
		"a guest's by a user":                {other, "PA_g1", "", "participant_not_found"},
		"by the ticket of another room":      {p.guest(), "PA_g1", stranger.GetTicket(), "participant_not_found"},
		"the same identity in another room":  {p.guest(), "PA_g5", guest.GetTicket(), "participant_not_found"},
		"nobody's":                           {owner, "PA_none", "", "participant_not_found"},
		"without a ticket":                   {p.guest(), "PA_g1", "", "sign_in_required"},
		"by a ticket that is none":           {p.guest(), "PA_g1", "x", "invalid_ticket"},
		"by a user's ticket without a token": {p.guest(), "PA_g2", own.GetTicket(), "invalid_ticket"},
	} {
		_, err := c.who.meetings.ReportQuality(t.Context(), &anteroomv1.ReportQualityRequest{
			ParticipantSid: c.sid, Ticket: c.ticket, Sequence: 1,
			Samples: []*anteroomv1.QualitySample{sample(anteroomv1.ConnectionQuality_CONNECTION_QUALITY_GOOD, 1, -1, 0, 0)},
		})
		if c.reason == "" {
			require.NoError(t, err, name)
			continue
		}
		require.Equal(t, c.reason, reason(err), "%s: %v", name, err)
	}
	require.Equal(t, 3, p.app.db.Quality.Query().CountX(t.Context())-1, "three were counted here, and one before")
}

// retryDelay is when an error says that the same may go well.
func retryDelay(t *testing.T, err error) time.Duration {
	t.Helper()
	var failed *connect.Error
	require.ErrorAs(t, err, &failed)
	for _, detail := range failed.Details() {
		value, err := detail.Value()
		require.NoError(t, err)
		if info, ok := value.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	require.Fail(t, "it does not say when")
	return 0
}
