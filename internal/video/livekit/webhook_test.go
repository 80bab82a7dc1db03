package livekit_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// A webhook that LiveKit signed for the year 2100, with this key.
const (
	vectorKey    = "devkey"
	vectorSecret = "secret_secret_secret_secret_secret"
	vectorBody   = `{"event":"room_started","room":{"sid":"RM_hycBMAjmt6Ub","name":"demo","emptyTimeout":300,"departureTimeout":20,"creationTime":"1692627281","creationTimeMs":"1692627281000","turnPassword":"","enabledCodecs":[{"mime":"audio/opus"},{"mime":"video/VP8"}]},"id":"EV_eugWmGhovZmm","createdAt":"1692985556"}`
	vectorToken  = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJkZXZrZXkiLCJuYmYiOjE2OTI5ODU1NTYsImV4cCI6NDEwMjQ0NDgwMCwic2hhMjU2IjoiaUVPTTQ0K2IyU3A4WUdjdWtxTlcxWmUxSjR5VVZ4bld6UHR6NFQycEdLcz0ifQ.7WfJohcNoNneA8BbpHyeFw0IlPMLThEZwhC07qQtNtw"
)

// local is a provider that is never called over the network.
func local(t testing.TB, change func(*livekit.Config)) *livekit.Provider {
	t.Helper()
	config := livekit.Config{
		InternalURL: "http://127.0.0.1:1", APIKey: livekittest.APIKey, APISecret: livekittest.APISecret,
		Keys: map[string]string{vectorKey: vectorSecret},
	}
	if change != nil {
		change(&config)
	}
	provider, err := livekit.New(config)
	require.NoError(t, err)
	return provider
}

func sign(body []byte) http.Header {
	return livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
}

func TestCapturedWebhooksAreNormalised(t *testing.T) {
	provider := local(t, nil)
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(captured))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			expected, ok := captured[name]
			require.True(t, ok, "not in the table")
			event, err := provider.ParseWebhook(sign(body), body)
			require.NoError(t, err)

			var raw struct{ Event string }
			require.NoError(t, json.Unmarshal(body, &raw))
			expected.Provider, expected.Type, expected.Body = video.LiveKit, raw.Event, event.Body
			require.Equal(t, expected, event)
		})
	}
}

func TestTheSignedVectorVerifies(t *testing.T) {
	provider := local(t, nil)
	header := http.Header{"Authorization": {vectorToken}}
	event, err := provider.ParseWebhook(header, []byte(vectorBody))
	require.NoError(t, err)
	require.Equal(t, "EV_eugWmGhovZmm", event.ID)
	require.Equal(t, video.EventRoom{Name: "demo", SID: "RM_hycBMAjmt6Ub", StartTime: second(1692627281)}, event.Room)

	_, err = provider.ParseWebhook(header, []byte(vectorBody+"\n"))
	require.ErrorIs(t, err, video.ErrSignature)
	without := local(t, func(c *livekit.Config) { c.Keys = nil })
	_, err = without.ParseWebhook(header, []byte(vectorBody))
	require.ErrorIs(t, err, video.ErrSignature)
}

func TestAPassSignsNoWebhook(t *testing.T) {
	provider := local(t, nil)
	pass, err := provider.Pass(t.Context(), member())
	require.NoError(t, err)
	for _, authorization := range []string{pass.Token, "Bearer " + vectorToken, "x", ""} {
		_, err = provider.ParseWebhook(http.Header{"Authorization": {authorization}}, []byte(vectorBody))
		require.ErrorIs(t, err, video.ErrSignature)
	}
}

func TestKindsOfParticipants(t *testing.T) {
	provider := local(t, nil)
	for participant, expected := range map[string]video.PersonKind{
		`{}`:                                  video.Web,
		`{"kind":"STANDARD"}`:                 video.Web,
		`{"kind":"SIP"}`:                      video.Phone,
		`{"kind":"CONNECTOR"}`:                video.Phone,
		`{"kind":"AGENT"}`:                    video.Agent,
		`{"kind":"EGRESS"}`:                   video.RecorderKind,
		`{"kind":"INGRESS"}`:                  video.Ingress,
		`{"kind":"BRIDGE"}`:                   video.Ingress,
		`{"kind":99}`:                         video.Unknown,
		`{"kind":"SIP","permission":{}}`:      video.Phone,
		`{"kind":"STANDARD","sid":"PA_none"}`: video.Web,
	} {
		for _, event := range []string{"participant_joined", "participant_left", "participant_connection_aborted"} {
			require.Equal(t, expected, kindIn(t, provider, event, participant), participant)
		}
		require.Equal(t, video.Unknown, kindIn(t, provider, "track_published", participant), participant)
	}
}

// TestSourcesOfTracks: what is heard is a voice where nobody says where it is from.
func TestSourcesOfTracks(t *testing.T) {
	provider := local(t, nil)
	for track, expected := range map[string]string{
		`{}`:                                       video.Microphone,
		`{"type":"AUDIO"}`:                         video.Microphone,
		`{"type":"VIDEO"}`:                         "",
		`{"type":"DATA"}`:                          "",
		`{"source":"MICROPHONE"}`:                  video.Microphone,
		`{"source":"SCREEN_SHARE_AUDIO"}`:          video.ScreenShareAudio,
		`{"type":"VIDEO","source":"CAMERA"}`:       video.Camera,
		`{"type":"VIDEO","source":"SCREEN_SHARE"}`: video.ScreenShare,
	} {
		body := []byte(`{"event":"track_published","id":"EV_1","track":` + track + `}`)
		parsed, err := provider.ParseWebhook(sign(body), body)
		require.NoError(t, err)
		require.Equal(t, expected, parsed.Track.Source, track)
	}
}

func kindIn(t *testing.T, provider *livekit.Provider, event, participant string) video.PersonKind {
	t.Helper()
	body := []byte(`{"event":"` + event + `","id":"EV_1","participant":` + participant + `}`)
	parsed, err := provider.ParseWebhook(sign(body), body)
	require.NoError(t, err)
	require.Equal(t, time.Time{}, parsed.Time)
	return parsed.Participant.Kind
}

// TestTimesThatCannotBe: databases and JSON know years of four digits.
func TestTimesThatCannotBe(t *testing.T) {
	provider := local(t, nil)
	for _, stated := range []string{"-1", "0", "9223372036854775807", "253402300800"} {
		body := []byte(`{"event":"participant_left","id":"EV_1","createdAt":"` + stated + `",
			"room":{"sid":"RM_1","creationTime":"` + stated + `"},"participant":{"joinedAt":"` + stated + `","joinedAtMs":"` + stated + `"}}`)
		event, err := provider.ParseWebhook(sign(body), body)
		require.NoError(t, err)
		require.Zero(t, event.Time)
		require.Zero(t, event.Room.StartTime)
		if stated != "253402300800" { // as milliseconds it is a time
			require.Zero(t, event.Participant.JoinTime)
		}
	}
}

// TestNULIsNoText: what Postgres cannot keep is not there.
func TestNULIsNoText(t *testing.T) {
	body := []byte(`{"event":"participant_joined","id":"EV\u0000_1","room":{"sid":"RM\u0000_1","name":"a\u0000"},
		"participant":{"sid":"PA\u0000_1","identity":"a\u0000da","name":"A\u0000da","kind":"SIP",
			"attributes":{"sip.phoneNumber":"+1\u00002","anteroom.pass":"p\u00001"}},
		"egressInfo":{"egressId":"EG\u0000_1","roomId":"RM\u0000_1","roomName":"a\u0000"},"track":{"sid":"TR\u0000_1"}}`)
	event, err := local(t, nil).ParseWebhook(sign(body), body)
	require.NoError(t, err)
	event.Body = nil
	require.NotContains(t, fmt.Sprintf("%v %v %v %v", event, *event.Participant, *event.Egress, *event.Track), "\x00")
	require.Equal(t, "p1", event.Participant.PassID)
	require.Equal(t, "+12", event.Participant.PhoneNumber)
}

func FuzzParseWebhook(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(f, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Add([]byte(everySecret))
	provider := local(f, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := provider.ParseWebhook(sign(body), body)
		if err != nil {
			require.ErrorIs(t, err, video.ErrBody)
			return
		}
		require.NotEmpty(t, event.ID)
		require.NotEmpty(t, event.Type)
		again, err := provider.ParseWebhook(sign(event.Body), event.Body)
		require.NoError(t, err, "what is kept can be read again")
		require.Equal(t, event, again)
		require.True(t, json.Valid(event.Body))
		_, err = provider.ParseWebhook(sign(body), slices.Concat(body, []byte{' '}))
		require.ErrorIs(t, err, video.ErrSignature)
	})
}
