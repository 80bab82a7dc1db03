package access

// Who is the least that a caller of a procedure must be; what a role in a room
// allows is decided by the noun, with May.
type Who uint8

// The classes of callers.
const (
	Nobody   Who = iota // what stands in no table
	Anyone              // guests too
	SignedIn            // users
	Operator            // who runs the installation
	Provider            // a media provider, by its own signature
)

const prefix = "/anteroom.v1."

// procedures is the table of RPCs. What is missing here is refused.
var procedures = map[string]Who{
	prefix + "RoomService/CreateRoom":      SignedIn,
	prefix + "RoomService/GetRoom":         Anyone,
	prefix + "RoomService/ListRooms":       SignedIn,
	prefix + "RoomService/UpdateRoom":      SignedIn,
	prefix + "RoomService/DeleteRoom":      SignedIn,
	prefix + "RoomService/JoinRoom":        Anyone,
	prefix + "RoomService/GrantAccess":     SignedIn,
	prefix + "RoomService/UpdateAccess":    SignedIn,
	prefix + "RoomService/ListAccesses":    SignedIn,
	prefix + "RoomService/RevokeAccess":    SignedIn,
	prefix + "RoomService/Watch":           Anyone,
	prefix + "RoomService/GetClientConfig": Anyone,

	prefix + "MeetingService/GetMeeting":       SignedIn,
	prefix + "MeetingService/ListMeetings":     SignedIn,
	prefix + "MeetingService/ListParticipants": SignedIn,
	prefix + "MeetingService/ReportQuality":    Anyone,
	prefix + "MeetingService/GetUsage":         SignedIn,

	prefix + "RecordingService/StartRecording":        SignedIn,
	prefix + "RecordingService/StopRecording":         SignedIn,
	prefix + "RecordingService/GetRecording":          SignedIn,
	prefix + "RecordingService/ListRecordings":        SignedIn,
	prefix + "RecordingService/DeleteRecording":       SignedIn,
	prefix + "RecordingService/GrantRecordingAccess":  SignedIn,
	prefix + "RecordingService/ListRecordingAccesses": SignedIn,
	prefix + "RecordingService/RevokeRecordingAccess": SignedIn,
	prefix + "RecordingService/GetDownloadLink":       SignedIn,
	prefix + "RecordingService/SetRetention":          SignedIn,
	prefix + "RecordingService/GiveConsent":           Anyone,
	prefix + "RecordingService/ListConsents":          SignedIn,
	prefix + "RecordingService/ReportProcessing":      SignedIn,

	prefix + "SipService/GetDialIn":         Anyone,
	prefix + "SipService/RotatePin":         SignedIn,
	prefix + "SipService/ListDispatchRules": Operator,
	prefix + "SipService/SettleRoom":        Operator,

	prefix + "UserService/GetSelf":      SignedIn,
	prefix + "UserService/UpdateSelf":   SignedIn,
	prefix + "UserService/CreateApiKey": Operator,
	prefix + "UserService/ListApiKeys":  Operator,
	prefix + "UserService/RevokeApiKey": Operator,

	prefix + "WebhookService/ReceiveLiveKit": Provider,
	prefix + "WebhookService/ReceiveStorage": Provider,
	prefix + "WebhookService/ListEvents":     Operator,
	prefix + "WebhookService/GetEvent":       Operator,
	prefix + "WebhookService/ReplayEvent":    Operator,
}

// Calls says who may call a procedure, named as /package.Service/Method;
// Nobody when it is unknown.
func Calls(procedure string) Who { return procedures[procedure] }

// Admits says whether a caller is enough for a class. A provider proves itself
// by its signature, in the noun.
func (w Who) Admits(signedIn, operator bool) bool {
	switch w {
	case Anyone, Provider:
		return true
	case SignedIn:
		return signedIn
	case Operator:
		return signedIn && operator
	}
	return false
}
