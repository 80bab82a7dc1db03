package recording

import (
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
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

// granted is an access that a recording gives when it is there.
type granted struct {
	userID   *uuid.UUID
	email    *string
	everyone bool
	role     recordingaccess.Role
	until    *time.Time
}

// grantsOf says who gets an access on a recording: who started it and the room's
// owners for good, and by the room's settings those who have an access on the
// room and those who were there, as long as the settings say and not longer than
// they have it on the room. Of two for the same the first one counts.
func grantsOf(s schema.RoomSettings, rec *ent.Recording, held []*ent.Access, now time.Time) []granted {
	var owners, others []granted
	if rec.StarterID != nil {
		owners = append(owners, granted{userID: rec.StarterID, role: recordingaccess.RoleOwner})
	}
	var until *time.Time
	if s.RecordingAudienceDuration > 0 {
		at := now.Add(s.RecordingAudienceDuration)
		until = &at
	}
	for _, a := range held {
		switch {
		case a.Role == entaccess.RoleOwner:
			owners = append(owners, granted{userID: a.UserID, email: a.Email, role: recordingaccess.RoleOwner})
		case s.RecordingAudience == AudienceMembers || s.RecordingAudience == AudienceAttendees:
			others = append(others, granted{a.UserID, a.Email, false, recordingaccess.Role(a.Role), sooner(until, a.ExpireTime)})
		}
	}
	if s.RecordingAudience == AudienceAttendees && rec.MeetingID != nil {
		others = append(others, granted{everyone: true, role: recordingaccess.RoleMember, until: until})
	}
	return append(owners, others...)
}

// sooner is the earlier of two times of which nil is never.
func sooner(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.Before(*a) {
		return b
	}
	return a
}
