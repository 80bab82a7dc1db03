package livekit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/livekit/protocol/auth"
	"github.com/stretchr/testify/require"
	"github.com/twitchtv/twirp"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// tokens are those that a LiveKit was called with, by method.
type tokens struct {
	mu  sync.Mutex
	all map[string]string
}

// before passes calls on to a LiveKit and keeps their tokens; it refuses one method
// as a server does that does not know it.
func (k *tokens) before(t *testing.T, target, unknown string) string {
	t.Helper()
	to, err := url.Parse(target)
	require.NoError(t, err)
	forward := httputil.NewSingleHostReverseProxy(to)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := path.Base(r.URL.Path)
		k.mu.Lock()
		k.all[method] = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		k.mu.Unlock()
		if method == unknown {
			_ = twirp.WriteError(w, twirp.NewError(twirp.Unimplemented, "not here"))
			return
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestEachCallHasItsOwnRightsAlone, for minutes: LiveKit takes them, so they are
// enough, and each token says nothing more.
func TestEachCallHasItsOwnRightsAlone(t *testing.T) {
	s := newStudio(t)
	seen := &tokens{all: map[string]string{}}
	provider := local(t, func(c *livekit.Config) {
		c.InternalURL, c.Store = seen.before(t, s.server.URL(), ""), livekit.Store{Dir: s.dir}
	})
	older := local(t, func(c *livekit.Config) {
		c.InternalURL, c.Store = seen.before(t, s.server.URL(), "StartEgress"), livekit.Store{Dir: s.dir}
	})
	begin := time.Now()
	useAll(t, s, provider, older)
	record := &auth.VideoGrant{RoomRecord: true}
	admin := &auth.VideoGrant{RoomAdmin: true, Room: lookedAt}
	for method, want := range map[string]*auth.ClaimGrants{
		"StartEgress": {Video: record}, "StopEgress": {Video: record}, "ListEgress": {Video: record},
		"StartRoomCompositeEgress": {Video: record}, "StartTrackCompositeEgress": {Video: record}, "StartTrackEgress": {Video: record},
		"GetParticipant": {Video: admin}, "ListParticipants": {Video: admin}, "UpdateSubscriptions": {Video: admin}, "UpdateRoomMetadata": {Video: admin},
		"ListRooms": {Video: &auth.VideoGrant{RoomList: true}}, "DeleteRoom": {Video: &auth.VideoGrant{RoomCreate: true}},
		"ListSIPDispatchRule": {SIP: &auth.SIPGrant{Admin: true}},
	} {
		token := seen.all[method]
		require.NotEmpty(t, token, method)
		verifier, err := auth.ParseAPIToken(token)
		require.NoError(t, err, method)
		_, got, err := verifier.Verify(livekittest.APISecret)
		require.NoError(t, err, method)
		require.Equal(t, want.Video, got.Video, method)
		require.Equal(t, want.SIP, got.SIP, method)
		require.Empty(t, got.Identity, method)
		var claims jwt.RegisteredClaims
		_, _, err = jwt.NewParser().ParseUnverified(token, &claims)
		require.NoError(t, err)
		require.Less(t, claims.ExpiresAt.Sub(begin), 3*time.Minute, method)
	}
	require.Len(t, seen.all, 13, "nothing else was called")
}

// useAll makes each call once at least, and LiveKit refuses none.
func useAll(t *testing.T, s studio, provider, older *livekit.Provider) {
	t.Helper()
	for _, mode := range []video.CaptureMode{video.Screen, video.OnePerson, video.SingleTrack} {
		fileType := video.OGG
		if mode == video.Screen {
			fileType = video.MP4
		}
		for _, p := range []*livekit.Provider{provider, older} {
			e, err := p.StartCapture(t.Context(), s.request(mode, fileType))
			require.NoError(t, err)
			require.Eventually(t, func() bool { return p.StopCapture(context.WithoutCancel(t.Context()), e.ID) == nil }, 10*time.Second, 10*time.Millisecond)
		}
	}
	_, err := provider.ListCaptures(t.Context(), lookedAt)
	require.NoError(t, err)
	look, err := provider.Look(t.Context(), []string{lookedAt}, nil)
	require.NoError(t, err)
	for _, room := range look.Rooms {
		require.NoError(t, room.Err)
	}
	alive, err := provider.Alive(t.Context(), lookedAt, "ada")
	require.NoError(t, err)
	require.True(t, alive)
	require.NoError(t, provider.SetRoomMetadata(t.Context(), lookedAt, "{}"))
	_, err = provider.ListRules(t.Context())
	require.NoError(t, err)
	require.NoError(t, provider.EndMeeting(t.Context(), lookedAt))
}
