package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	lkauth "github.com/livekit/protocol/auth"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

func TestJoin(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		t.Run("tokens by role", func(t *testing.T) { tokensByRole(t, p) })
		t.Run("identity", func(t *testing.T) { identities(t, p) })
		t.Run("full", func(t *testing.T) { fullRoom(t, p) })
		t.Run("attributes", func(t *testing.T) { attributes(t, p) })
		t.Run("without LiveKit", func(t *testing.T) { withoutLiveKit(t, p) })
	})
}

func claims(t *testing.T, pass *anteroomv1.Pass) *lkauth.ClaimGrants {
	t.Helper()
	v, err := lkauth.ParseAPIToken(pass.GetToken())
	require.NoError(t, err)
	_, c, err := v.Verify(livekittest.APISecret)
	require.NoError(t, err)
	return c
}

func tokensByRole(t *testing.T, p *program) {
	owner := p.as("host")
	most, only := uint32(12), true
	room := p.room(owner, public, func(r *anteroomv1.CreateRoomRequest) {
		r.Settings = &anteroomv1.RoomSettings{
			MaxParticipants: &most, ViewersOnlyListen: &only,
			PublishSources: []anteroomv1.PublishSource{anteroomv1.PublishSource_PUBLISH_SOURCE_MICROPHONE},
		}
	})
	before := p.proxy.total()
	host, viewer := p.join(owner, room.GetId()), p.join(p.guest(), room.GetSlug())
	require.Equal(t, before, p.proxy.total(), "no call to LiveKit")
	require.Equal(t, p.server.WSURL(), host.GetServerUrl(), "the public URL, not the one for our calls")
	require.Equal(t, anteroomv1.Role_ROLE_OWNER, host.GetRole())
	require.Equal(t, anteroomv1.Role_ROLE_VIEWER, viewer.GetRole())
	for _, c := range []struct {
		pass      *anteroomv1.Pass
		publishes bool
	}{{host, true}, {viewer, false}} {
		got := claims(t, c.pass)
		require.Equal(t, room.GetId(), got.Video.Room)
		require.True(t, got.Video.RoomJoin)
		require.False(t, got.Video.RoomAdmin || got.Video.RoomCreate || got.Video.RoomList || got.Video.RoomRecord || got.Video.IngressAdmin || got.Video.Hidden)
		require.Equal(t, &c.publishes, got.Video.CanPublish)
		require.Equal(t, &c.publishes, got.Video.CanPublishData)
		require.True(t, *got.Video.CanSubscribe)
		require.False(t, *got.Video.CanUpdateOwnMetadata)
		require.Equal(t, c.pass.GetId(), got.Attributes["anteroom.pass"])
		require.Equal(t, most, got.RoomConfig.MaxParticipants)
		require.Equal(t, uint32(600), got.RoomConfig.EmptyTimeout)
		require.LessOrEqual(t, time.Until(c.pass.GetExpireTime().AsTime()), 2*time.Hour)
	}
	require.Equal(t, []string{"microphone"}, claims(t, host).Video.CanPublishSources)
}

func identities(t *testing.T, p *program) {
	user := p.as("somebody")
	room := p.room(user, public)
	self, err := user.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	require.Equal(t, self.GetUser().GetId(), p.join(user, room.GetId()).GetIdentity())

	first, second := p.join(p.guest(), room.GetId()), p.join(p.guest(), room.GetId())
	require.Regexp(t, regexp.MustCompile("^guest_[a-z0-9]{26}$"), first.GetIdentity())
	require.NotEqual(t, first.GetIdentity(), second.GetIdentity())
	with := func(c client, ref, ticket string) (*anteroomv1.Pass, error) {
		resp, err := c.JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: ref, Ticket: ticket})
		return resp.GetPass(), err
	}
	again, err := with(p.guest(), room.GetId(), first.GetTicket())
	require.NoError(t, err)
	require.Equal(t, first.GetIdentity(), again.GetIdentity(), "a guest comes back by the ticket")
	require.NotEqual(t, first.GetId(), again.GetId())

	elsewhere := p.room(user, public)
	for name, bad := range map[string]string{
		"another room's": first.GetTicket(), "changed": again.GetTicket()[:20] + "x" + again.GetTicket()[21:],
		"the media token": first.GetToken(), "a user's": p.join(user, elsewhere.GetId()).GetTicket(), "nonsense": "x",
	} {
		_, err := with(p.guest(), elsewhere.GetId(), bad)
		require.Error(t, err, name)
		requireReason(t, "invalid_ticket", connect.CodePermissionDenied, err)
	}
}

// fullRoom: who is in counts, and who is in already may come again.
func fullRoom(t *testing.T, p *program) {
	user := p.as("first")
	most := uint32(1)
	room := p.room(user, public, func(r *anteroomv1.CreateRoomRequest) {
		r.Settings = &anteroomv1.RoomSettings{MaxParticipants: &most}
	})
	leave := p.bot(p.join(user, room.GetId()))
	p.awaitPeople(room.GetId(), 1)
	_, err := p.guest().JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId()})
	requireReason(t, "room_full", connect.CodeResourceExhausted, err)
	p.join(user, room.GetId())
	leave()
	p.awaitPeople(room.GetId(), 0)
	guest := p.join(p.guest(), room.GetId())
	p.bot(guest)
	p.awaitPeople(room.GetId(), 1)
	_, err = p.guest().JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId()})
	requireReason(t, "room_full", connect.CodeResourceExhausted, err)
	_, err = p.guest().JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{Room: room.GetId(), Ticket: guest.GetTicket()})
	require.NoError(t, err, "by the ticket a guest is the one who is in")
}

func attributes(t *testing.T, p *program) {
	room := p.room(p.as("host"), public)
	join := func(name string) (*anteroomv1.JoinRoomResponse, error) {
		return p.guest().JoinRoom(t.Context(), &anteroomv1.JoinRoomRequest{
			Room: room.GetId(), DisplayName: "  Zoë ", Attributes: map[string]string{name: "blue"},
		})
	}
	resp, err := join("colour")
	require.NoError(t, err)
	got := claims(t, resp.GetPass())
	require.Equal(t, "blue", got.Attributes["colour"])
	require.Equal(t, "Zoë", got.Name)
	for _, reserved := range []string{"anteroom.pass", "sip.phoneNumber", "lk.agent"} {
		_, err = join(reserved)
		requireReason(t, "attribute_reserved", connect.CodeInvalidArgument, err)
	}
}

// withoutLiveKit: rooms are made and passes minted all the same; what needs
// LiveKit says so, and is done when it is back.
func withoutLiveKit(t *testing.T, p *program) {
	p.proxy.refuse(true)
	host := p.as("host")
	room := p.room(host, public)
	p.join(host, room.GetId())
	p.tell(event("participant_joined", room.GetId(), "RM_away", "PA_away", "bot", time.Now()))
	_, err := p.operator().sip.SettleRoom(t.Context(), &anteroomv1.SettleRoomRequest{Room: room.GetId()})
	require.Contains(t, []string{"provider_unavailable", "settle_in_progress"}, reason(err))
	require.Equal(t, connect.CodeUnavailable, connect.CodeOf(err))
	await(t, settleLimit, "the failure is told", func() bool {
		resp, err := p.operator().sip.ListDispatchRules(t.Context(), &anteroomv1.ListDispatchRulesRequest{})
		require.NoError(t, err)
		for _, r := range resp.GetDispatchRules() {
			if r.GetRoom() == room.GetId() && r.GetFailure().GetReason() == "provider_unavailable" {
				return r.GetWanted() && r.GetStatus() == anteroomv1.DispatchRuleStatus_DISPATCH_RULE_STATUS_CREATING
			}
		}
		return false
	})
	p.proxy.refuse(false)
	await(t, 3*settleLimit, "the rule appears by itself", func() bool {
		for _, r := range p.rules() {
			if r.RoomID == room.GetId() {
				return true
			}
		}
		return false
	})
	require.NotContains(t, p.log.String(), room.GetDialIn().GetPin(), "no PIN in the log")
	require.False(t, strings.Contains(p.log.String(), livekittest.APISecret))
}
