package access

import "slices"

// Scope is a part of the API that an application's key opens. People need none.
type Scope string

// The scopes. A key has those that it was made with; which of the rooms and
// recordings they are good for is decided by the application's accesses, as for
// anybody, or by Operating.
const (
	RoomsRead         Scope = "rooms:read"
	RoomsWrite        Scope = "rooms:write"
	RoomsJoin         Scope = "rooms:join"
	AccessesRead      Scope = "accesses:read"
	AccessesWrite     Scope = "accesses:write"
	MeetingsRead      Scope = "meetings:read"
	RecordingsRead    Scope = "recordings:read"
	RecordingsWrite   Scope = "recordings:write"
	RecordingsFiles   Scope = "recordings:files"
	RecordingsProcess Scope = "recordings:process"
	SipRead           Scope = "sip:read"
	SipWrite          Scope = "sip:write"
	EventsRead        Scope = "events:read"
	EventsWrite       Scope = "events:write"
	// Operating makes the application an operator, within its other scopes.
	Operating Scope = "operator"

	everyKey Scope = "*" // opened by any key
	noKey    Scope = "-" // for people alone
)

// Scopes are all that a key can have.
var Scopes = []Scope{
	RoomsRead, RoomsWrite, RoomsJoin, AccessesRead, AccessesWrite, MeetingsRead,
	RecordingsRead, RecordingsWrite, RecordingsFiles, RecordingsProcess,
	SipRead, SipWrite, EventsRead, EventsWrite, Operating,
}

// opened is the table of which scope opens a procedure to applications. What is
// missing here is closed to them.
var opened = map[string]Scope{
	prefix + "RoomService/CreateRoom":      RoomsWrite,
	prefix + "RoomService/GetRoom":         RoomsRead,
	prefix + "RoomService/ListRooms":       RoomsRead,
	prefix + "RoomService/UpdateRoom":      RoomsWrite,
	prefix + "RoomService/DeleteRoom":      RoomsWrite,
	prefix + "RoomService/JoinRoom":        RoomsJoin,
	prefix + "RoomService/GrantAccess":     AccessesWrite,
	prefix + "RoomService/UpdateAccess":    AccessesWrite,
	prefix + "RoomService/ListAccesses":    AccessesRead,
	prefix + "RoomService/RevokeAccess":    AccessesWrite,
	prefix + "RoomService/Watch":           RoomsRead,
	prefix + "RoomService/GetClientConfig": everyKey,

	prefix + "MeetingService/GetMeeting":       MeetingsRead,
	prefix + "MeetingService/ListMeetings":     MeetingsRead,
	prefix + "MeetingService/ListParticipants": MeetingsRead,
	prefix + "MeetingService/ReportQuality":    RoomsJoin,
	prefix + "MeetingService/GetUsage":         MeetingsRead,

	prefix + "RecordingService/StartRecording":        RecordingsWrite,
	prefix + "RecordingService/StopRecording":         RecordingsWrite,
	prefix + "RecordingService/GetRecording":          RecordingsRead,
	prefix + "RecordingService/ListRecordings":        RecordingsRead,
	prefix + "RecordingService/DeleteRecording":       RecordingsWrite,
	prefix + "RecordingService/GrantRecordingAccess":  AccessesWrite,
	prefix + "RecordingService/ListRecordingAccesses": AccessesRead,
	prefix + "RecordingService/RevokeRecordingAccess": AccessesWrite,
	prefix + "RecordingService/GetDownloadLink":       RecordingsFiles,
	prefix + "RecordingService/SetRetention":          RecordingsWrite,
	prefix + "RecordingService/GiveConsent":           noKey,
	prefix + "RecordingService/ListConsents":          RecordingsRead,
	prefix + "RecordingService/ReportProcessing":      RecordingsProcess,

	prefix + "SipService/GetDialIn":         SipRead,
	prefix + "SipService/RotatePin":         SipWrite,
	prefix + "SipService/ListDispatchRules": SipRead,
	prefix + "SipService/SettleRoom":        SipWrite,

	prefix + "UserService/GetSelf":      everyKey,
	prefix + "UserService/UpdateSelf":   noKey,
	prefix + "UserService/CreateApiKey": noKey,
	prefix + "UserService/ListApiKeys":  noKey,
	prefix + "UserService/RevokeApiKey": noKey,

	prefix + "WebhookService/ListEvents":  EventsRead,
	prefix + "WebhookService/GetEvent":    EventsRead,
	prefix + "WebhookService/ReplayEvent": EventsWrite,
}

// Opens says whether an application that holds these scopes may call a
// procedure, and otherwise which scope it lacks; empty where there is none.
func Opens(procedure string, held []string) (lacks Scope, ok bool) {
	switch needed := opened[procedure]; needed {
	case everyKey:
		return "", true
	case noKey, "":
		return "", false
	default:
		return needed, slices.Contains(held, string(needed))
	}
}
