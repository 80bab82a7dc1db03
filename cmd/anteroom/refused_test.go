package main

import (
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestRefusedRequestsAreCounted: what is refused before anybody asks who calls is
// in the metrics too, and what is not is counted once.
func TestRefusedRequestsAreCounted(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	const json = "application/json"
	for _, c := range []struct {
		name, procedure, kind, body, status string
	}{
		{"content type", "RoomService/GetClientConfig", "text/plain", "{}", "415"},
		{"broken JSON", "RoomService/GetClientConfig", json, "{", "400"},
		{"too large", "RoomService/CreateRoom", json, `{"name":"` + strings.Repeat("x", 300<<10) + `"}`, "429"},
		{"webhook too large", "WebhookService/ReceiveLiveKit", "application/webhook+json", strings.Repeat("x", 2<<20), "413"},
		{"no procedure", "RoomService/Nothing", json, "{}", "404"},
	} {
		counted := "anteroom_rpc_refused_total{status=" + c.status + "}"
		before := scrape(t, p.url)[counted]
		resp, err := http.Post(p.url+"/anteroom.v1."+c.procedure, c.kind, strings.NewReader(c.body))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, c.status, resp.Status[:3], c.name)
		require.Equal(t, before+1, scrape(t, p.url)[counted], c.name)
	}
	sum := func() (n float64) {
		for name, v := range scrape(t, p.url) {
			if strings.HasPrefix(name, "anteroom_rpc_refused_total") {
				n += v
			}
		}
		return n
	}
	before := sum()
	_, err := p.guest().CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "x", AccessLevel: public})
	require.Error(t, err)
	host := p.as("host")
	s := p.watch(host, p.room(host, public).GetId())
	s.snapshot()
	s.stop()
	for s.next() != nil {
		continue
	}
	require.Equal(t, before, sum())
}

// TestServicesThatAreNone: a misspelt service is one that there is not.
func TestServicesThatAreNone(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	for name, options := range map[string][]connect.ClientOption{"connect": nil, "json": {connect.WithProtoJSON()}, "grpc-web": {connect.WithGRPCWeb()}} {
		for _, procedure := range []string{"/anteroom.v1.RoomsService/GetRoom", "/anteroom.v1.RoomService/GetRooms"} {
			c := connect.NewClient[anteroomv1.GetRoomRequest, anteroomv1.GetRoomResponse](http.DefaultClient, p.url+procedure, options...)
			_, err := c.CallUnary(t.Context(), connect.NewRequest(&anteroomv1.GetRoomRequest{}))
			require.Equal(t, connect.CodeUnimplemented, connect.CodeOf(err), "%s %s: %v", name, procedure, err)
		}
	}
}
