package livekit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	lk "github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/livekit/logger"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// everySecret is an event with all that LiveKit could tell by mistake. What
// begins with "hush" must not be kept.
const everySecret = `{
	"event": "egress_ended", "id": "EV_1", "createdAt": "1795225905", "big": 12345678901234567890,
	"room": {"sid": "RM_1", "name": "kept-name", "turnPassword": "hush-turn"},
	"egressInfo": {
		"egressId": "EG_1", "roomName": "kept-name", "errorCode": 400,
		"error": "kept-error: no way to rtmp:\/\/kept-failed.example\/live\/hush-error", "details": "see https://u:hush-user@kept-details.example/?hush",
		"roomComposite": {
			"customBaseUrl": "https://kept-host.example/page?key=hush-query",
			"fileOutputs": [
				{"filepath": "kept-path.mp4", "s3": {"accessKey": "hush-access", "secret": "hush-secret", "sessionToken": "hush-session",
					"assumeRoleExternalId": "hush-external", "bucket": "kept-bucket", "endpoint": "https://u:hush-end@kept-endpoint.example",
					"proxy": {"url": "http://u:hush-proxy@kept-proxy.example:8080", "username": "u", "password": "hush-password"}}},
				{"gcp": {"credentials": "{\"private_key\":\"hush-gcp\"}", "bucket": "kept-gcp"}},
				{"azure": {"accountName": "hush-account", "accountKey": "hush-key", "containerName": "kept-container"}},
				{"aliOSS": {"accessKey": "hush-ali", "secret": "hush-ali-2"}}
			],
			"streamOutputs": [{"protocol": "RTMP", "urls": ["rtmp://kept-stream.example/live/hush-stream", "mux://hush-mux"]}],
			"webhooks": [{"url": "https://kept-hook.example/hush-hook", "signingKey": "hush-signing"}]
		},
		"streamResults": [{"url": "rtmp://kept-stream.example/live/hush-stream"}],
		"storage": {"credentials": {"anything": "hush-nested", "list": ["hush-listed"]}}
	},
	"ingressInfo": {"ingressId": "IN_1", "streamKey": "hush-ingress", "url": "rtmps://kept-ingress.example/hush-ingress"},
	"laterField": {"turn_password": "hush-turn-2", "apiKey": "hush-later", "authorizationHeader": "hush-header", "\u0074oken": "hush-escaped"}
}`

func TestNoSecretIsKept(t *testing.T) {
	event, err := local(t, nil).ParseWebhook(sign([]byte(everySecret)), []byte(everySecret))
	require.NoError(t, err)
	kept := string(event.Body)
	require.NotContains(t, kept, "hush")
	for _, word := range []string{
		"kept-name", "kept-error: no way to rtmp://kept-failed.example", "https://kept-details.example", "https://kept-endpoint.example", "kept-path.mp4", "kept-bucket", "kept-gcp", "kept-container", "12345678901234567890",
		"https://kept-host.example", "http://kept-proxy.example:8080", "rtmp://kept-stream.example", "rtmps://kept-ingress.example",
	} {
		require.Contains(t, kept, word)
	}
}

// TestFieldsThatLiveKitCallsSecretAreNotKept: all that its own protos mark so.
func TestFieldsThatLiveKitCallsSecretAreNotKept(t *testing.T) {
	provider := local(t, nil)
	secret := map[string]bool{"turnPassword": true, "streamKey": true, "signingKey": true} // not marked, and yet
	findSecret((&lk.WebhookEvent{}).ProtoReflect().Descriptor(), secret, map[protoreflect.FullName]bool{})
	require.Greater(t, len(secret), 10)
	for name := range secret {
		body := fmt.Appendf(nil, `{"event":"egress_ended","id":"EV_1","somewhere":{%q:"hush"}}`, name)
		event, err := provider.ParseWebhook(sign(body), body)
		require.NoError(t, err)
		require.NotContains(t, string(event.Body), "hush", name)
	}
}

// findSecret adds the names, in both spellings, of the fields that are marked.
func findSecret(d protoreflect.MessageDescriptor, names map[string]bool, seen map[protoreflect.FullName]bool) {
	if seen[d.FullName()] {
		return
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if proto.GetExtension(f.Options(), logger.E_Sensitivity) == logger.Sensitivity_SENSITIVITY_SECRET {
			names[f.JSONName()], names[f.TextName()] = true, true
		}
		if f.Message() != nil {
			findSecret(f.Message(), names, seen)
		}
	}
}

// TestABodyWithoutSecretsIsKeptAsItCame, blanks and order included.
func TestABodyWithoutSecretsIsKeptAsItCame(t *testing.T) {
	body := []byte(" {\"id\" : \"EV_1\",\n\"event\":\"room_started\", \"room\":{\"turnPassword\":\"\", \"numParticipants\" : 2 } , \"list\":[ ], \"more\":{ }}\n")
	event, err := local(t, nil).ParseWebhook(sign(body), body)
	require.NoError(t, err)
	require.Equal(t, string(body), string(event.Body))
}

func TestCapturedWebhooksKeepAllElse(t *testing.T) {
	provider := local(t, nil)
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		// In these bodies the secrets were replaced when they were captured.
		plain := strings.NewReplacer("{access_key}", "redacted", "{secret}", "redacted").Replace(string(body))
		event, err := provider.ParseWebhook(sign(body), body)
		require.NoError(t, err)
		require.True(t, json.Valid(event.Body))
		require.JSONEq(t, plain, string(event.Body), file)
	}
}
