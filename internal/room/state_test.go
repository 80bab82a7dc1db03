package room

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/notice"
)

func TestRoleAt(t *testing.T) {
	for _, c := range []struct {
		name string
		f    doorFacts
		want access.Role
	}{
		{"an access always may", doorFacts{level: entroom.AccessLevelRestricted, access: access.Member, signedIn: true}, access.Member},
		{"an access is no viewer", doorFacts{level: entroom.AccessLevelPublic, access: access.Owner, signedIn: true, viewersOnlyListen: true}, access.Owner},
		{"public", doorFacts{level: entroom.AccessLevelPublic}, access.Guest},
		{"public, listening", doorFacts{level: entroom.AccessLevelPublic, viewersOnlyListen: true}, access.Viewer},
		{"trusted guest", doorFacts{level: entroom.AccessLevelTrusted}, access.None},
		{"trusted user", doorFacts{level: entroom.AccessLevelTrusted, signedIn: true}, access.Guest},
		{"restricted", doorFacts{level: entroom.AccessLevelRestricted, signedIn: true}, access.None},
		{"no level", doorFacts{signedIn: true}, access.None},
	} {
		require.Equal(t, c.want, roleAt(c.f), c.name)
	}
}

func TestMayWatch(t *testing.T) {
	for _, c := range []struct {
		name string
		f    watcherFacts
		want bool
	}{
		{"a member", watcherFacts{role: access.Member, signedIn: true}, true},
		{"a viewer who is signed in", watcherFacts{role: access.Viewer, signedIn: true}, true},
		{"a guest who was let in", watcherFacts{role: access.Guest, ticket: true}, true},
		{"a guest who was not", watcherFacts{role: access.Guest}, false},
		{"a guest whom the room admits no more", watcherFacts{ticket: true}, false},
		{"somebody signed in without a role", watcherFacts{signedIn: true}, false},
		{"an operator", watcherFacts{operator: true, signedIn: true}, true},
	} {
		require.Equal(t, c.want, mayWatch(c.f), c.name)
	}
}

func TestTold(t *testing.T) {
	now := time.Now()
	before := &ent.Room{ID: uuid.New(), Slug: "room", Name: "Room"}
	renamed, deleted := *before, *before
	renamed.Name, deleted.DeleteTime = "Renamed", &now
	require.Empty(t, told(nil, before))
	require.Equal(t, []notice.Fact{notice.RoomUpdated{RoomID: before.ID, Slug: "room", Name: "Renamed"}}, told(before, &renamed))
	require.Equal(t, []notice.Fact{notice.RoomDeleted{RoomID: before.ID, DeleteTime: now}}, told(before, &deleted))
}

func TestFull(t *testing.T) {
	require.False(t, full(1000, 0))
	require.False(t, full(1, 2))
	require.True(t, full(2, 2))
	require.True(t, full(3, 2))
}

func TestOwnerChange(t *testing.T) {
	require.False(t, ownerChange{owners: 1, was: access.Owner, becomes: access.None, counts: true}.leavesOwner())
	require.False(t, ownerChange{owners: 1, was: access.Owner, becomes: access.Admin, counts: true}.leavesOwner())
	require.True(t, ownerChange{owners: 2, was: access.Owner, becomes: access.None, counts: true}.leavesOwner())
	require.True(t, ownerChange{owners: 1, was: access.Member, becomes: access.None}.leavesOwner())
	require.True(t, ownerChange{owners: 1, was: access.Owner, becomes: access.Owner, counts: true}.leavesOwner())
	require.Equal(t, access.ManageOwners, ownerChange{was: access.Owner}.manages())
	require.Equal(t, access.ManageOwners, ownerChange{becomes: access.Owner}.manages())
	require.Equal(t, access.ManageAccess, ownerChange{was: access.Admin, becomes: access.Member}.manages())
}

func TestSlugsOfAnyName(t *testing.T) {
	valid := regexp.MustCompile("^[a-z0-9]+(-[a-z0-9]+)*$")
	rapid.Check(t, func(t *rapid.T) {
		s := slugFor(rapid.String().Draw(t, "name"), rapid.Bool().Draw(t, "again"))
		if !valid.MatchString(s) || len(s) < minSlug || len(s) > 80 || looksLikeID(s) {
			t.Fatalf("%q", s)
		}
	})
	for _, id := range []string{"01a1fc71-1f83-7164-be2b-b32762ebe70f", "01a1fc711f837164be2bb32762ebe70f"} {
		require.True(t, looksLikeID(id))
		require.False(t, looksLikeID(slugFor(id, false)))
	}
}

func TestTickets(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	mine, room := newTickets([]byte("a secret"), clock), uuid.New()
	ticket, err := mine.issue(room, guestPrefix+"x")
	require.NoError(t, err)
	identity, of, err := mine.verify(ticket)
	require.NoError(t, err)
	require.Equal(t, guestPrefix+"x", identity)
	require.Equal(t, room, of)
	_, _, err = newTickets([]byte("another"), clock).verify(ticket)
	require.ErrorIs(t, err, ErrTicket, "another secret")
	users, err := mine.issue(room, uuid.NewString())
	require.NoError(t, err)
	_, _, err = mine.verify(users)
	require.ErrorIs(t, err, ErrTicket, "a user's is nothing without the user")
	clock.Advance(ticketLifetime + time.Second)
	_, _, err = mine.verify(ticket)
	require.ErrorIs(t, err, ErrTicket, "too old")
}
