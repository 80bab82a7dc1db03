package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/anteroom-dev/anteroom/internal/server"
)

const echoProcedure = "/bench.Echo/Echo"

// echoCommand is a Connect handler that does nothing, behind the HTTP server
// of the program, in a process of its own as the program is.
type echoCommand struct{}

// echoReady is the line that it prints when it serves.
type echoReady struct {
	URL string `json:"url"`
}

// Run serves until standard input ends: that is when its starter has.
func (echoCommand) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	if err := json.NewEncoder(os.Stdout).Encode(echoReady{"http://" + l.Addr().String()}); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(echoProcedure, connect.NewUnaryHandlerSimple(echoProcedure, echo))
	return server.Serve(ctx, l, mux, slog.New(slog.DiscardHandler))
}

func echo(_ context.Context, m *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
	return wrapperspb.String(m.GetValue()), nil
}
