// Package access says who may do what: one table of roles and actions for
// rooms, and one of procedures. It decides nothing else and reads nothing.
package access

// Role is what somebody is in a room; a greater role may all that a lesser may.
type Role uint8

// The roles, least first.
const (
	None   Role = iota // may not enter
	Viewer             // let in by the access level, only watches and listens
	Guest              // let in by the access level
	Member             // by an access
	Admin              // host: moderates and records
	Owner
)

// String is the role's word, as passes carry it.
func (r Role) String() string {
	return [...]string{"none", "viewer", "guest", "member", "admin", "owner"}[r]
}

// ByName finds the role of an access by its word in the database.
func ByName(name string) Role {
	for r := None; r <= Owner; r++ {
		if r.String() == name {
			return r
		}
	}
	return None
}

// Publishes says whether the role may send audio, video and messages.
func (r Role) Publishes() bool { return r >= Guest }

// Action is something done to a room or a recording.
type Action uint8

// The actions on a room, and behind RecordRoom those on a recording.
const (
	ReadRoom     Action = iota // name, slug, access level
	EnterRoom                  // a pass, and the dial-in with its PIN
	ReadLive                   // who is in
	ReadSettings               // how meetings behave
	UpdateRoom                 // name, slug, level, settings
	RotatePin                  //
	ReadAccesses               //
	ManageAccess               // grant, change, revoke a member's or an admin's
	ManageOwners               // make, unmake, revoke owners
	DeleteRoom                 //
	SettleRoom                 // compare and mend the provider's side
	ReadMeetings               // who met here and when
	ReadNumbers                // whole telephone numbers of callers
	ReadUsage                  // how much the room is used
	RecordRoom                 // start and stop recordings
	ReadConsents               // what people said to being recorded

	ReadRecording         // that there is one, and how far it is
	PlayRecording         // its files, in a page
	SaveRecording         // its files, also where others may only play them
	ReadRecordingAccesses //
	ManageRecordingAccess // grant and revoke a member's or an admin's
	ManageRecordingOwners // make and revoke owners
	KeepRecording         // say until when it is kept
	DeleteRecording       //
	ReportProcessing      // say what was made of it
	actions               // how many there are
)

// least is the table: the least role that may, and whether an operator may
// without any. Operators run the installation and do not walk into rooms.
var least = [actions]struct {
	role     Role
	operator bool
}{
	ReadRoom:     {None, true},
	EnterRoom:    {Viewer, false},
	ReadLive:     {Viewer, true},
	ReadSettings: {Member, true},
	UpdateRoom:   {Admin, true},
	RotatePin:    {Admin, true},
	ReadAccesses: {Admin, true},
	ManageAccess: {Admin, true},
	ManageOwners: {Owner, true},
	DeleteRoom:   {Owner, true},
	SettleRoom:   {noRole, true},
	ReadMeetings: {Member, true},
	ReadNumbers:  {Admin, true},
	ReadUsage:    {Owner, true},
	RecordRoom:   {Admin, false},
	ReadConsents: {Admin, true},

	ReadRecording:         {Member, true},
	PlayRecording:         {Member, false},
	SaveRecording:         {Admin, false},
	ReadRecordingAccesses: {Admin, true},
	ManageRecordingAccess: {Admin, false},
	ManageRecordingOwners: {Owner, false},
	KeepRecording:         {Owner, true},
	DeleteRecording:       {Owner, true},
	ReportProcessing:      {Owner, true},
}

// noRole is above all roles: what only operators do.
const noRole = Owner + 1

// May says whether somebody of this role, operator or not, may do this.
func May(role Role, operator bool, action Action) bool {
	if action >= actions {
		return false
	}
	l := least[action]
	return role >= l.role || operator && l.operator
}
