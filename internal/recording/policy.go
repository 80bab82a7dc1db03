package recording

import (
	"time"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/schema"
)

// When a room is recorded: the values of its settings.
const (
	PolicyOff        = "off"
	PolicyManual     = "manual"
	PolicyAutomatic  = "automatic"
	PolicyCompliance = "compliance"
)

// Who sees a room's recordings: the values of its settings.
const (
	AudienceOwners    = "owners"
	AudienceMembers   = "members"
	AudienceAttendees = "attendees"
)

// modeOf is what is recorded of a room where nobody says it.
func modeOf(s schema.RoomSettings) entrecording.Mode {
	if s.RecordingMode == "" {
		return entrecording.ModeScreen
	}
	return entrecording.Mode(s.RecordingMode)
}

// expiry is until when a recording of a room is kept that was made at a time.
func (r *Recordings) expiry(s schema.RoomSettings, made time.Time) *time.Time {
	keep := r.config.Retention
	if s.RecordingRetention > 0 {
		keep = s.RecordingRetention
	}
	if keep <= 0 {
		return nil
	}
	at := made.Add(keep)
	return &at
}
