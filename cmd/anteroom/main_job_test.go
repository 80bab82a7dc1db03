package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// settleLimit is ten times the two seconds that a rule may take.
const settleLimit = 20 * time.Second

// TestPinWorksWhileSomebodyIsThere is the main job: real bots, real webhooks,
// and LiveKit itself says which rules it has.
func TestPinWorksWhileSomebodyIsThere(t *testing.T) { onEach(t, pinWorks) }

func pinWorks(t *testing.T, p *program) {
	host := p.as("host")
	room := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC)
	dialIn, err := host.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: room.GetSlug()})
	require.NoError(t, err)
	require.Empty(t, p.rules(), "nobody is there yet")

	first := p.bot(p.join(host, room.GetSlug()))
	took := await(t, settleLimit, "the rule appears", func() bool { return len(p.rules()) == 1 })
	t.Logf("rule there %v after the join", took)
	rule := p.rules()[0]
	require.Equal(t, dialIn.GetPin(), rule.PIN)
	require.Equal(t, room.GetId(), rule.RoomID)
	require.Equal(t, room.GetId(), rule.RoomName)

	second := p.bot(p.join(p.guest(), room.GetSlug()))
	p.awaitPeople(room.GetId(), 2)
	second()
	p.awaitPeople(room.GetId(), 1)
	p.idle()
	require.Equal(t, rule, p.rules()[0], "who comes and goes besides has no effect")
	require.Equal(t, 1, p.proxy.calls("CreateSIPDispatchRule"))

	caller := livekittest.Join(t, livekittest.CallerPass(t, p.server.WSURL(), room.GetId(), "+15557777"))
	p.awaitPeople(room.GetId(), 2)
	first()
	p.awaitPeople(room.GetId(), 1)
	p.idle()
	require.Len(t, p.rules(), 1, "a caller is somebody too")

	caller()
	took = await(t, settleLimit, "the rule goes", func() bool { return len(p.rules()) == 0 })
	t.Logf("rule gone %v after the last leave", took)
	p.idle()
	require.Equal(t, 1, p.proxy.calls("DeleteSIPDispatchRule"))
	require.Zero(t, p.proxy.calls("ListSIPDispatchRule"))
}

func (p *program) awaitPeople(room string, n uint32) {
	p.t.Helper()
	await(p.t, settleLimit, fmt.Sprintf("%d people are in", n), func() bool {
		got, err := p.operator().GetRoom(p.t.Context(), &anteroomv1.GetRoomRequest{Room: room})
		require.NoError(p.t, err)
		return got.GetRoom().GetLive().GetPeople() == n
	})
}

// event is a webhook's body as LiveKit writes it.
func event(kind, room, sid, participant, identity string, at time.Time) []byte {
	e := map[string]any{
		"event": kind, "id": "EV_" + uuid.NewString(), "createdAt": fmt.Sprint(at.Unix()),
		"room": map[string]any{"sid": sid, "name": room, "creationTimeMs": fmt.Sprint(at.UnixMilli())},
	}
	if participant != "" {
		e["participant"] = map[string]any{
			"sid": participant, "identity": identity, "state": "ACTIVE", "joinedAtMs": fmt.Sprint(at.UnixMilli()),
		}
	}
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return body
}

// tell posts a webhook twice, as a LiveKit that had no answer the first time.
func (p *program) tell(body []byte) {
	for range 2 {
		status, answer := p.postSigned(body)
		if status != 200 {
			p.t.Errorf("webhook answered %d %s", status, answer)
		}
	}
}

// TestEightFirstJoiners: eight people are the first at once, every webhook comes
// twice; there is one rule, and the next room still gets its own.
func TestEightFirstJoiners(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		room := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC)
		now := time.Now()
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				p.tell(event("participant_joined", room.GetId(), "RM_eight", fmt.Sprintf("PA_%d", i), fmt.Sprintf("bot-%d", i), now))
			})
		}
		all.Wait()
		p.idle()
		require.Len(t, p.rules(), 1)
		require.Equal(t, 1, p.proxy.calls("CreateSIPDispatchRule"))

		later := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC)
		p.tell(event("participant_joined", later.GetId(), "RM_later", "PA_later", "bot", now))
		p.idle()
		require.Len(t, p.rules(), 2)
		require.Contains(t, []string{p.rules()[0].RoomID, p.rules()[1].RoomID}, later.GetId())
	})
}

// TestThousandRooms starts and empties a thousand rooms with every webhook
// doubled, several rooms at once, and leaves no rule behind.
func TestThousandRooms(t *testing.T) {
	const rooms, atOnce = 1000, 8
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		numbers := make(chan int)
		var all sync.WaitGroup
		for range atOnce {
			all.Go(func() {
				for i := range numbers {
					p.meet(host, i)
				}
			})
		}
		for i := range rooms {
			if i%250 == 0 {
				t.Logf("%d of %d rooms", i, rooms)
			}
			numbers <- i
		}
		close(numbers)
		all.Wait()
		p.idle()
		require.Empty(t, p.rules())
		require.Zero(t, p.app.db.DispatchRule.Query().Where(notAbsent).CountX(t.Context()))
		t.Logf("LiveKit was asked for %d rules, %d deletions, %d lists", p.proxy.calls("CreateSIPDispatchRule"),
			p.proxy.calls("DeleteSIPDispatchRule"), p.proxy.calls("ListSIPDispatchRule"))
	})
}

// meet is one meeting of two in a new room.
func (p *program) meet(host client, i int) {
	resp, err := host.CreateRoom(p.t.Context(), &anteroomv1.CreateRoomRequest{Name: fmt.Sprintf("Room %d", i)})
	if err != nil {
		p.t.Error(err)
		return
	}
	id, sid, now := resp.GetRoom().GetId(), fmt.Sprintf("RM_%d", i), time.Now()
	tell := func(kind, who string) {
		participant := ""
		if who != "" {
			participant = fmt.Sprintf("PA_%d_%s", i, who)
		}
		p.tell(event(kind, id, sid, participant, who, now))
	}
	tell("room_started", "")
	tell("participant_joined", "ada")
	tell("participant_joined", "bob")
	tell("participant_left", "ada")
	tell("participant_left", "bob")
	tell("room_finished", "")
}

// notAbsent are rules that may still be at LiveKit.
func notAbsent(s *sql.Selector) {
	s.Where(sql.NEQ(dispatchrule.FieldStatus, dispatchrule.StatusAbsent))
}
