package room

import (
	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/notice"
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

// watcherFacts is what decides whether somebody may watch a room.
type watcherFacts struct {
	role     access.Role // as what they may enter
	operator bool
	signedIn bool
	ticket   bool // of a pass of this room
}

// mayWatch says whether somebody may watch: who may see who is in, and has said
// who they are, by signing in or by the ticket with which they were let in.
func mayWatch(f watcherFacts) bool {
	return (f.signedIn || f.ticket) && access.May(f.role, f.operator, access.ReadLive)
}

// told is what others are told of a change; that a room was made, nobody can be
// watching.
func told(before, after *ent.Room) []notice.Fact {
	switch {
	case before == nil:
		return nil
	case after.DeleteTime != nil:
		return []notice.Fact{notice.RoomDeleted{RoomID: after.ID, DeleteTime: *after.DeleteTime}}
	}
	return []notice.Fact{notice.RoomUpdated{RoomID: after.ID, Slug: after.Slug, Name: after.Name}}
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
