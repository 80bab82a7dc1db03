package livekit_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"

	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

// TestThePathIsFoundInEveryRequest that a recorder may repeat.
func TestThePathIsFoundInEveryRequest(t *testing.T) {
	for request, expected := range map[string]string{
		`"egress":{"outputs":[{"stream":{"urls":["rtmp://a.example/b"]}},{"file":{"filepath":"/rec/a.mp4"}}]}`: "a.mp4",
		`"egress":{"outputs":[{"stream":{"urls":["rtmp://a.example/b"]}}]}`:                                    "",
		`"roomComposite":{"fileOutputs":[{"filepath":"/rec/rooms/a.mp4"}]}`:                                    "rooms/a.mp4",
		`"roomComposite":{"file":{"filepath":"/rec/a.mp4"}}`:                                                   "a.mp4",
		`"participant":{"fileOutputs":[{"filepath":"/rec/a.mp4"}]}`:                                            "a.mp4",
		`"trackComposite":{"fileOutputs":[{"filepath":"/rec/a.mp4"}]}`:                                         "a.mp4",
		`"trackComposite":{"file":{"filepath":"/rec/a.mp4"}}`:                                                  "a.mp4",
		`"track":{"file":{"filepath":"/rec/a.ogg"}}`:                                                           "a.ogg",
		`"track":{"websocketUrl":"wss://a.example"}`:                                                           "",
		`"web":{"fileOutputs":[{"filepath":"/rec/a.mp4"}]}`:                                                    "a.mp4",
		`"web":{"file":{"filepath":"/rec/a.mp4"}}`:                                                             "a.mp4",
		`"roomComposite":{"fileOutputs":[{"filepath":"/record/a.mp4"}]}`:                                       "/record/a.mp4",
		`"roomComposite":{}`: "",
		`"egressId":"EG_1"`:  "",
	} {
		provider := local(t, func(c *livekit.Config) { c.Store = livekit.Store{Dir: "/rec/"} })
		e := parseEgress(t, provider, request)
		require.Equal(t, expected, e.Path, request)
	}
}

// TestFilesAreReadAsOldRecordersTellThem too, and as no recorder should.
func TestFilesAreReadAsOldRecordersTellThem(t *testing.T) {
	provider := local(t, nil)
	e := parseEgress(t, provider, `"file":{"filename":"a.mp4","size":"7"}`)
	require.Equal(t, []video.File{{Path: "a.mp4", Size: 7}}, e.Files)
	e = parseEgress(t, provider, `"status":99,"startedAt":"-1","fileResults":[{"filename":"a\u0000.mp4","size":"-1","duration":"-1"},{}],"error":"no\u0000 way to rtmp://a.example/key"`)
	require.Equal(t, video.Egress{
		Status: video.StatusUnknown, Files: []video.File{{Path: "a.mp4"}}, Error: "no way to rtmp://a.example",
	}, e)
}

func parseEgress(t *testing.T, provider *livekit.Provider, fields string) video.Egress {
	t.Helper()
	event, err := provider.ParseEvent(fmt.Appendf(nil, `{"event":"egress_ended","id":"EV_1","egressInfo":{%s}}`, fields))
	require.NoError(t, err)
	return *event.Egress
}

// pages is a LiveKit whose list of egresses has several pages, as the open one's
// never has.
type pages struct {
	lk.Egress
	of [][]*lk.EgressInfo
}

func (p pages) ListEgress(_ context.Context, r *lk.ListEgressRequest) (*lk.ListEgressResponse, error) {
	var i int
	_, _ = fmt.Sscan(r.PageToken.GetToken(), &i)
	response := &lk.ListEgressResponse{Items: p.of[i]}
	if i+1 < len(p.of) {
		response.NextPageToken = &lk.TokenPagination{Token: fmt.Sprint(i + 1)}
	}
	return response, nil
}

func TestAllPagesOfCapturesAreListed(t *testing.T) {
	server := httptest.NewServer(lk.NewEgressServer(pages{of: [][]*lk.EgressInfo{
		{{EgressId: "EG_1"}, {EgressId: "EG_2"}}, {{EgressId: "EG_3"}}, {}, {{EgressId: "EG_4"}},
	}}))
	t.Cleanup(server.Close)
	provider := local(t, func(c *livekit.Config) { c.InternalURL = server.URL })
	listed, err := provider.ListCaptures(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, listed, 4)
	require.Equal(t, "EG_4", listed[3].ID)
}
