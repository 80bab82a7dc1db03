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

// Who has to be in for an automatic recording: the values of a room's settings.
const (
	TriggerFirstPerson  = "first_person"
	TriggerSecondPerson = "second_person"
	TriggerHost         = "host"
)

// Who sees a room's recordings: the values of its settings.
const (
	AudienceOwners    = "owners"
	AudienceMembers   = "members"
	AudienceAttendees = "attendees"
)

const (
	// firstPause is how long after a failure what is recorded by itself is begun
	// anew; each further failure doubles it, up to longestPause.
	firstPause   = 5 * time.Second
	longestPause = 5 * time.Minute
	// steady is how long a recording lasts that does not count as another failure.
	steady = 10 * time.Minute
	// pauseSpells are as many ended recordings as make the longest pause.
	pauseSpells = 8
)

// causes are why recordings begin by themselves, by the room's policy.
var causes = map[string]entrecording.Cause{
	PolicyAutomatic: entrecording.CauseAutomatic, PolicyCompliance: entrecording.CauseCompliance,
}

// modeOf is what is recorded of a room where nobody says it.
func modeOf(s schema.RoomSettings) entrecording.Mode {
	if s.RecordingMode == "" {
		return entrecording.ModeScreen
	}
	return entrecording.Mode(s.RecordingMode)
}

// required says whether a room's policy lets nobody stop a recording. One that began
// under this policy stays required when the room's policy changes.
func required(s schema.RoomSettings, mode entrecording.Mode, cause entrecording.Cause) bool {
	return cause == entrecording.CauseCompliance ||
		s.RecordingPolicy == PolicyCompliance && mode == modeOf(s) && cause != entrecording.CauseCaller
}

// triggered says whether those are in who have to be for an automatic recording.
func triggered(trigger string, people, hosts int) bool {
	switch trigger {
	case TriggerSecondPerson:
		return people >= 2
	case TriggerHost:
		return hosts > 0
	}
	return people > 0
}

// spell is a recording that has ended.
type spell struct {
	lasted time.Duration
	saved  bool
}

// steadyFor is how long a recording lasts that does not count as another failure: not
// longer than it may.
func (r *Recordings) steadyFor() time.Duration {
	if r.config.MaxDuration > 0 {
		return min(steady, r.config.MaxDuration)
	}
	return steady
}

// pause is how long what is recorded by itself is left alone after it ended: the
// longer, the more often in a row it did not last. The newest spell comes first.
func pause(spells []spell, steady time.Duration) time.Duration {
	short := 0
	for _, s := range spells {
		if s.lasted >= steady {
			break
		}
		short++
	}
	if short == 0 && len(spells) > 0 && spells[0].saved {
		return 0 // as it reached its limit
	}
	return min(firstPause<<max(short-1, 0), longestPause)
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
