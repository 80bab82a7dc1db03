package rpc

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
)

// panicking panics where it is called.
type panicking struct {
	anteroomv1connect.UnimplementedRoomServiceHandler
}

func (panicking) GetClientConfig(context.Context, *anteroomv1.GetClientConfigRequest) (*anteroomv1.GetClientConfigResponse, error) {
	panic("something of ours: 123456")
}

// TestPanicsAreCaught: a panic ends its own call, is logged with its place, and says
// nothing to who called.
func TestPanicsAreCaught(t *testing.T) {
	var log bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle(anteroomv1connect.NewRoomServiceHandler(panicking{}, interceptors(slog.New(slog.NewTextHandler(&log, nil)), auth.New(clockwork.NewRealClock(), nil))))
	s := httptest.NewServer(mux)
	defer s.Close()
	_, err := anteroomv1connect.NewRoomServiceClient(s.Client(), s.URL).GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
	require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
	require.NotContains(t, err.Error(), "123456")
	require.Contains(t, log.String(), `level=ERROR msg=panic`)
	require.Contains(t, log.String(), "interceptor_test.go")
	require.Contains(t, log.String(), "something of ours: 123456", "the log says what it was")
	require.Equal(t, 1, strings.Count(log.String(), "level=ERROR"), "each such line is a report")
}
