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

func TestRanksOfEnds(t *testing.T) {
	s := span{}.until(at(90), estimated)
	require.Equal(t, at(30), *s.until(at(30), stated).end, "stated beats estimated")
	require.Equal(t, at(30), *s.until(at(30), stated).until(at(95), estimated).end)
	require.Equal(t, at(95), *s.until(at(95), estimated).end, "within a rank the latest")
	require.Equal(t, at(90), *s.until(time.Time{}, stated).end, "a missing time says nothing")
	require.Equal(t, at(99), *span{}.within(span{end: ptr(at(99))}).end)
	require.Equal(t, at(30), *span{}.until(at(30), stated).within(span{end: ptr(at(99))}).end)
}

// TestAnyOrderAnyRepetition: what is known in the end does not depend on the
// order of events nor on how often each came.
func TestAnyOrderAnyRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kinds := []video.EventKind{video.ParticipantJoined, video.ParticipantLeft, video.TrackPublished, video.TrackUnpublished, video.ParticipantAborted}
		events := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) video.Event {
			e := person(rapid.SampledFrom(kinds).Draw(t, "kind"), 10, rapid.IntRange(10, 100).Draw(t, "told"), "")
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
				Kind: rapid.SampledFrom([]video.EventKind{video.RoomStarted, video.RoomFinished, video.Other}).Draw(t, "kind"),
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
