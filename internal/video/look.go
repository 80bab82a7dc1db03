package video

import (
	"context"
	"time"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrChanging says that the room began or ended while it was looked at, so that
// who was found there may belong to either meeting.
var ErrChanging = fault.New(fault.Unavailable, "room_changing", "the room began or ended while it was looked at")

// Looker is a provider that tells what it holds now, for those who do not rely
// on having heard every event.
type Looker interface {
	// Look asks who is where. Rooms that the provider lists are looked into when
	// ours says so of their name, or all of them when it is nil; those of the known
	// names are looked into in any case. It fails with ErrUnavailable or ErrRefused
	// when the rooms cannot be listed. What else could not be asked is told in the
	// Look, for its room alone. Each question has a time limit of its own; ctx
	// limits them all together.
	//
	// A Look is no proof: a provider that lost its memory lists nobody though
	// people meet, and one that crashed still lists those who were there.
	Look(ctx context.Context, known []string, ours func(roomName string) bool) (Look, error)

	// Alive asks whoever moves the room's media whether a participant who is listed
	// is there. It changes nothing for them. Of one who is not it may take seconds
	// to be sure, and a provider whose parts have just lost sight of each other may
	// wrongly say no: ask in doubt alone, and twice. It fails with ErrUnavailable
	// or ErrRefused, which say nothing about the participant.
	Alive(ctx context.Context, roomName, identity string) (bool, error)
}

// Look is what a provider held when it was asked.
type Look struct {
	Rooms     []RoomLook // by name, each once
	Egresses  []Egress   // those at work
	EgressErr error      // not nil: of egresses nothing is known
	Calls     int        // how often the provider was asked
}

// RoomLook is what was seen of one room.
type RoomLook struct {
	Room         EventRoom  // without SID and StartTime when the provider does not list it
	Participants []Presence // by SID; nil with Err
	Err          error      // not nil: nothing may be concluded about the room
	// When the question was sent and when the answer was there, by our clock. What
	// happened in between may be in the answer or not.
	AskTime, AnswerTime time.Time
}

// Presence is a participant that is listed.
type Presence struct {
	Participant
	// Active: the connection stands. Who is not is still coming, or already going.
	Active bool
	Tracks []Track // by SID
}
