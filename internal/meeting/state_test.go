package meeting

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
)

var day = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

func at(s int) time.Time { return day.Add(time.Duration(s) * time.Second) }

func person(kind video.EventKind, joined, told int, reason string) video.Event {
	e := video.Event{Kind: kind, Time: at(told), Participant: &video.Participant{SID: "PA_1", Identity: "ada"}}
	switch kind {
	case video.ParticipantJoined, video.ParticipantLeft:
		e.Participant.Kind, e.Participant.JoinTime, e.Participant.LeaveReason = video.Web, at(joined), reason
	case video.ParticipantAborted:
		e.Participant.Kind, e.Participant.LeaveReason = video.Web, reason
	}
	return e
}

func TestMergeParticipation(t *testing.T) {
	joined := person(video.ParticipantJoined, 10, 10, "")
	left := person(video.ParticipantLeft, 10, 60, "CLIENT_INITIATED")
	track := person(video.TrackPublished, 0, 12, "")
	aborted := person(video.ParticipantAborted, 0, 15, "JOIN_FAILURE")
	for _, c := range []struct {
		name   string
		events []video.Event
		start  *time.Time
		end    *time.Time
		kind   video.PersonKind
	}{
		{"joined", []video.Event{joined}, ptr(at(10)), nil, video.Web},
		{"left alone is already gone", []video.Event{left}, ptr(at(10)), ptr(at(60)), video.Web},
		{"left before joined", []video.Event{left, joined}, ptr(at(10)), ptr(at(60)), video.Web},
		{"a track says nothing of kind or time", []video.Event{track}, nil, nil, video.Unknown},
		{"aborted never joined", []video.Event{aborted}, nil, ptr(at(15)), video.Web},
	} {
		var f facts
		for _, e := range c.events {
			f = mergeParticipation(f, e)
		}
		require.True(t, sameTime(c.start, f.start), c.name)
		require.True(t, sameTime(c.end, f.end), c.name)
		require.Equal(t, c.kind, f.kind, c.name)
	}
}

// TestRanksOfEnds: what was stated beats what follows from looks, and that the
// meeting's end, unless it comes after it.
func TestRanksOfEnds(t *testing.T) {
	joined := span{}.from(at(10))
	missed := func(s span, at time.Time) span { s.missed = later(s.missed, at); return s }
	seen := func(s span, at time.Time) span { s.seen = later(s.seen, at); return s }
	for _, c := range []struct {
		name   string
		span   span
		around *time.Time
		end    *time.Time
		known  rank
	}{
		{"nothing is known", joined, nil, nil, ""},
		{"stated", joined.until(at(30), at(31)), ptr(at(99)), ptr(at(30)), stated},
		{"stated and missed later", missed(joined.until(at(30), at(31)), at(50)), nil, ptr(at(30)), stated},
		{"stated twice", joined.until(at(30), at(31)).until(at(40), at(41)), nil, ptr(at(40)), stated},
		{"stated without a time", joined.until(time.Time{}, at(31)), nil, ptr(at(31)), estimated},
		{"the meeting is over", joined, ptr(at(99)), ptr(at(99)), estimated},
		{"missed", missed(joined, at(50)), nil, ptr(at(50)), estimated},
		{"missed, then the meeting ended", missed(joined, at(50)), ptr(at(99)), ptr(at(50)), estimated},
		{"missed after the meeting's end", missed(joined, at(50)), ptr(at(40)), ptr(at(40)), estimated},
		{"missed before the start, by another clock", missed(joined, at(5)), nil, ptr(at(10)), estimated},
		{"over before the start, by another clock", joined, ptr(at(5)), ptr(at(10)), estimated},
		{"missed, then seen", seen(missed(joined, at(50)), at(60)), nil, nil, ""},
		{"missed, then seen, then over", seen(missed(joined, at(50)), at(60)), ptr(at(99)), ptr(at(99)), estimated},
		{"missed again", missed(seen(missed(joined, at(50)), at(60)), at(70)), nil, ptr(at(70)), estimated},
	} {
		end, known := c.span.over(c.around)
		require.True(t, sameTime(c.end, end), c.name)
		if end != nil {
			require.Equal(t, c.known, *known, c.name)
		}
	}
}

// TestAnyOrderAnyRepetition: what is known in the end does not depend on the
// order of events nor on how often each came.
func TestAnyOrderAnyRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := []video.EventKind{
			video.ParticipantJoined, video.ParticipantLeft, video.TrackPublished, video.TrackUnpublished, video.ParticipantAborted,
			video.ParticipantSeen, video.ParticipantMissed,
		}
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) video.Event {
			e := person(rapid.SampledFrom(kinds).Draw(t, "kind"), 10, rapid.IntRange(10, 100).Draw(t, "told"), "")
			e.ReceiveTime = at(rapid.IntRange(10, 100).Draw(t, "received"))
			if rapid.Bool().Draw(t, "without a time") {
				e.Time = time.Time{}
			}
			e.Participant.Name = rapid.SampledFrom([]string{"", "Ada", "Ada L."}).Draw(t, "name")
			e.Participant.LeaveReason = rapid.SampledFrom([]string{"", "CLIENT_INITIATED", "SIGNAL_CLOSE"}).Draw(t, "reason")
			return e
		}), 1, 8).Draw(t, "events")
		shuffled := rapid.Permutation(slices.Concat(events, events)).Draw(t, "delivered")
		if a, b := merged(events), merged(shuffled); !a.equal(b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

func merged(events []video.Event) (f facts) {
	for _, e := range events {
		f = mergeParticipation(f, e)
	}
	return f
}

func TestMeetingsSpanAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) video.Event {
			return video.Event{
				Kind: rapid.SampledFrom([]video.EventKind{video.RoomStarted, video.RoomFinished, video.RoomSeen, video.RoomMissed, video.Other}).Draw(t, "kind"),
				Time: at(rapid.IntRange(0, 100).Draw(t, "told")),
				Room: video.EventRoom{StartTime: at(rapid.IntRange(0, 3).Draw(t, "clock skew"))},
			}
		}), 1, 8).Draw(t, "events")
		sum := func(events []video.Event) (s span) {
			for _, e := range events {
				s = mergeMeeting(s, e)
			}
			return s
		}
		if a, b := sum(events), sum(rapid.Permutation(slices.Concat(events, events)).Draw(t, "delivered")); !a.equal(b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}
