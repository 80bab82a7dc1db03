package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
)

// echoText is about as long as a request to join a room.
const echoText = "weekly-planning-of-the-garden-club"

// rpcOperation has an HTTP/1.1 connection of its own for each client, kept
// open. call makes, with a client for that connection, what is repeated.
func (b *bench) rpcOperation(o operation, token string, call func(h *http.Client) func(context.Context) error) operation {
	o.database = b.databaseClock()
	o.start = func(_ context.Context, connections int, _ time.Duration) ([]func(context.Context) error, error) {
		work := make([]func(context.Context) error, connections)
		for i := range work {
			work[i] = call(newHTTPClient(token))
		}
		return work, nil
	}
	return o
}

func newHTTPClient(token string) *http.Client {
	return &http.Client{Transport: bearer{token, &http.Transport{MaxConnsPerHost: 1, MaxIdleConnsPerHost: 1, IdleConnTimeout: 5 * time.Second}}}
}

// bearer adds a token to requests; guests have none.
type bearer struct {
	token string
	next  *http.Transport
}

// RoundTrip implements http.RoundTripper. The request is this process's own,
// so it need not be copied.
func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

func (b *bench) clientOptions() []connect.ClientOption {
	if b.command.Compression {
		return nil
	}
	return []connect.ClientOption{connect.WithAcceptCompression("gzip", nil, nil)}
}

func (b *bench) echoOperation() operation {
	o := operation{name: nameEcho, cpu: processClock(b.echo.pid())}
	return b.rpcOperation(o, "", func(h *http.Client) func(context.Context) error {
		client := connect.NewClient[wrapperspb.StringValue, wrapperspb.StringValue](h, b.echoURL+echoProcedure, b.clientOptions()...)
		return func(ctx context.Context) error {
			_, err := client.CallUnary(ctx, connect.NewRequest(wrapperspb.String(echoText)))
			return err
		}
	})
}

// joinOperation asks for a pass to one room or another, by its slug: as their
// owner, or as a guest without a token.
func (b *bench) joinOperation(name, token string) operation {
	o := operation{name: name, base: nameEcho, cpu: processClock(b.program.pid())}
	return b.rpcOperation(o, token, func(h *http.Client) func(context.Context) error {
		client := anteroomv1connect.NewRoomServiceClient(h, b.ready.URL, b.clientOptions()...)
		return func(ctx context.Context) error {
			resp, err := client.JoinRoom(ctx, &anteroomv1.JoinRoomRequest{
				Room: b.slugs[mathrand.IntN(len(b.slugs))], DisplayName: "Bench", //nolint:gosec // no secret
			})
			if err == nil && resp.GetPass().GetToken() == "" {
				err = errors.New("join: there is no token")
			}
			return err
		}
	})
}

// createOperation makes rooms with names of their own, owner and PIN included.
func (b *bench) createOperation() operation {
	o := operation{name: nameCreate, base: namePair, cpu: processClock(b.program.pid())}
	return b.rpcOperation(o, b.ready.UserToken, func(h *http.Client) func(context.Context) error {
		client := anteroomv1connect.NewRoomServiceClient(h, b.ready.URL, b.clientOptions()...)
		return func(ctx context.Context) error {
			_, err := createRoom(ctx, client)
			return err
		}
	})
}

func createRoom(ctx context.Context, client anteroomv1connect.RoomServiceClient) (*anteroomv1.Room, error) {
	resp, err := client.CreateRoom(ctx, &anteroomv1.CreateRoomRequest{
		Name: "Planning " + rand.Text()[:12], AccessLevel: anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC,
	})
	return resp.GetRoom(), err
}

// makeRooms makes the rooms that are joined and met in.
func (b *bench) makeRooms(ctx context.Context) error {
	client := anteroomv1connect.NewRoomServiceClient(newHTTPClient(b.ready.UserToken), b.ready.URL)
	for range b.command.Rooms {
		room, err := createRoom(ctx, client)
		if err != nil {
			return fmt.Errorf("make the rooms: %w", err)
		}
		b.rooms, b.slugs = append(b.rooms, room.GetId()), append(b.slugs, room.GetSlug())
	}
	return nil
}
