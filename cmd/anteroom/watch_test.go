package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

func TestWatch(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("snapshot", func(t *testing.T) { watchSnapshot(t, p) })
		t.Run("notices", func(t *testing.T) { watchNotices(t, p) })
		t.Run("callers", func(t *testing.T) { watchCallers(t, p) })
		t.Run("revision", func(t *testing.T) { watchRevision(t, p) })
		t.Run("who may", func(t *testing.T) { watchWho(t, p) })
		t.Run("deleted room", func(t *testing.T) { watchDeleted(t, p) })
		t.Run("slow reader", func(t *testing.T) { watchSlow(t, p) })
	}, seldom)
}

func watchSnapshot(t *testing.T, p *program) {
	host := p.as("host")
	room, quiet := p.room(host, public), p.room(host, restricted)
	began := time.Now().Truncate(time.Second)
	for _, who := range []string{"ada", "bob"} {
		p.tell(event("participant_joined", room.GetId(), "RM_"+room.GetId(), "PA_"+who+room.GetId(), who, began))
	}
	s := p.watch(host, room.GetSlug(), quiet.GetId(), "no-such-room")
	rooms := s.snapshot()
	require.Len(t, rooms, 2, "a room that is not there is left out")
	require.Equal(t, room.GetId(), rooms[0].GetRoom())
	require.Equal(t, room.GetSlug(), rooms[0].GetSlug())
	require.Equal(t, room.GetName(), rooms[0].GetName())
	require.EqualValues(t, 2, rooms[0].GetLive().GetPeople())
	require.NotEmpty(t, rooms[0].GetLive().GetMeetingId())
	var names []string
	for _, person := range rooms[0].GetPeople() {
		names = append(names, person.GetIdentity())
		require.Equal(t, anteroomv1.PersonKind_PERSON_KIND_WEB, person.GetKind())
		require.True(t, began.Equal(person.GetJoinTime().AsTime()))
	}
	require.ElementsMatch(t, []string{"ada", "bob"}, names)
	require.Nil(t, rooms[1].GetLive())
	require.Empty(t, rooms[1].GetPeople())
}

func watchNotices(t *testing.T, p *program) {
	host := p.as("host")
	room, other, unwatched := p.room(host, public), p.room(host, public), p.room(host, public)
	s := p.watch(host, room.GetId(), other.GetId())
	s.snapshot()
	begin := time.Now()
	rename(t, host, room.GetId(), "Renamed")
	n := s.notice()
	t.Logf("told %v after the request began", time.Since(begin))
	require.Equal(t, "room.updated", n.GetType())
	require.Equal(t, room.GetId(), n.GetRoom())
	require.Equal(t, "Renamed", n.GetRoomUpdated().GetName())
	require.WithinDuration(t, begin, n.GetTime().AsTime(), time.Minute)

	in, now := joined(room.GetId(), "Ada"), time.Now().UTC().Truncate(time.Microsecond)
	p.publish(unwatched.GetId(), joined(unwatched.GetId(), "Nobody sees her"))
	p.publish(room.GetId(), notice.MeetingStarted{RoomID: in.RoomID, MeetingID: in.MeetingID, StartTime: &now}, in)
	require.Equal(t, in.MeetingID.String(), s.notice().GetMeetingStarted().GetMeetingId())
	n = s.notice()
	require.Equal(t, "participant.joined", n.GetType())
	require.Equal(t, in.Person.ParticipantID.String(), n.GetParticipantJoined().GetPerson().GetParticipantId())
	require.Equal(t, "Ada", n.GetParticipantJoined().GetPerson().GetDisplayName())
	require.True(t, in.Person.JoinTime.Equal(n.GetParticipantJoined().GetPerson().GetJoinTime().AsTime()))
	p.publish(room.GetId(),
		notice.ParticipantLeft{RoomID: in.RoomID, MeetingID: in.MeetingID, Person: in.Person, LeaveTime: &now, Reason: "CLIENT_INITIATED"},
		notice.MeetingEnded{RoomID: in.RoomID, MeetingID: in.MeetingID, EndTime: &now, Estimated: true})
	left := s.notice().GetParticipantLeft()
	require.Equal(t, in.Person.ParticipantID.String(), left.GetPerson().GetParticipantId())
	require.Equal(t, "CLIENT_INITIATED", left.GetLeaveReason())
	require.True(t, s.notice().GetMeetingEnded().GetEndEstimated())
	rename(t, host, other.GetId(), "The other one")
	require.Equal(t, other.GetId(), s.notice().GetRoom())

	err := p.app.db.InTx(t.Context(), func(tx *db.Tx) error {
		if err := p.app.notices.Publish(t.Context(), tx, joined(room.GetId(), "Never")); err != nil {
			return err
		}
		return context.Canceled
	})
	require.ErrorIs(t, err, context.Canceled)
	rename(t, host, room.GetId(), "After what never was")
	require.Equal(t, "room.updated", s.notice().GetType(), "what is rolled back is not told")
}

// watchCallers: nobody reads a caller's number from a stream.
func watchCallers(t *testing.T, p *program) {
	host := p.as("host")
	room := p.room(host, public)
	s := p.watch(host, room.GetId())
	s.snapshot()
	in := joined(room.GetId(), "Phone +33612345678")
	in.Person.Identity, in.Person.Kind = "sip_+33612345678", "phone"
	p.publish(room.GetId(), in)
	person := s.notice().GetParticipantJoined().GetPerson()
	require.Equal(t, anteroomv1.PersonKind_PERSON_KIND_PHONE, person.GetKind())
	require.Equal(t, "Phone +3•••678", person.GetDisplayName())
	require.Equal(t, "sip_+3•••678", person.GetIdentity())
}

// watchRevision: who comes back gets what was missed, if that is known.
func watchRevision(t *testing.T, p *program) {
	host := p.as("host")
	room, other := p.room(host, public), p.room(host, public)
	rename(t, host, room.GetId(), "First")
	rename(t, host, other.GetId(), "First")
	s := p.watch(host, room.GetId(), other.GetId())
	s.snapshot()
	rename(t, host, room.GetId(), "Second")
	seen := s.next()
	require.NotNil(t, seen.GetNotice())
	s.stop()

	rename(t, host, other.GetId(), "Third")
	rename(t, host, room.GetId(), "Fourth")
	again := func(revision string, rooms ...string) *stream {
		return p.watchWith(host, &anteroomv1.WatchRequest{Rooms: rooms, Revision: revision})
	}
	s = again(seen.GetRevision(), other.GetSlug(), room.GetId())
	require.NotNil(t, s.next().GetHeartbeat(), "the stream goes on")
	require.Equal(t, "Third", s.notice().GetRoomUpdated().GetName())
	require.Equal(t, "Fourth", s.notice().GetRoomUpdated().GetName())
	rename(t, host, room.GetId(), "Fifth")
	require.Equal(t, "Fifth", s.notice().GetRoomUpdated().GetName())

	require.Len(t, again(seen.GetRevision(), room.GetId()).snapshot(), 1, "a revision is good for its rooms")
	require.Len(t, again("nonsense", room.GetId()).snapshot(), 1)
	p.app.db.Notice.Delete().ExecX(t.Context())
	require.Len(t, again(seen.GetRevision(), room.GetId(), other.GetId()).snapshot(), 2, "what is too old is not known any more")
}

func watchWho(t *testing.T, p *program) {
	host := p.as("host")
	open, closed := p.room(host, public), p.room(host, restricted)
	refused := func(c client, req *anteroomv1.WatchRequest, want string, code connect.Code) {
		t.Helper()
		requireReason(t, want, code, p.watchWith(c, req).end())
	}
	rooms := func(rooms ...string) *anteroomv1.WatchRequest { return &anteroomv1.WatchRequest{Rooms: rooms} }
	refused(p.as("outsider"), rooms(closed.GetId()), "permission_denied", connect.CodePermissionDenied)
	refused(p.as("outsider"), rooms("nowhere", uuid.NewString()), "room_not_found", connect.CodeNotFound)
	refused(host, rooms(), "invalid_request", connect.CodeInvalidArgument)
	refused(host, rooms(strings.Split(strings.Repeat("a ", 101), " ")...), "invalid_request", connect.CodeInvalidArgument)
	refused(p.with("nonsense"), rooms(open.GetId()), "unauthenticated", connect.CodeUnauthenticated)
	require.Len(t, p.watch(p.as("outsider"), open.GetId(), closed.GetId()).snapshot(), 1, "only what one may see")
	require.Len(t, p.watch(p.operator(), closed.GetId()).snapshot(), 1)

	refused(p.guest(), rooms(open.GetId()), "sign_in_required", connect.CodeUnauthenticated)
	ticket := p.join(p.guest(), open.GetId()).GetTicket()
	with := func(ticket string, rooms ...string) *anteroomv1.WatchRequest {
		return &anteroomv1.WatchRequest{Rooms: rooms, Ticket: ticket}
	}
	require.Len(t, p.watchWith(p.guest(), with(ticket, open.GetId(), closed.GetId())).snapshot(), 1)
	refused(p.guest(), with(ticket, closed.GetId()), "invalid_ticket", connect.CodePermissionDenied)
	refused(p.guest(), with("nonsense", open.GetId()), "invalid_ticket", connect.CodePermissionDenied)
	refused(p.guest(), with(p.join(host, open.GetId()).GetTicket(), open.GetId()), "invalid_ticket", connect.CodePermissionDenied)
}

func watchDeleted(t *testing.T, p *program) {
	host := p.as("host")
	one, two := p.room(host, public), p.room(host, public)
	both, single := p.watch(host, one.GetId(), two.GetId()), p.watch(host, one.GetId())
	both.snapshot()
	single.snapshot()
	_, err := host.DeleteRoom(t.Context(), &anteroomv1.DeleteRoomRequest{Room: one.GetId()})
	require.NoError(t, err)
	for _, s := range []*stream{both, single} {
		n := s.notice()
		require.Equal(t, "room.deleted", n.GetType())
		require.NotNil(t, n.GetRoomDeleted().GetDeleteTime())
	}
	rooms := both.snapshot()
	require.Len(t, rooms, 1)
	require.Equal(t, two.GetId(), rooms[0].GetRoom())
	requireReason(t, "room_not_found", connect.CodeNotFound, single.end())
}

// watchSlow has one reader not read while much happens: it is told so when it
// reads again, and all others have missed nothing.
func watchSlow(t *testing.T, p *program) {
	const rounds, facts = 6, 200 // of 10 KB, of which a connection holds few MB
	host := p.as("host")
	room := p.room(host, public)
	quick := p.watch(host, room.GetId())
	quick.snapshot()
	uncompressed := p.as("host", connect.WithAcceptCompression("gzip", nil, nil))
	lazy, err := uncompressed.Watch(t.Context(), &anteroomv1.WatchRequest{Rooms: []string{room.GetId()}})
	require.NoError(t, err)
	defer func() { _ = lazy.Close() }()
	require.True(t, lazy.Receive())
	require.NotNil(t, lazy.Msg().GetChange().GetSnapshot())

	long := strings.Repeat("x", 10_000)
	for round := range rounds {
		batch := make([]notice.Fact, facts)
		for i := range batch {
			batch[i] = notice.RoomUpdated{RoomID: uuid.MustParse(room.GetId()), Slug: fmt.Sprint(round*facts + i), Name: long}
		}
		p.publish(room.GetId(), batch...)
		for i := range batch {
			require.Equal(t, fmt.Sprint(round*facts+i), quick.notice().GetRoomUpdated().GetSlug())
		}
	}
	resynced := false
	for range rounds * facts {
		require.True(t, lazy.Receive(), "%v", lazy.Err())
		if resynced = lazy.Msg().GetChange().GetResync() != nil; resynced {
			break
		}
		require.NotNil(t, lazy.Msg().GetChange().GetNotice())
	}
	require.True(t, resynced)
	require.True(t, lazy.Receive())
	require.NotNil(t, lazy.Msg().GetChange().GetSnapshot(), "how things are follows")
	rename(t, host, room.GetId(), "Goes on")
	require.True(t, lazy.Receive())
	require.Equal(t, "Goes on", lazy.Msg().GetChange().GetNotice().GetRoomUpdated().GetName())
}

// TestWatchHeartbeat: a stream says that it lives, and looks again who may see
// what it shows.
func TestWatchHeartbeat(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("alone", func(t *testing.T) {
			host := p.as("host")
			s := p.watch(host, p.room(host, public).GetId())
			s.snapshot()
			for range 3 {
				c := s.next()
				require.NotNil(t, c.GetHeartbeat(), "%v", c)
				require.NotEmpty(t, c.GetRevision())
			}
		})
		t.Run("revoked access", func(t *testing.T) { watchRevoked(t, p) })
		t.Run("room closed to guests", func(t *testing.T) {
			host := p.as("host")
			room := p.room(host, public)
			ticket := p.join(p.guest(), room.GetId()).GetTicket()
			s := p.watchWith(p.guest(), &anteroomv1.WatchRequest{Rooms: []string{room.GetId()}, Ticket: ticket})
			s.snapshot()
			_, err := host.UpdateRoom(t.Context(), &anteroomv1.UpdateRoomRequest{
				Room: room.GetId(), AccessLevel: restricted, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"access_level"}},
			})
			require.NoError(t, err)
			requireReason(t, "invalid_ticket", connect.CodePermissionDenied, s.end())
		})
	}, often)
}

func watchRevoked(t *testing.T, p *program) {
	host, member := p.as("host"), p.as("member")
	_, err := member.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	var rooms, accesses []string
	for range 2 {
		room := p.room(host, restricted)
		granted, err := host.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: anteroomv1.Role_ROLE_MEMBER, Grantee: &anteroomv1.GrantAccessRequest_Email{Email: "member@example.org"},
		})
		require.NoError(t, err)
		rooms, accesses = append(rooms, room.GetId()), append(accesses, granted.GetAccess().GetId())
	}
	s := p.watch(member, rooms...)
	require.Len(t, s.snapshot(), 2)
	revoke := func(access string) {
		_, err := host.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: access})
		require.NoError(t, err)
	}
	revoke(accesses[0])
	c := s.next()
	for c.GetHeartbeat() != nil {
		c = s.next()
	}
	require.Len(t, c.GetSnapshot().GetRooms(), 1)
	require.Equal(t, rooms[1], c.GetSnapshot().GetRooms()[0].GetRoom())
	p.publish(rooms[0], joined(rooms[0], "Unseen"))
	p.publish(rooms[1], joined(rooms[1], "Seen"))
	require.Equal(t, "Seen", s.notice().GetParticipantJoined().GetPerson().GetDisplayName())
	revoke(accesses[1])
	requireReason(t, "permission_denied", connect.CodePermissionDenied, s.end())
}

// TestWatchEndsAtShutdown: streams end with a code that makes clients come back,
// and at once: the program need not cut them off.
func TestWatchEndsAtShutdown(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		room := p.room(host, public)
		var streams []*stream
		for range 3 {
			s := p.watch(host, room.GetId())
			s.snapshot()
			streams = append(streams, s)
		}
		p.stop()
		for _, s := range streams {
			requireReason(t, "server_stopping", connect.CodeUnavailable, s.end())
		}
		t.Cleanup(func() { require.NotContains(t, p.log.String(), "cut off") })
	}, seldom)
}

// TestWatchAcrossProcesses has two programs share one Postgres: what the one
// publishes the other tells, also after its listening connection was lost.
func TestWatchAcrossProcesses(t *testing.T) {
	url := dbtest.PostgresURL(t)
	here, there := start(t, url, seldom), start(t, url, seldom)
	host := here.as("host")
	room := here.room(host, public)
	s := there.watch(there.as("host"), room.GetId())
	s.snapshot()
	slowest, told := time.Duration(0), 0
	tell := func() {
		here.publish(room.GetId(), joined(room.GetId(), fmt.Sprint(told)))
		told++
	}
	for n := range 20 {
		begin := time.Now()
		tell()
		require.Equal(t, fmt.Sprint(n), s.notice().GetParticipantJoined().GetPerson().GetDisplayName())
		slowest = max(slowest, time.Since(begin))
	}
	t.Logf("told %v after the commit began, at most", slowest)
	for range 5 {
		var killed int
		require.NoError(t, here.app.db.SQL.QueryRowContext(t.Context(), `SELECT count(pg_terminate_backend(pid))
			FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(&killed))
		require.Positive(t, killed)
		from := told
		for range 10 {
			tell()
		}
		for n := from; n < told; n++ {
			require.Equal(t, fmt.Sprint(n), s.notice().GetParticipantJoined().GetPerson().GetDisplayName(), "none is missed")
		}
		await(t, watchLimit, "both listen again", func() bool {
			var listening int
			require.NoError(t, here.app.db.SQL.QueryRowContext(t.Context(), `SELECT count(*)
				FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`).Scan(&listening))
			return listening == 2
		})
	}
}
