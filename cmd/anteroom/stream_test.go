package main

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	entroom "github.com/anteroom-dev/anteroom/ent/room"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

// watchLimit is how long a test waits for what a stream is to tell within a
// second; the machine may be busy.
const watchLimit = 10 * time.Second

// seldom and often are heartbeats: one that plays no part in a test, and one
// that can be waited for.
func seldom(c *Config) { c.Heartbeat = time.Hour }

func often(c *Config) { c.Heartbeat = 100 * time.Millisecond }

// stream is somebody who watches.
type stream struct {
	t       *testing.T
	changes chan *anteroomv1.Change // closed when the stream has ended
	err     error                   // then why
	stop    context.CancelFunc
}

func (p *program) watch(c client, rooms ...string) *stream {
	p.t.Helper()
	return p.watchWith(c, &anteroomv1.WatchRequest{Rooms: rooms})
}

func (p *program) watchWith(c client, req *anteroomv1.WatchRequest) *stream {
	p.t.Helper()
	ctx, stop := context.WithCancel(p.t.Context())
	s := &stream{t: p.t, changes: make(chan *anteroomv1.Change, 100), stop: stop}
	p.t.Cleanup(stop)
	go func() {
		defer close(s.changes)
		defer stop()
		from, err := c.Watch(ctx, req)
		if err != nil {
			s.err = err
			return
		}
		for from.Receive() {
			s.changes <- from.Msg().GetChange()
		}
		s.err = from.Err()
	}()
	return s
}

// next is the next change; nil after the last.
func (s *stream) next() *anteroomv1.Change {
	s.t.Helper()
	select {
	case c := <-s.changes:
		return c
	case <-time.After(watchLimit):
		require.Fail(s.t, "the stream says nothing")
		return nil
	}
}

// snapshot is the next change, which is one.
func (s *stream) snapshot() []*anteroomv1.WatchedRoom {
	s.t.Helper()
	c := s.next()
	s.must(c, c.GetSnapshot() != nil)
	return c.GetSnapshot().GetRooms()
}

// notice is the next change but for heartbeats, which is one.
func (s *stream) notice() *anteroomv1.Notice {
	s.t.Helper()
	c := s.next()
	for c.GetHeartbeat() != nil {
		c = s.next()
	}
	s.must(c, c.GetNotice() != nil)
	return c.GetNotice()
}

// must fails the test if a change is not what it is to be.
func (s *stream) must(c *anteroomv1.Change, right bool) {
	s.t.Helper()
	switch {
	case right:
	case c == nil:
		require.NoError(s.t, s.err)
		require.Fail(s.t, "the stream has ended")
	default:
		require.Fail(s.t, "not what the stream was to tell", "%v", c)
	}
}

// end reads what still comes and tells why the stream ended.
func (s *stream) end() error {
	s.t.Helper()
	for s.next() != nil {
		continue // only the end counts
	}
	return s.err
}

// publish makes facts known as a noun does: with the room locked.
func (p *program) publish(room string, facts ...notice.Fact) {
	p.t.Helper()
	require.NoError(p.t, p.app.db.InTx(p.t.Context(), func(tx *db.Tx) error {
		if _, err := tx.Room.Query().Where(entroom.ID(uuid.MustParse(room)), db.Lock).Only(p.t.Context()); err != nil {
			return err
		}
		return p.app.notices.Publish(p.t.Context(), tx, facts...)
	}))
}

// joined is the fact that somebody came in.
func joined(room, name string) notice.ParticipantJoined {
	now := time.Now().UTC().Truncate(time.Microsecond)
	return notice.ParticipantJoined{
		RoomID: uuid.MustParse(room), MeetingID: uuid.New(),
		Person: notice.Person{ParticipantID: uuid.New(), Identity: "guest_" + name, DisplayName: name, Kind: "web", JoinTime: &now},
	}
}

func rename(t *testing.T, c client, room, name string) {
	t.Helper()
	_, err := c.UpdateRoom(t.Context(), &anteroomv1.UpdateRoomRequest{
		Room: room, Name: name, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name"}},
	})
	require.NoError(t, err)
}
