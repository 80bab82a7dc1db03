package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestCapturedWebhooks: what a real LiveKit sent is taken as it was, with each
// content type that it may come with, and twice; it is of rooms that are not
// ours, so it is kept and has no effect.
func TestCapturedWebhooks(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		files, err := filepath.Glob("../../internal/video/livekit/testdata/*.json")
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(files), 32)
		types := []string{"application/webhook+json", "application/json", "application/webhook+json; charset=utf-8"}
		for i, file := range files {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			body = bytes.ReplaceAll(body, []byte(`"turnPassword":"redacted"`), []byte(`"turnPassword":"turn-secret"`))
			for range 2 {
				header := livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
				header.Set("Content-Type", types[i%len(types)])
				status, answer := p.post(body, header)
				require.Equal(t, 200, status, "%s: %s", file, answer)
				require.JSONEq(t, "{}", answer)
			}
			var e struct{ ID, Event string }
			require.NoError(t, json.Unmarshal(body, &e))
			kept := p.app.db.WebhookEvent.Query().Where(webhookevent.EventID(e.ID)).OnlyX(t.Context())
			require.Equal(t, e.Event, kept.Type)
			require.Equal(t, webhookevent.OutcomeIgnored, kept.Outcome)
			require.NotContains(t, string(kept.Body), "turn-secret")
		}
		require.Zero(t, p.app.db.Meeting.Query().CountX(t.Context()), "rooms of others have no meetings here")
	})
}

func TestBadWebhooks(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		good := event("room_started", "demo", "RM_1", "", "", time.Now())
		signed := func(b []byte) http.Header { return livekittest.Sign(b, livekittest.APIKey, livekittest.APISecret) }
		large := append(bytes.Clone(good), bytes.Repeat([]byte(" "), 2<<20)...)
		unknown := []byte(`{"event":"planet_aligned","id":"EV_unknown_type","newField":{"a":[1]}}`)
		for _, c := range []struct {
			name   string
			body   []byte
			header http.Header
			status int
			reason string
		}{
			{"wrong secret", good, livekittest.Sign(good, livekittest.APIKey, strings.Repeat("x", 40)), 401, "webhook_signature_invalid"},
			{"wrong key", good, livekittest.Sign(good, "other", livekittest.APISecret), 401, "webhook_signature_invalid"},
			{"changed body", append(bytes.Clone(good), ' '), signed(good), 401, "webhook_signature_invalid"},
			{"no signature", good, http.Header{"Content-Type": {"application/webhook+json"}}, 401, "webhook_signature_invalid"},
			{"two MiB", large, signed(large), 413, "webhook_too_large"},
			{"broken JSON", good[:len(good)-1], signed(good[:len(good)-1]), 400, "webhook_body_invalid"},
			{"unknown type", unknown, signed(unknown), 200, ""},
			{"good", good, signed(good), 200, ""},
			{"again", good, signed(good), 200, ""},
		} {
			status, answer := p.post(c.body, c.header)
			require.Equal(t, c.status, status, "%s: %s", c.name, answer)
			require.Contains(t, answer, c.reason, c.name)
		}
		require.Equal(t, 2, p.app.db.WebhookEvent.Query().CountX(t.Context()), "nothing half-written")
	})
}

// TestChunkedWebhookIsCutEarly: without a length the body is counted as it comes.
func TestChunkedWebhookIsCutEarly(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	body := bytes.Repeat([]byte("x"), 2<<20)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/anteroom.v1.WebhookService/ReceiveLiveKit", struct{ *bytes.Reader }{bytes.NewReader(body)})
	require.NoError(t, err)
	req.ContentLength = -1
	req.Header.Set("Content-Type", "application/webhook+json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, 413, resp.StatusCode)
}

// TestCompressedWebhookIsRefused: a small body that becomes a large one is not
// unpacked, and the answer is none that is tried again.
func TestCompressedWebhookIsRefused(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t))
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(make([]byte, 64<<20))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.Less(t, packed.Len(), 1<<20)
	header := livekittest.Sign(packed.Bytes(), livekittest.APIKey, livekittest.APISecret)
	header.Set("Content-Encoding", "gzip")
	status, _ := p.post(packed.Bytes(), header)
	require.Equal(t, http.StatusNotImplemented, status)
}

func TestBadRequests(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		c := p.as("somebody")
		before := p.app.db.Room.Query().CountX(t.Context())
		over := uint32(10_001)
		for name, req := range map[string]*anteroomv1.CreateRoomRequest{
			"no name":          {},
			"blank name":       {Name: "   "},
			"NUL in the name":  {Name: "a\x00b"},
			"a line's end":     {Name: "a\nb"},
			"501 characters":   {Name: strings.Repeat("é", 501)},
			"slug with spaces": {Name: "x", Slug: "not a slug"},
			"short slug":       {Name: "x", Slug: "ab"},
			"request id":       {Name: "x", RequestId: "1"},
			"too many people":  {Name: "x", Settings: &anteroomv1.RoomSettings{MaxParticipants: &over}},
			"unknown level":    {Name: "x", AccessLevel: 99},
		} {
			_, err := c.CreateRoom(t.Context(), req)
			require.Error(t, err, name)
			requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
		}
		_, err := c.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: "x", Provider: anteroomv1.Provider_PROVIDER_DAILY})
		requireReason(t, "provider_not_configured", connect.CodeUnimplemented, err)
		_, err = c.CreateRoom(t.Context(), &anteroomv1.CreateRoomRequest{Name: strings.Repeat("é", 500)})
		require.NoError(t, err)
		require.Equal(t, before+1, p.app.db.Room.Query().CountX(t.Context()), "nothing half-written")
		_, err = c.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: "no-such-room"})
		requireReason(t, "room_not_found", connect.CodeNotFound, err)
		for name, req := range map[string]*anteroomv1.JoinRoomRequest{
			"room":            {Room: "a\x00"},
			"display name":    {Room: "x", DisplayName: "a\x00"},
			"attribute":       {Room: "x", Attributes: map[string]string{"a": "\x00"}},
			"attribute's key": {Room: "x", Attributes: map[string]string{"\x00": "a"}},
		} {
			_, err = c.JoinRoom(t.Context(), req)
			require.Error(t, err, name)
			requireReason(t, "invalid_request", connect.CodeInvalidArgument, err)
		}
		_, err = c.sip.SettleRoom(t.Context(), &anteroomv1.SettleRoomRequest{Room: "no-such-room"})
		requireReason(t, "operator_required", connect.CodePermissionDenied, err)
		_, err = p.with("not a token").GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: "x"})
		requireReason(t, "unauthenticated", connect.CodeUnauthenticated, err)
	})
}

func TestTelephonyOff(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		room := p.room(host, public)
		require.Nil(t, room.GetDialIn())
		require.False(t, room.GetCapabilities().GetDialIn())
		_, err := host.sip.GetDialIn(t.Context(), &anteroomv1.GetDialInRequest{Room: room.GetId()})
		requireReason(t, "telephony_off", connect.CodeUnimplemented, err)
		_, err = host.sip.RotatePin(t.Context(), &anteroomv1.RotatePinRequest{Room: room.GetId()})
		requireReason(t, "telephony_off", connect.CodeUnimplemented, err)
		config, err := p.guest().GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
		require.NoError(t, err)
		require.False(t, config.GetClientConfig().GetTelephony())
		require.Empty(t, config.GetClientConfig().GetDialInNumbers())
		p.tell(event("participant_joined", room.GetId(), "RM_off", "PA_off", "bot", time.Now()))
		p.idle()
		require.Empty(t, p.rules())
		require.Zero(t, p.app.db.Pin.Query().CountX(t.Context()))
	}, func(c *Config) { c.Telephony.On = false })
}
