package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
)

const (
	// nameFanOut is the name of this workload, for --only.
	nameFanOut = "watch-fanout"
	// fanOutChanges is how many changes every watcher is told of.
	fanOutChanges = 50
	// fanOutTimeout bounds it all.
	fanOutTimeout = 2 * time.Minute
	// fanOutWanted is what the 99th percentile should not be above.
	fanOutWanted = 250
)

// fanOut is how long those who watch one room wait for what happens there, in
// milliseconds from when it is published, before the commit.
type fanOut struct {
	Database string    `json:"database"`
	Watchers int       `json:"watchers"`
	Changes  int       `json:"changes"`
	Told     quantiles `json:"told_ms"`
}

// String is the line of the report.
func (f fanOut) String() string {
	return fmt.Sprintf("%s: %d watchers of one room told %s after the publication (wanted: p99 at most %d): %s",
		f.Database, f.Watchers, f.Told, fanOutWanted, verdict(f.Told.P99 <= fanOutWanted))
}

// fanOut has many watch one room by HTTP/2 while it is renamed again and again,
// each time when the last watcher has been told of the time before.
func (b *bench) fanOut(ctx context.Context, watchers int) (f fanOut, err error) {
	say("%s: %d watch one room…", b.database, watchers)
	ctx, cancel := context.WithTimeout(ctx, fanOutTimeout)
	defer cancel()
	c := anteroomv1connect.NewRoomServiceClient(newHTTP2Client(b.ready.UserToken), b.ready.URL, b.clientOptions()...)
	told := make(chan receipt, watchers)
	for range watchers {
		go watchRoom(ctx, c, b.rooms[0], told)
	}
	if _, err := collect(ctx, told, watchers); err != nil { // the snapshots
		return f, err
	}
	var all []time.Duration
	for n := range fanOutChanges {
		_, err := c.UpdateRoom(ctx, &anteroomv1.UpdateRoomRequest{
			Room: b.rooms[0], Name: fmt.Sprint("Room ", n), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}},
		})
		if err != nil {
			return f, err
		}
		took, err := collect(ctx, told, watchers)
		if err != nil {
			return f, err
		}
		all = append(all, took...)
	}
	return fanOut{b.database, watchers, fanOutChanges, quantilesOf(all)}, nil
}

// newHTTP2Client speaks HTTP/2 without TLS, on as many connections as its
// streams need.
func newHTTP2Client(token string) *http.Client {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Client{Transport: bearer{token, &http.Transport{Protocols: protocols}}}
}

// receipt is one message of one stream: how old its notice was, or why the
// stream ended.
type receipt struct {
	age time.Duration
	err error
}

// watchRoom reports every message of a stream but heartbeats.
func watchRoom(ctx context.Context, c anteroomv1connect.RoomServiceClient, room string, told chan<- receipt) {
	stream, err := c.Watch(ctx, &anteroomv1.WatchRequest{Rooms: []string{room}})
	if err != nil {
		told <- receipt{err: err}
		return
	}
	for stream.Receive() {
		switch c := stream.Msg().GetChange(); {
		case c.GetNotice() != nil:
			told <- receipt{age: time.Since(c.GetNotice().GetTime().AsTime())}
		case c.GetSnapshot() != nil:
			told <- receipt{}
		case c.GetResync() != nil:
			told <- receipt{err: errors.New("a watcher was cut off")}
		}
	}
	told <- receipt{err: stream.Err()}
}

// collect waits until each of the streams has had a message.
func collect(ctx context.Context, told <-chan receipt, n int) ([]time.Duration, error) {
	ages := make([]time.Duration, n)
	for i := range ages {
		select {
		case r := <-told:
			if r.err != nil {
				return nil, fmt.Errorf("watch: %w", r.err)
			}
			ages[i] = r.age
		case <-ctx.Done():
			return nil, fmt.Errorf("watch: %d of %d were told: %w", i, n, ctx.Err())
		}
	}
	return ages, nil
}
