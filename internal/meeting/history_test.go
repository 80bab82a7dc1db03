package meeting

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// stayed is one connection of the model; minutes since began, -1 for never.
type stayed struct {
	meeting, who, join, leave int
}

const (
	horizon = 4 * 24 * 60 // minutes of the model, after which it is now
	never   = -1
)

var (
	began      = time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC)
	identities = []string{uuid.NewString(), "sip_+331", "sip_+332", uuid.NewString()[:8]}
)

func minute(n int) *time.Time {
	if n == never {
		return nil
	}
	return ptr(began.Add(time.Duration(n) * time.Minute))
}

// hours are minutes that often meet others.
func hours(most int) *rapid.Generator[int] {
	return rapid.Map(rapid.IntRange(0, most/60), func(n int) int { return n * 60 })
}

func drawStays(r *rapid.T) []stayed {
	return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) stayed {
		s := stayed{
			meeting: rapid.IntRange(0, 1).Draw(r, "meeting"), who: rapid.IntRange(0, 3).Draw(r, "who"),
			join: rapid.OneOf(rapid.IntRange(0, horizon-1), hours(horizon-60)).Draw(r, "join"),
		}
		s.leave = s.join + rapid.OneOf(rapid.IntRange(0, 30), rapid.IntRange(0, 3*24*60), hours(12*60)).Draw(r, "lasts")
		if s.leave >= horizon || rapid.IntRange(0, 9).Draw(r, "open") == 0 {
			s.leave = never
		}
		return s
	}), 0, 12).Draw(r, "stays")
}

// keep writes the stays of the model as rows of two new meetings that run.
func keep(t *testing.T, d *db.DB, room *ent.Room, stays []stayed) [2]uuid.UUID {
	t.Helper()
	var meetings [2]uuid.UUID
	for i := range meetings {
		m := d.Meeting.Create().SetRoomID(room.ID).SetProvider(entmeeting.ProviderLivekit).SetProviderSid(uuid.NewString()).
			SetStartTime(began).SetCreateTime(began).SaveX(t.Context())
		meetings[i] = m.ID
	}
	rows := make([]*ent.ParticipationCreate, len(stays))
	for i, s := range stays {
		kind := participation.KindWeb
		if s.who == 1 || s.who == 2 {
			kind = participation.KindPhone
		}
		rows[i] = d.Participation.Create().SetMeetingID(meetings[s.meeting]).SetRoomID(room.ID).SetProvider(participation.ProviderLivekit).
			SetProviderSid(uuid.NewString()).SetIdentity(identities[s.who]).SetKind(kind).
			SetNillableJoinTime(minute(s.join)).SetNillableLeaveTime(minute(s.leave)).SetCreateTime(began)
	}
	d.Participation.CreateBulk(rows...).ExecX(t.Context())
	return meetings
}

// model counts minute by minute what SQL adds up by intervals.
type model struct {
	total, phone, peak int
	people             map[string]bool
}

// during is the model of some stays in the minutes from begin to end.
func during(stays []stayed, begin, end int) model {
	m := model{people: map[string]bool{}}
	for at := begin; at < end; at++ {
		in, touching := map[[2]int]bool{}, map[[2]int]bool{}
		for _, s := range stays {
			leave := s.leave
			if leave == never {
				leave = horizon
			}
			key := [2]int{s.meeting, s.who}
			if s.join <= at && at < leave {
				in[key] = true
			}
			// Who leaves at this minute is still seen, but not if this is where a day
			// begins that they were not in.
			if s.join <= at && at <= leave && (leave > begin || s.join >= begin) {
				touching[key] = true
				m.people[identities[s.who]] = true
			}
		}
		m.peak = max(m.peak, len(touching))
		m.total += len(in)
		for key := range in {
			if key[1] == 1 || key[1] == 2 {
				m.phone++
			}
		}
	}
	return m
}

func (m model) words() []any {
	return []any{len(m.people), m.peak, time.Duration(m.total) * time.Minute, time.Duration(m.phone) * time.Minute}
}

func words(t Tally) []any { return []any{t.People, t.Peak, t.Total, t.Phone} }

// TestTallyEqualsModel: whatever overlaps, touches or never ends, a meeting adds
// up to what counting every minute gives, and so does each day of a usage
// report, over the night in which Paris puts its clocks forward.
func TestTallyEqualsModel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := NewHistory(d, clockwork.NewFakeClockAt(*minute(horizon)), nil)
		ctx := auth.With(context.Background(), auth.Principal{UserID: uuid.New(), Operator: true})
		rapid.Check(t, func(r *rapid.T) {
			stays := drawStays(r)
			room := newRoom(t, d)
			for i, id := range keep(t, d, room, stays) {
				got, err := h.Get(ctx, id)
				require.NoError(r, err)
				of := slices.DeleteFunc(slices.Clone(stays), func(s stayed) bool { return s.meeting != i })
				require.Equal(r, during(of, 0, horizon+1).words(), words(got.Tally), "meeting %d", i)
			}
			rows, more, err := h.Usage(ctx, Report{
				From: began, To: *minute(horizon), GroupBy: ByDay, TimeZone: "Europe/Paris", Room: room.ID.String(),
			}, nil, 100)
			require.NoError(r, err)
			require.False(r, more)
			// Paris is an hour ahead, and two from the third day on, which has 23 hours.
			midnights := []int{0, 23 * 60, 47 * 60, 70 * 60, 94 * 60, horizon}
			require.Len(r, rows, len(midnights)-1)
			for i, row := range rows {
				require.Equal(r, began.AddDate(0, 0, i).Format(time.DateOnly), row.Key)
				require.Equal(r, during(stays, midnights[i], midnights[i+1]).words(), words(row.Tally), row.Key)
			}
		})
	})
}

func TestDays(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return parsed
	}
	for name, c := range map[string]struct {
		zone, from, to string
		want           map[string]float64 // hours
	}{
		"UTC":                     {"", "2026-01-01T06:00:00Z", "2026-01-03T00:00:00Z", map[string]float64{"2026-01-01": 18, "2026-01-02": 24}},
		"forward at two":          {"Europe/Paris", "2026-03-27T23:00:00Z", "2026-03-29T22:00:00Z", map[string]float64{"2026-03-28": 24, "2026-03-29": 23}},
		"back at three":           {"Europe/Paris", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", map[string]float64{"2026-10-25": 25}},
		"forward over midnight":   {"Africa/Cairo", "2026-04-22T22:00:00Z", "2026-04-24T21:00:00Z", map[string]float64{"2026-04-23": 24, "2026-04-24": 23}},
		"the same, elsewhere":     {"America/Havana", "2026-03-07T05:00:00Z", "2026-03-09T04:00:00Z", map[string]float64{"2026-03-07": 24, "2026-03-08": 23}},
		"back over midnight":      {"America/Havana", "2026-10-31T04:00:00Z", "2026-11-02T05:00:00Z", map[string]float64{"2026-10-31": 24, "2026-11-01": 25}},
		"half an hour":            {"Australia/Lord_Howe", "2026-04-03T13:00:00Z", "2026-04-05T13:30:00Z", map[string]float64{"2026-04-04": 24, "2026-04-05": 24.5}},
		"a day that never was":    {"Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", map[string]float64{"2011-12-29": 24, "2011-12-31": 24}},
		"within a day":            {"Asia/Tokyo", "2026-01-01T15:30:00Z", "2026-01-01T15:45:00Z", map[string]float64{"2026-01-02": 0.25}},
		"over the end of a month": {"America/New_York", "2026-02-28T05:00:00Z", "2026-03-02T05:00:00Z", map[string]float64{"2026-02-28": 24, "2026-03-01": 24}},
	} {
		days, err := Report{From: at(c.from), To: at(c.to), TimeZone: c.zone}.days(nil)
		require.NoError(t, err, name)
		got := map[string]float64{}
		for i, d := range days {
			got[d.Name] = time.Duration((d.To - d.From) * int64(time.Millisecond)).Hours()
			require.True(t, i == 0 || days[i-1].To == d.From, name)
		}
		require.Equal(t, c.want, got, name)
		names := slices.Sorted(maps.Keys(got))
		rest, err := Report{From: at(c.from), To: at(c.to), TimeZone: c.zone}.days(&names[0])
		require.NoError(t, err)
		require.Len(t, rest, len(names)-1, name)
	}
}

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"+33612345678":           "+3•••678",
		"sip_+33612345678":       "sip_+3•••678",
		"Phone +33 6 12 34 5678": "Phone +3•••678",
		"(030) 123-4567":         "(0•••567",
		"4217":                   "•••7",
		"Room 42":                "Room 42",
		"anonymous":              "anonymous",
	} {
		require.Equal(t, want, Masked(text))
	}
}

func TestMaskOnlyCallers(t *testing.T) {
	user := uuid.NewString()
	for name, c := range map[string]struct {
		kind           *participation.Kind
		identity, want string
	}{
		"caller":                    {ptr(participation.KindPhone), "sip_+33612345678", "sip_+3•••678"},
		"of whom nobody said it":    {nil, "sip_+33612345678", "sip_+3•••678"},
		"user of whom nobody spoke": {nil, user, user},
		"guest":                     {ptr(participation.KindWeb), "guest_1234567890", "guest_1234567890"},
	} {
		p := &ent.Participation{Kind: c.kind, Identity: c.identity, DisplayName: c.identity, PhoneNumber: c.identity}
		mask(p)
		require.Equal(t, []string{c.want, c.want, c.want}, []string{p.Identity, p.DisplayName, p.PhoneNumber}, name)
	}
}

func TestReportCounts(t *testing.T) {
	ago := func(d time.Duration) *time.Time { return ptr(day.Add(-d)) }
	for name, c := range map[string]struct {
		facts  reportFacts
		counts bool
		err    error
	}{
		"first":                    {reportFacts{sequence: 1}, true, nil},
		"next":                     {reportFacts{sequence: 2, lastSequence: 1, lastTime: ago(30 * time.Second)}, true, nil},
		"after a lost one":         {reportFacts{sequence: 9, lastSequence: 1, lastTime: ago(30 * time.Second)}, true, nil},
		"again":                    {reportFacts{sequence: 2, lastSequence: 2, lastTime: ago(0)}, false, nil},
		"older":                    {reportFacts{sequence: 1, lastSequence: 2, lastTime: ago(time.Hour)}, false, nil},
		"too soon":                 {reportFacts{sequence: 3, lastSequence: 2, lastTime: ago(reportPause - 1)}, false, ErrTooOften},
		"just after leaving":       {reportFacts{sequence: 1, leaveTime: ago(reportGrace)}, true, nil},
		"long after leaving":       {reportFacts{sequence: 1, leaveTime: ago(reportGrace + 1)}, false, ErrParticipantNotFound},
		"again long after leaving": {reportFacts{sequence: 1, lastSequence: 1, leaveTime: ago(time.Hour)}, false, ErrParticipantNotFound},
	} {
		c.facts.now = day
		counts, err := c.facts.counts()
		require.Equal(t, c.counts, counts, name)
		require.ErrorIs(t, err, c.err, name)
	}
}
