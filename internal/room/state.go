package room

import (
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
)

// doorFacts is what decides as what somebody may enter.
type doorFacts struct {
	level             entroom.AccessLevel
	access            access.Role // by an access; None without
	signedIn          bool
	viewersOnlyListen bool
}

// roleAt says as what somebody may enter; None is not at all. An access always
// may; else the level decides.
func roleAt(f doorFacts) access.Role {
	switch {
	case f.access != access.None:
		return f.access
	case f.level == entroom.AccessLevelPublic,
		f.level == entroom.AccessLevelTrusted && f.signedIn:
		if f.viewersOnlyListen {
			return access.Viewer
		}
		return access.Guest
	}
	return access.None
}

// full says whether one more person would be too many; 0 is no limit.
func full(people int, maxParticipants uint32) bool {
	return maxParticipants > 0 && people >= int(maxParticipants)
}

// ownerChange says what a change of one access does to a room's owners.
type ownerChange struct {
	owners       int         // signed-in owners before the change
	was, becomes access.Role // becomes None when it is revoked
	counts       bool        // whether this access is one of the owners counted
}

// leavesOwner says whether somebody who can act owns the room afterwards.
func (c ownerChange) leavesOwner() bool {
	return !c.counts || c.becomes == access.Owner || c.owners > 1
}

// manages names the action that a change of access needs: whatever touches an
// owner is the owners' own.
func (c ownerChange) manages() access.Action {
	if c.was == access.Owner || c.becomes == access.Owner {
		return access.ManageOwners
	}
	return access.ManageAccess
}
