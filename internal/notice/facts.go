package notice

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/schema"
)

// Fact is something that has become true. Each kind is a struct of its own and
// is kept as JSON.
type Fact interface {
	// Type is the kind's permanent word: clients and rows know it.
	Type() string
	// Room is which room it is about; uuid.Nil for none.
	Room() uuid.UUID
}

// Person is who a fact is about: one connection to a meeting.
type Person struct {
	ParticipantID uuid.UUID  `json:"participant_id"`
	Identity      string     `json:"identity"`
	DisplayName   string     `json:"display_name"`
	Kind          string     `json:"kind"` // a value of participation.kind
	JoinTime      *time.Time `json:"join_time"`
}

// MeetingStarted says that a meeting began.
type MeetingStarted struct {
	RoomID    uuid.UUID  `json:"room_id"`
	MeetingID uuid.UUID  `json:"meeting_id"`
	StartTime *time.Time `json:"start_time"`
}

// MeetingEnded says that a meeting is over, and everybody gone.
type MeetingEnded struct {
	RoomID    uuid.UUID  `json:"room_id"`
	MeetingID uuid.UUID  `json:"meeting_id"`
	EndTime   *time.Time `json:"end_time"`
	Estimated bool       `json:"estimated"` // nobody stated the end
}

// ParticipantJoined says that somebody came in.
type ParticipantJoined struct {
	RoomID    uuid.UUID `json:"room_id"`
	MeetingID uuid.UUID `json:"meeting_id"`
	Person    Person    `json:"person"`
}

// ParticipantLeft says that somebody went.
type ParticipantLeft struct {
	RoomID    uuid.UUID  `json:"room_id"`
	MeetingID uuid.UUID  `json:"meeting_id"`
	Person    Person     `json:"person"`
	LeaveTime *time.Time `json:"leave_time"`
	Estimated bool       `json:"estimated"` // nobody stated it
	Reason    string     `json:"reason"`    // the provider's word
}

// RoomUpdated says that a room was changed.
type RoomUpdated struct {
	RoomID uuid.UUID `json:"room_id"`
	Slug   string    `json:"slug"`
	Name   string    `json:"name"`
}

// RoomDeleted says that a room was deleted.
type RoomDeleted struct {
	RoomID     uuid.UUID `json:"room_id"`
	DeleteTime time.Time `json:"delete_time"`
}

// RecordingChanged says that a recording is further than it was.
type RecordingChanged struct {
	RoomID      uuid.UUID  `json:"room_id"`
	RecordingID uuid.UUID  `json:"recording_id"`
	Mode        string     `json:"mode"`   // a value of recording.mode
	Status      string     `json:"status"` // a value of recording.status
	Reason      string     `json:"reason"` // why it ended badly
	StartTime   *time.Time `json:"start_time"`
	LimitTime   *time.Time `json:"limit_time"` // when it will be stopped
	LimitNear   bool       `json:"limit_near"` // that is soon
}

// RecordingAvailable says that a recording's files are there. What comes after its
// id is not kept: it is revealed to those who may see the recording.
type RecordingAvailable struct {
	RoomID      uuid.UUID `json:"room_id"`
	RecordingID uuid.UUID `json:"recording_id"`

	Recording    *ent.Recording       `json:"-"` // with its room
	Participants []*ent.Participation `json:"-"` // the first of those who were there
	People       int                  `json:"-"` // how many were
	Files        []File               `json:"-"`
}

// File is a recording's file, and a link to it for those who may play it.
type File struct {
	*ent.RecordingFile
	URL        string
	ExpireTime time.Time
}

// RecordingProcessed says that a processor has reported on a recording. What it
// said is not kept here: it is revealed to those who may see the recording.
type RecordingProcessed struct {
	RoomID      uuid.UUID `json:"room_id"`
	RecordingID uuid.UUID `json:"recording_id"`
	Processor   string    `json:"processor"`

	Processing schema.Processing `json:"-"`
}

// Type implements Fact.
func (MeetingStarted) Type() string { return "meeting.started" }

// Type implements Fact.
func (MeetingEnded) Type() string { return "meeting.ended" }

// Type implements Fact.
func (ParticipantJoined) Type() string { return "participant.joined" }

// Type implements Fact.
func (ParticipantLeft) Type() string { return "participant.left" }

// Type implements Fact.
func (RoomUpdated) Type() string { return "room.updated" }

// Type implements Fact.
func (RoomDeleted) Type() string { return "room.deleted" }

// Type implements Fact.
func (RecordingChanged) Type() string { return "recording.changed" }

// Type implements Fact.
func (RecordingAvailable) Type() string { return "recording.available" }

// Type implements Fact.
func (RecordingProcessed) Type() string { return "recording.processed" }

// Room implements Fact.
func (f MeetingStarted) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f MeetingEnded) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f ParticipantJoined) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f ParticipantLeft) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f RoomUpdated) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f RoomDeleted) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f RecordingChanged) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f RecordingAvailable) Room() uuid.UUID { return f.RoomID }

// Room implements Fact.
func (f RecordingProcessed) Room() uuid.UUID { return f.RoomID }

// readers read each kind of fact back.
var readers = map[string]func([]byte) (Fact, error){
	MeetingStarted{}.Type():    read[MeetingStarted],
	MeetingEnded{}.Type():      read[MeetingEnded],
	ParticipantJoined{}.Type(): read[ParticipantJoined],
	ParticipantLeft{}.Type():   read[ParticipantLeft],
	RoomUpdated{}.Type():       read[RoomUpdated],
	RoomDeleted{}.Type():       read[RoomDeleted],

	RecordingChanged{}.Type():   read[RecordingChanged],
	RecordingAvailable{}.Type(): read[RecordingAvailable],
	RecordingProcessed{}.Type(): read[RecordingProcessed],
}

func read[F Fact](raw []byte) (Fact, error) {
	var f F
	err := json.Unmarshal(raw, &f)
	return f, err
}

// readFact gives no fact for a type of a newer release, which may share the
// database with this one for a while.
func readFact(typ string, raw []byte) (Fact, error) {
	reader, known := readers[typ]
	if !known {
		return nil, nil
	}
	f, err := reader(raw)
	if err != nil {
		return nil, fmt.Errorf("read a fact of type %s: %w", typ, err)
	}
	return f, nil
}
