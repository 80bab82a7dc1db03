package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/participation"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// asBot makes this test binary be a bot in a room, which can be killed: the URL of
// the LiveKit, while asBotToken is what lets it in.
const (
	asBot      = "ANTEROOM_TEST_AS_BOT"
	asBotToken = "ANTEROOM_TEST_BOT_TOKEN"
)

// beBot joins, says so and stays until its end.
func beBot() {
	_, err := lksdk.ConnectToRoomWithToken(os.Getenv(asBot), os.Getenv(asBotToken), &lksdk.RoomCallback{},
		lksdk.WithAutoSubscribe(false), lksdk.WithLogger(logger.GetDiscardLogger()))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("in")
	select {}
}

// process joins with a pass as a process of its own, and gives what kills it.
func (p *program) process(pass *anteroomv1.Pass) (kill func()) {
	p.t.Helper()
	bot := exec.Command(os.Args[0])
	bot.Env = append(os.Environ(), asBot+"="+pass.GetServerUrl(), asBotToken+"="+pass.GetToken())
	output, err := bot.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, bot.Start())
	kill = func() {
		_ = bot.Process.Kill()
		_ = bot.Wait()
	}
	p.t.Cleanup(kill)
	said, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(p.t, err)
	require.Equal(p.t, "in\n", said)
	return kill
}

// listed are the identities that LiveKit itself lists in a room.
func (p *program) listed(room string) (identities []string) {
	p.t.Helper()
	look, err := livekittest.Provider(p.t, p.server).Look(p.t.Context(), []string{room}, func(string) bool { return false })
	require.NoError(p.t, err)
	for _, someone := range look.Rooms[0].Participants {
		if someone.Active {
			identities = append(identities, someone.Identity)
		}
	}
	slices.Sort(identities)
	return identities
}

func (p *program) awaitListed(room string, expected ...string) time.Duration {
	p.t.Helper()
	slices.Sort(expected)
	return await(p.t, time.Minute, fmt.Sprintf("%v are listed", expected), func() bool { return slices.Equal(expected, p.listed(room)) })
}

// live are the identities of a room's people by the account, and ends the ranks of
// how the others left.
func (p *program) live(room string) (identities []string, ends map[participation.LeaveRank]int) {
	p.t.Helper()
	ends = map[participation.LeaveRank]int{}
	for _, someone := range p.app.db.Participation.Query().Where(participation.RoomID(uuid.MustParse(room))).AllX(p.t.Context()) {
		if someone.LeaveTime == nil {
			identities = append(identities, someone.Identity)
		} else {
			ends[*someone.LeaveRank]++
		}
	}
	slices.Sort(identities)
	return identities, ends
}

// reconcile runs one round, after everything has become old enough to be doubted.
// The program's own may run at the same time, so either may be the one that mends.
func (p *program) reconcile() {
	p.t.Helper()
	heard := time.Now()
	await(p.t, time.Minute, "nothing is young", func() bool { return time.Since(heard) > 2500*time.Millisecond })
	begin := time.Now()
	mends, err := p.app.inbox.Reconcile(p.t.Context())
	require.NoError(p.t, err)
	p.t.Logf("a round took %v and mended %v", time.Since(begin).Round(time.Millisecond), mends)
	p.idle()
}

// ruled are the rooms that have a rule at LiveKit.
func (p *program) ruled() (rooms []string) {
	p.t.Helper()
	for _, r := range p.rules() {
		rooms = append(rooms, r.RoomID)
	}
	return rooms
}

// TestWebhooksAreCut: people come and go at a real LiveKit, one of them killed
// without goodbye, while none of its webhooks arrives. After one reconcile the
// account is right, and so are the rules.
func TestWebhooksAreCut(t *testing.T) {
	t.Parallel() // it waits more than it works
	onEach(t, func(t *testing.T, p *program) {
		t.Parallel()
		host := p.as("host")
		var rooms []string
		for range 4 {
			rooms = append(rooms, p.room(host, public).GetId())
		}
		changed, emptied, over, begun := rooms[0], rooms[1], rooms[2], rooms[3]
		join := func(room string) (identity string, leave func()) {
			pass := p.join(p.guest(), room)
			return pass.GetIdentity(), p.bot(pass)
		}
		stays, _ := join(changed)
		goes, leave := join(changed)
		dies := p.join(p.guest(), changed)
		kill := p.process(dies)
		_, last := join(emptied)
		join(over)
		for room, people := range map[string]uint32{changed: 3, emptied: 1, over: 1} {
			p.awaitPeople(room, people)
		}
		p.awaitListed(changed, stays, goes, dies.GetIdentity())
		p.idle()
		require.ElementsMatch(t, []string{changed, emptied, over}, p.ruled())

		p.hooks.lose(true)
		kill()
		killed := time.Now()
		leave()
		comes, _ := join(changed)
		starts, _ := join(begun)
		last()
		left := time.Now()
		require.NoError(t, livekittest.Provider(t, p.server).EndMeeting(t.Context(), over))
		p.awaitListed(emptied)
		p.awaitListed(begun, starts)
		p.reconcile()
		t.Logf("the rule was gone %v after the last leave, of which nobody had told", time.Since(left).Round(time.Millisecond))
		require.ElementsMatch(t, []string{changed, begun}, p.ruled())
		requireLive(t, p, emptied, 1)
		requireLive(t, p, over, 1)
		requireLive(t, p, begun, 0, starts)

		p.awaitListed(changed, stays, comes)
		t.Logf("LiveKit noticed the killed bot %v after its end", time.Since(killed).Round(time.Millisecond))
		p.reconcile()
		requireLive(t, p, changed, 2, stays, comes)
	})
}

// requireLive says who is in a room, and how many have left as estimated.
func requireLive(t *testing.T, p *program, room string, estimated int, expected ...string) {
	t.Helper()
	live, ends := p.live(room)
	require.ElementsMatch(t, expected, live)
	require.Equal(t, estimated, ends[participation.LeaveRankEstimated])
	require.Zero(t, ends[participation.LeaveRankStated])
}

// TestLiveKitCrashes and comes back on the same Redis, which lists the dead as
// before. They leave the account at the first round, though somebody has come back.
func TestLiveKitCrashes(t *testing.T) {
	t.Parallel() // it waits more than it works
	onEach(t, func(t *testing.T, p *program) {
		t.Parallel()
		host := p.as("host")
		deserted, revived := p.room(host, public).GetId(), p.room(host, public).GetId()
		for _, room := range []string{deserted, revived} {
			first, second := p.join(p.guest(), room), p.join(p.guest(), room)
			p.bot(first)
			p.bot(second)
			p.awaitPeople(room, 2)
			p.awaitListed(room, first.GetIdentity(), second.GetIdentity())
		}
		p.server.Kill()
		p.server = livekittest.StartBeside(t, p.server, p.hooks.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure)
		p.proxy.leadTo(t, p.server.URL())
		back := p.join(p.guest(), revived)
		livekittest.Join(t, video.Pass{ServerURL: p.server.WSURL(), Token: back.GetToken()})
		p.awaitPeople(revived, 3)
		require.Len(t, p.listed(deserted), 2, "the dead are listed")

		p.reconcile()
		requireLive(t, p, deserted, 2)
		requireLive(t, p, revived, 2, back.GetIdentity())
		require.Equal(t, []string{revived}, p.ruled())
	})
}
