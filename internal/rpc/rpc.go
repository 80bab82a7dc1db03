package rpc

import (
	"log/slog"
	"net/http"

	"connectrpc.com/connect"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/meeting"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/user"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

const (
	// maxRequest bounds a request of a client, in bytes.
	maxRequest = 256 << 10
	// worthCompressing is from how many bytes on a message is compressed: less
	// costs more than it saves, most of all in streams.
	worthCompressing = 1 << 10
	// MaxWebhook bounds a provider's body, in bytes.
	MaxWebhook = 1 << 20
)

// Nouns are what the services speak to.
type Nouns struct {
	Rooms         *room.Rooms
	History       *meeting.History
	SIP           *sip.SIP
	Users         *user.Users
	Recordings    *recording.Recordings
	Inbox         *webhook.Inbox
	Notifications *webhook.Notifications
	Providers     video.Providers
	Vitals        *video.Vitals
	SignIn        bool // whether people can sign in here
}

// Services names them all, for reflection and health.
var Services = []string{
	anteroomv1connect.RoomServiceName, anteroomv1connect.MeetingServiceName, anteroomv1connect.SipServiceName,
	anteroomv1connect.UserServiceName, anteroomv1connect.WebhookServiceName, anteroomv1connect.RecordingServiceName,
}

// Register adds the services to a mux. Connect, gRPC and gRPC-Web share their
// paths.
func Register(mux *http.ServeMux, log *slog.Logger, a *auth.Authenticator, n Nouns, version string) {
	common := connect.WithHandlerOptions(interceptors(log, a), connect.WithReadMaxBytes(maxRequest), connect.WithCompressMinBytes(worthCompressing))
	handle := func(path string, h http.Handler) { mux.Handle(path, countRefused(h)) }
	path, h := anteroomv1connect.NewRoomServiceHandler(&roomService{n.Rooms, n.SIP, n.Recordings, abilities{n.Providers, n.Vitals, n.SIP, n.Recordings}, version, n.SignIn}, common)
	handle(path, h)
	handle(anteroomv1connect.RoomServiceWatchProcedure, impatient(h, writeTimeout))
	handle(anteroomv1connect.NewMeetingServiceHandler(&meetingService{n.History}, common))
	handle(anteroomv1connect.NewRecordingServiceHandler(&recordingService{n.Recordings, n.Rooms.Allowed}, common))
	handle(anteroomv1connect.NewSipServiceHandler(&sipService{n.SIP, n.Rooms.Allowed}, common))
	handle(anteroomv1connect.NewUserServiceHandler(&userService{n.Users, a, log}, common))
	// No provider compresses, and a small body must not become a large one.
	raw := connect.WithHandlerOptions(interceptors(log, a), rawCodecs(), connect.WithReadMaxBytes(MaxWebhook), connect.WithCompression("gzip", nil, nil))
	path, h = anteroomv1connect.NewWebhookServiceHandler(&webhookService{n.Inbox, n.Notifications}, connect.WithConditionalHandlerOptions(func(spec connect.Spec) []connect.HandlerOption {
		if access.Calls(spec.Procedure) == access.Provider {
			return []connect.HandlerOption{raw}
		}
		return []connect.HandlerOption{common}
	}))
	handle(path, limitBody(h))
}
