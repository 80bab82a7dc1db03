package livekit_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"path"
	"slices"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"github.com/twitchtv/twirp"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// storeEgress puts an egress where LiveKit keeps them, as its recorder does.
func storeEgress(t *testing.T, redisAddr string, e video.Egress) {
	t.Helper()
	value, err := proto.Marshal(livekittest.EgressInfo(e))
	require.NoError(t, err)
	require.NoError(t, redisClient(t, redisAddr).HSet(t.Context(), "egress", e.ID, value).Err())
}

func redisClient(t *testing.T, addr string) *redis.Client {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// TestGhosts: those who were on a server that crashed stay listed, and do not
// answer; they do so still when the room lives on at another server.
func TestGhosts(t *testing.T) {
	first := livekittest.Start(t)
	there := livekittest.Provider(t, first)
	join(t, there, lookedAt, "ada")
	join(t, there, lookedAt, "bob")
	// Only now, as LiveKit gives a new room to any server of the cluster.
	here := livekittest.Provider(t, livekittest.StartBeside(t, first))
	requireListed(t, here, "ada", "bob")
	requireAlive(t, here, map[string]bool{"ada": true, "bob": true})

	first.Kill()
	requireListed(t, here, "ada", "bob")
	requireAlive(t, here, map[string]bool{"ada": false, "bob": false})

	join(t, here, lookedAt, "ada")
	requireListed(t, here, "ada", "bob")
	requireAlive(t, here, map[string]bool{"ada": true, "bob": false})
}

// TestRedisEmptied: nobody is listed any more, and those who are there answer.
func TestRedisEmptied(t *testing.T) {
	server := livekittest.Start(t)
	provider := livekittest.Provider(t, server)
	join(t, provider, lookedAt, "ada")
	requireListed(t, provider, "ada")
	require.NoError(t, redisClient(t, server.RedisAddr()).FlushAll(t.Context()).Err())
	requireListed(t, provider)
	requireAlive(t, provider, map[string]bool{"ada": true})
}

// lookedAt is the room of these tests.
const lookedAt = "looked at"

func join(t *testing.T, provider *livekit.Provider, room, identity string) {
	t.Helper()
	r := member()
	r.RoomName, r.Identity = room, identity
	pass, err := provider.Pass(t.Context(), r)
	require.NoError(t, err)
	livekittest.Join(t, pass)
}

// requireListed waits until the room's participants are listed as active.
func requireListed(t *testing.T, provider *livekit.Provider, expected ...string) {
	t.Helper()
	var seen []string
	require.Eventually(t, func() bool {
		look, err := provider.Look(t.Context(), []string{lookedAt}, nil)
		require.NoError(t, err)
		seen = nil
		for _, p := range look.Rooms[0].Participants {
			if p.Active {
				seen = append(seen, p.Identity)
			}
		}
		slices.Sort(seen)
		return look.Rooms[0].Err == nil && slices.Equal(expected, seen)
	}, 10*time.Second, 20*time.Millisecond, "%v are listed", &seen)
}

func requireAlive(t *testing.T, provider *livekit.Provider, expected map[string]bool) {
	t.Helper()
	for identity, there := range expected {
		start := time.Now()
		alive, err := provider.Alive(t.Context(), lookedAt, identity)
		require.NoError(t, err)
		require.Equal(t, there, alive, identity)
		t.Logf("%s is there: %t, known after %s", identity, alive, time.Since(start).Round(time.Millisecond))
	}
}

// TestALookTellsWhatItCouldNotSee: what fails for one room, or for egresses, hides
// nothing else.
func TestALookTellsWhatItCouldNotSee(t *testing.T) {
	server := livekittest.Start(t)
	direct := livekittest.Provider(t, server)
	for _, room := range []string{"broken", "changing", lookedAt} {
		join(t, direct, room, "ada")
	}
	provider := local(t, func(c *livekit.Config) {
		c.InternalURL = proxy(t, server.URL(), func(method, room string) twirp.Error {
			switch {
			case method == "ListEgress":
				return twirp.NewError(twirp.Unimplemented, "there is no egress here")
			case method == "ListParticipants" && room == "broken":
				return twirp.InternalError("a broken record")
			case method == "ListParticipants" && room == "changing":
				require.NoError(t, direct.EndMeeting(t.Context(), room))
			}
			return nil
		})
	})
	asked := requests(t, "ListParticipants", "ok")
	look, err := provider.Look(t.Context(), []string{"away"}, nil)
	require.NoError(t, err)
	require.ErrorIs(t, look.EgressErr, video.ErrRefused)
	require.Equal(t, []string{"away", "broken", "changing", lookedAt}, names(look))
	for i, expected := range []error{nil, video.ErrUnavailable, video.ErrChanging, nil} {
		require.ErrorIs(t, look.Rooms[i].Err, expected, look.Rooms[i].Room.Name)
		require.Equal(t, expected == nil, look.Rooms[i].Participants != nil)
	}
	require.Len(t, look.Rooms[3].Participants, 1)
	require.Equal(t, 2+4+1, look.Calls, "rooms twice, each room, egresses")
	require.Equal(t, asked+3, requests(t, "ListParticipants", "ok"))
}

func names(look video.Look) []string {
	var names []string
	for _, r := range look.Rooms {
		names = append(names, r.Room.Name)
	}
	return names
}

// proxy passes calls on to LiveKit, except those that before refuses.
func proxy(t *testing.T, url string, before func(method, room string) twirp.Error) string {
	t.Helper()
	target, err := neturl.Parse(url)
	require.NoError(t, err)
	to := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		var request lk.ListParticipantsRequest
		_ = proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &request)
		if refusal := before(path.Base(r.URL.Path), request.Room); refusal != nil {
			_ = twirp.WriteError(w, refusal)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		to.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestOnlyLiveKitSaysThatNobodyIsThere: a proxy's 503 says nothing of participants.
func TestOnlyLiveKitSaysThatNobodyIsThere(t *testing.T) {
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no upstream", http.StatusServiceUnavailable)
	}))
	t.Cleanup(away.Close)
	provider := local(t, func(c *livekit.Config) { c.InternalURL = away.URL })
	_, err := provider.Alive(t.Context(), lookedAt, "ada")
	require.ErrorIs(t, err, video.ErrUnavailable)
}
