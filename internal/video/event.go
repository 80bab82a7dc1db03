package video

import "time"

// EventKind is what happened, in one vocabulary for all providers.
type EventKind uint8

// The kinds. Other is the zero value: stored, and otherwise ignored.
const (
	Other EventKind = iota
	RoomStarted
	RoomFinished
	ParticipantJoined
	ParticipantLeft
	ParticipantAborted // left before the connection stood
	TrackPublished
	TrackUnpublished
	EgressStarted
	EgressUpdated
	EgressEnded

	// No provider tells these: they are what Anteroom found when it asked.
	RoomSeen
	RoomMissed
	ParticipantSeen
	ParticipantMissed
)

// Origin is how Anteroom came to know of an event; the values of
// webhook_event.origin.
type Origin string

// The origins. The zero value is not stored: intake gives events Told.
const (
	Told       Origin = "webhook"   // the provider said so by itself
	Reconciled Origin = "reconcile" // found when the provider was asked
	Replayed   Origin = "replay"    // an operator had it applied once more
)

// PersonKind is who or what is connected; the values of participation.kind.
type PersonKind string

// The kinds of a participant. Unknown means that the event does not say.
const (
	Unknown      PersonKind = ""
	Web          PersonKind = "web"
	Phone        PersonKind = "phone"
	Agent        PersonKind = "agent"
	RecorderKind PersonKind = "recorder" // its identity is the id of its capture
	Ingress      PersonKind = "ingress"
)

// Human tells whether this is certainly a person: agents, recorders and
// ingresses are not, and of Unknown nobody can say.
func (k PersonKind) Human() bool { return k == Web || k == Phone }

// Event is one thing that a provider told us. Times are UTC, and zero when the
// provider does not state them.
type Event struct {
	Provider    Name
	ID          string // the provider's; the same when it is sent again
	Type        string // the provider's word
	Kind        EventKind
	Time        time.Time // when it was said to happen, to the second with LiveKit
	ReceiveTime time.Time // when Anteroom heard of it first
	Room        EventRoom
	Participant *Participant // of participant and track events
	Track       *Track       // of track events
	Egress      *Egress      // of egress events
	Body        []byte       `json:"-"` // JSON as it came, but without secrets
	Origin      Origin
}

// EventRoom is the room that an event is about.
type EventRoom struct {
	Name      string // the provider's; for Anteroom's rooms at LiveKit the room's UUID
	SID       string // one for each meeting
	StartTime time.Time
}

// Participant is the connection that an event is about.
type Participant struct {
	SID         string // one for each connection
	Identity    string
	Name        string // for display
	Kind        PersonKind
	JoinTime    time.Time
	LeaveReason string // the provider's word, "" until gone or when not known
	PhoneNumber string // of callers, E.164 when their operator sends it so; not for logs
	PassID      string // which pass let them in, "" for those who need none
}

// Track is what a participant publishes.
type Track struct {
	SID    string
	Source string // Camera, Microphone, ScreenShare, ScreenShareAudio, or "" when not known
	Muted  bool
}
