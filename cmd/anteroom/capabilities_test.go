package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

const (
	// vitalsLimit is ten times what it takes until all clients are told.
	vitalsLimit = 100 * time.Second
	// promptly is far less than anybody who hangs may take to answer.
	promptly = 2 * time.Second
)

// worker answers at a health URL, as those who work beside LiveKit do.
type worker struct {
	url  string
	is   atomic.Int32  // the status that it answers with; 0 hangs
	done chan struct{} // ends what hangs
}

func startWorker(t *testing.T) *worker {
	t.Helper()
	w := &worker{done: make(chan struct{})}
	w.is.Store(http.StatusOK)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if is := w.is.Load(); is != 0 {
			rw.WriteHeader(int(is))
			return
		}
		select {
		case <-w.done:
		case <-r.Context().Done():
		}
	}))
	w.url = server.URL
	t.Cleanup(func() { close(w.done); server.Close() })
	return w
}

// told is what all ways of asking say that LiveKit can do, which has to be the same.
func (p *program) told(c client, room *anteroomv1.Room) *anteroomv1.Capabilities {
	p.t.Helper()
	begin := time.Now()
	config, err := p.guest().GetClientConfig(p.t.Context(), &anteroomv1.GetClientConfigRequest{})
	require.NoError(p.t, err)
	got, err := c.GetRoom(p.t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(p.t, err)
	listed, err := c.ListRooms(p.t.Context(), &anteroomv1.ListRoomsRequest{})
	require.NoError(p.t, err)
	require.Less(p.t, time.Since(begin), promptly, "nobody waits for those who work beside LiveKit")
	all := []*anteroomv1.Capabilities{
		config.GetClientConfig().GetProviders()[0].GetCapabilities(), got.GetRoom().GetCapabilities(), listed.GetRooms()[0].GetCapabilities(),
	}
	for _, can := range all {
		if can.String() != all[0].String() { // it has changed between two of the questions
			return p.told(c, room)
		}
	}
	require.NotEqual(p.t, all[0].GetDialIn(), all[0].GetDialInReason() != "")
	require.NotEqual(p.t, all[0].GetRecording(), all[0].GetRecordingReason() != "")
	return all[0]
}

// awaitTold waits until clients are told these reasons; "" for that it can.
func (p *program) awaitTold(c client, room *anteroomv1.Room, dialIn, recording string) {
	p.t.Helper()
	await(p.t, vitalsLimit, "clients are told: "+dialIn+", "+recording, func() bool {
		can := p.told(c, room)
		return can.GetDialInReason() == dialIn && can.GetRecordingReason() == recording
	})
}

// TestCapabilitiesFollowTheWorkers: the recorder and the SIP service go and come, and
// clients are told so, while the one or the other hangs too.
func TestCapabilitiesFollowTheWorkers(t *testing.T) {
	t.Parallel()
	recorder, telephone := startWorker(t), startWorker(t)
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		room := p.room(host, public)
		p.awaitTold(host, room, "", "")
		recorder.is.Store(http.StatusServiceUnavailable)
		p.awaitTold(host, room, "", "no_recorder")
		_, err := host.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
		requireReason(t, "no_recorder", connect.CodeUnavailable, err)
		telephone.is.Store(0)
		p.awaitTold(host, room, "no_sip_service", "no_recorder")
		recorder.is.Store(http.StatusOK)
		p.awaitTold(host, room, "no_sip_service", "")
		got, err := host.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
		require.NoError(t, err)
		require.NotEmpty(t, got.GetRoom().GetDialIn().GetPin(), "the PIN is for later")
		recorder.is.Store(0)
		p.awaitTold(host, room, "no_sip_service", "no_recorder")
		telephone.is.Store(http.StatusOK)
		recorder.is.Store(http.StatusOK)
		p.awaitTold(host, room, "", "")
	}, func(c *Config) { c.LiveKit.RecorderHealthURL, c.LiveKit.SIPHealthURL = recorder.url, telephone.url })
}

// TestCapabilitiesWithoutHealthURLs: what is not known is offered, until no recorder
// answers, and again a minute after.
func TestCapabilitiesWithoutHealthURLs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, p *program) {
		s := recordedBy(t, p)
		host := p.as("host")
		room, leave := s.occupied(host)
		defer leave()
		require.Empty(t, p.told(host, room).GetRecordingReason())
		require.Empty(t, p.told(host, room).GetDialInReason())
		s.play(videotest.NeverAnswers)
		_, err := host.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio})
		requireReason(t, "no_recorder", connect.CodeUnavailable, err)
		require.Equal(t, "no_recorder", p.told(host, room).GetRecordingReason())
		s.clock().Advance(time.Minute)
		require.Empty(t, p.told(host, room).GetRecordingReason())
	}, ownClock)
}

// TestCapabilitiesThatAreNotConfigured are said with the reason why.
func TestCapabilitiesThatAreNotConfigured(t *testing.T) {
	onEach(t, func(t *testing.T, p *program) {
		host := p.as("host")
		can := p.told(host, p.room(host, public))
		require.Equal(t, "telephony_off", can.GetDialInReason())
		require.Equal(t, "recording_unavailable", can.GetRecordingReason())
		require.True(t, can.GetToken())
	}, func(c *Config) { c.Storage, c.Telephony = storage.Config{}, sip.Config{} })
}

// TestHealthURLsAreChecked when the program starts.
func TestHealthURLsAreChecked(t *testing.T) {
	for _, name := range []string{"sip", "recorder"} {
		_, said, err := runs(t, map[string]string{"ANTEROOM_" + strings.ToUpper(name) + "_HEALTH_URL": "livekit:9090"}, "config", "--check")
		require.Error(t, err)
		require.Contains(t, said, "--"+name+"-health-url, ANTEROOM_"+strings.ToUpper(name)+"_HEALTH_URL: ")
	}
}
