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

// span is from when to when, as far as is known; what is nil is not. Each of
// its times only ever moves one way, so the order of events does not matter.
type span struct {
	start  *time.Time // the earliest stated
	end    *time.Time // the latest stated
	missed *time.Time // the last time that it was looked for in vain
	seen   *time.Time // the last time that it was looked for and found
}

// from moves the start to the earliest that was stated.
func (s span) from(t time.Time) span {
	if !t.IsZero() && (s.start == nil || t.Before(*s.start)) {
		s.start = &t
	}
	return s
}

// until moves the end to the latest that was stated. Where an event of an end
// states no time, it has been missed since we heard of it.
func (s span) until(t, received time.Time) span {
	if t.IsZero() {
		s.missed = later(s.missed, received)
	} else {
		s.end = later(s.end, t)
	}
	return s
}

func later(a *time.Time, b time.Time) *time.Time {
	if b.IsZero() || a != nil && !b.After(*a) {
		return a
	}
	return &b
}

// over is the end of a span inside another one that ends at a time, and how it is
// known: stated, else since it was missed and not seen again, but not after the
// other's end, nor before its own start, which another clock may have stated.
func (s span) over(around *time.Time) (*time.Time, *rank) {
	if s.end != nil {
		return s.end, ptr(stated)
	}
	end := around
	if s.missed != nil && (s.seen == nil || s.missed.After(*s.seen)) && (around == nil || s.missed.Before(*around)) {
		end = s.missed
	}
	if end == nil {
		return nil, nil
	}
	if s.start != nil && end.Before(*s.start) {
		end = s.start
	}
	return end, ptr(estimated)
}

func (s span) equal(o span) bool {
	return sameTime(s.start, o.start) && sameTime(s.end, o.end) && sameTime(s.missed, o.missed) && sameTime(s.seen, o.seen)
}

// mergeMeeting is what a meeting's span becomes by an event of its room SID.
func mergeMeeting(s span, e video.Event) span {
	s = s.from(e.Room.StartTime)
	switch e.Kind {
	case video.RoomFinished:
		s = s.until(e.Time, e.ReceiveTime)
	case video.RoomMissed:
		s.missed = later(s.missed, e.Time)
	case video.RoomSeen:
		s.seen = later(s.seen, e.Time)
	}
	return s
}

// facts is what is known of one connection.
type facts struct {
	span
	identity, displayName, leaveReason, phoneNumber, passID string
	kind                                                    video.PersonKind
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
		f.span = f.from(joined(e))
	case video.ParticipantLeft:
		f.span = f.from(p.JoinTime).until(e.Time, e.ReceiveTime)
		f.leaveReason = max(f.leaveReason, p.LeaveReason)
	case video.ParticipantAborted:
		f.span = f.until(e.Time, e.ReceiveTime)
		f.leaveReason = max(f.leaveReason, p.LeaveReason)
	case video.ParticipantSeen:
		f.span = f.from(joined(e))
		f.seen = later(f.seen, e.Time)
	case video.ParticipantMissed:
		f.missed = later(f.missed, e.Time)
	}
	return f
}

// joined is when somebody joined: as stated for the connection, else the time
// of the event, or else when we heard of it.
func joined(e video.Event) time.Time {
	for _, t := range []time.Time{e.Participant.JoinTime, e.Time} {
		if !t.IsZero() {
			return t
		}
	}
	return e.ReceiveTime
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func ptr[T any](v T) *T { return &v }
