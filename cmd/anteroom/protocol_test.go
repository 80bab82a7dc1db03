package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestProtocols has one port speak gRPC, gRPC-Web and Connect, to clients that
// know nothing of each other.
func TestProtocols(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	t.Run("grpc-go", func(t *testing.T) { grpcGo(t, p) })
	t.Run("health", func(t *testing.T) { health(t, p) })
	t.Run("reflection", func(t *testing.T) { reflection(t, p) })
	t.Run("gRPC-Web", func(t *testing.T) {
		room := p.room(p.as("web", connect.WithGRPCWeb()), public)
		require.NotEmpty(t, room.GetDialIn().GetPin())
	})
	t.Run("Connect with JSON", func(t *testing.T) {
		_, err := p.as("json", connect.WithProtoJSON()).GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: "nowhere"})
		requireReason(t, "room_not_found", connect.CodeNotFound, err)
	})
	t.Run("plain HTTP", func(t *testing.T) { plainHTTP(t, p) })
	t.Run("HTTP GET of a read", func(t *testing.T) {
		resp, body := get(t, p.url+"/anteroom.v1.RoomService/GetClientConfig?encoding=json&message=%7B%7D")
		require.Equal(t, 200, resp.StatusCode)
		require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
		require.Contains(t, body, "PROVIDER_LIVEKIT")
		resp, _ = get(t, p.url+"/anteroom.v1.RoomService/JoinRoom?encoding=json&message=%7B%7D")
		require.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode, "what gives a ticket is no GET")
	})
	t.Run("beside the API", func(t *testing.T) {
		for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "anteroom_rpc_duration_seconds"} {
			resp, body := get(t, p.url+path)
			require.Equal(t, 200, resp.StatusCode, path)
			require.Contains(t, body, want, path)
		}
	})
}

func dial(t *testing.T, p *program) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(strings.TrimPrefix(p.url, "http://"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// grpcGo calls by grpc-go alone, without a line of Connect.
func grpcGo(t *testing.T, p *program) {
	conn := dial(t, p)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+p.token(auth.Identity{Subject: "tool"}))
	var made anteroomv1.CreateRoomResponse
	require.NoError(t, conn.Invoke(ctx, anteroomv1connect.RoomServiceCreateRoomProcedure, &anteroomv1.CreateRoomRequest{Name: "By gRPC"}, &made))
	require.Equal(t, "by-grpc", made.GetRoom().GetSlug())
	err := conn.Invoke(t.Context(), anteroomv1connect.RoomServiceJoinRoomProcedure, &anteroomv1.JoinRoomRequest{Room: "by-grpc"}, &anteroomv1.JoinRoomResponse{})
	got := status.Convert(err)
	require.Equal(t, codes.PermissionDenied, got.Code())
	info, ok := got.Details()[0].(*errdetails.ErrorInfo)
	require.True(t, ok)
	require.Equal(t, "room_entry_denied", info.GetReason())
	require.Equal(t, "anteroom", info.GetDomain())
}

func health(t *testing.T, p *program) {
	client := grpc_health_v1.NewHealthClient(dial(t, p))
	for _, service := range []string{"", anteroomv1connect.RoomServiceName, anteroomv1connect.WebhookServiceName} {
		resp, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: service})
		require.NoError(t, err)
		require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, resp.GetStatus())
	}
	_, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: "anteroom.v1.NoService"})
	require.Equal(t, codes.NotFound, status.Code(err))
}

func reflection(t *testing.T, p *program) {
	stream, err := grpc_reflection_v1.NewServerReflectionClient(dial(t, p)).ServerReflectionInfo(t.Context())
	require.NoError(t, err)
	require.NoError(t, stream.Send(&grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_ListServices{},
	}))
	resp, err := stream.Recv()
	require.NoError(t, err)
	var names []string
	for _, s := range resp.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	require.Subset(t, names, []string{"anteroom.v1.RoomService", "anteroom.v1.SipService", "anteroom.v1.UserService", "anteroom.v1.WebhookService"})
}

// plainHTTP is what curl does.
func plainHTTP(t *testing.T, p *program) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+anteroomv1connect.RoomServiceCreateRoomProcedure,
		bytes.NewBufferString(`{"name":"By curl","accessLevel":"ACCESS_LEVEL_PUBLIC"}`))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+p.token(auth.Identity{Subject: "curl"}))
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	var got struct {
		Room struct {
			Slug   string
			MyRole string
			DialIn struct{ Pin, FormattedPin, TelURI string }
		}
	}
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&got))
	require.Equal(t, "by-curl", got.Room.Slug)
	require.Equal(t, "ROLE_OWNER", got.Room.MyRole)
	require.Len(t, got.Room.DialIn.Pin, 10)
	require.Equal(t, got.Room.DialIn.Pin, strings.ReplaceAll(got.Room.DialIn.FormattedPin, " ", ""))
	require.Equal(t, "tel:+33199001234,,"+got.Room.DialIn.Pin+"%23", got.Room.DialIn.TelURI)
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}
