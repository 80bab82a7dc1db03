package meeting

import (
	"time"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// rank says how an end is known, in the words of the database.
type rank string

const (
	estimated rank = "estimated" // inferred
	stated    rank = "stated"    // told by an event or by the provider's API
)

// span is from when to when; what is nil is not known.
type span struct {
	start, end *time.Time
	rank       *rank
}

func spanOf(start, end *time.Time, r *rank) span { return span{start, end, r} }

// from moves the start to the earliest that was stated.
func (s span) from(t time.Time) span {
	if !t.IsZero() && (s.start == nil || t.Before(*s.start)) {
		s.start = &t
	}
	return s
}

// until sets the end: the higher rank wins, within a rank the latest.
func (s span) until(t time.Time, r rank) span {
	switch {
	case t.IsZero(), s.rank != nil && *s.rank == stated && r == estimated:
		return s
	case s.end == nil, s.rank == nil, *s.rank == estimated && r == stated, t.After(*s.end):
		s.end, s.rank = &t, &r
	}
	return s
}

// within ends a span that nobody stated the end of with the one around it.
func (s span) within(around span) span {
	if around.end == nil || s.rank != nil && *s.rank == stated {
		return s
	}
	s.end, s.rank = around.end, ptr(estimated)
	return s
}

func (s span) equal(o span) bool {
	return sameTime(s.start, o.start) && sameTime(s.end, o.end) && same(s.rank, o.rank)
}

// mergeMeeting is what a meeting's span becomes by an event of its room SID.
func mergeMeeting(s span, e video.Event) span {
	s = s.from(e.Room.StartTime)
	if e.Kind == video.RoomFinished {
		s = s.until(e.Time, stated)
	}
	return s
}

// facts is what is known of one connection.
type facts struct {
	span
	identity, displayName, leaveReason, phoneNumber, passID string
	kind                                                    video.PersonKind
}

// closedBy ends a connection that nobody stated the end of with its meeting.
func (f facts) closedBy(meeting span) facts {
	f.span = f.within(meeting)
	return f
}

func (f facts) equal(o facts) bool {
	spans := f.span.equal(o.span)
	f.span, o.span = span{}, span{}
	return spans && f == o
}

// mergeParticipation is what is known of a connection after an event of its
// SID. A departure first makes it already gone; one who only ever published or
// was aborted has not joined. Of two different words for the same thing always
// the same one stays, whichever came first: the greater, so that one that is
// known beats one that is not.
func mergeParticipation(f facts, e video.Event) facts {
	p := e.Participant
	f.identity = max(f.identity, p.Identity)
	f.displayName = max(f.displayName, p.Name)
	f.phoneNumber = max(f.phoneNumber, p.PhoneNumber)
	f.passID = max(f.passID, p.PassID)
	f.kind = video.PersonKind(max(string(f.kind), string(p.Kind)))
	switch e.Kind {
	case video.ParticipantJoined:
		f.span = f.from(joined(p, e))
	case video.ParticipantLeft:
		f.span = f.from(p.JoinTime).until(e.Time, stated)
		f.leaveReason = max(f.leaveReason, p.LeaveReason)
	case video.ParticipantAborted:
		f.span = f.until(e.Time, stated)
		f.leaveReason = max(f.leaveReason, p.LeaveReason)
	}
	return f
}

// joined is when somebody joined: as stated for the connection, else the time
// of the event.
func joined(p *video.Participant, e video.Event) time.Time {
	if p.JoinTime.IsZero() {
		return e.Time
	}
	return p.JoinTime
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func same[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

func ptr[T any](v T) *T { return &v }
