package livekit_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/stretchr/testify/require"
	"github.com/twitchtv/twirp"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// studio is a LiveKit with a recorder, and a room in which ada speaks.
type studio struct {
	server   *embedded.Server
	standIn  *livekittest.EgressStandIn
	dir      string
	provider *livekit.Provider
	voice    string // ada's track
}

func newStudio(t *testing.T) studio {
	t.Helper()
	s := studio{server: livekittest.Start(t), dir: t.TempDir()}
	s.standIn = livekittest.StartEgressStandIn(t, s.server.RedisAddr())
	s.provider = recordingInto(t, s.server, livekit.Store{Dir: s.dir})
	r := member()
	r.RoomName, r.Identity = lookedAt, "ada"
	pass, err := s.provider.Pass(t.Context(), r)
	require.NoError(t, err)
	s.voice = livekittest.PublishVoice(t, livekittest.JoinRoom(t, pass, &lksdk.RoomCallback{}))
	return s
}

func (s studio) request(mode video.CaptureMode, fileType video.FileType) video.CaptureRequest {
	return video.CaptureRequest{
		RoomName: lookedAt, Mode: mode, Identity: "ada", TrackSID: s.voice, Layout: "speaker", Preset: video.Preset1080p30,
		Path: "rooms/1/recording." + string(fileType), FileType: fileType,
	}
}

// TestEachModeAsksForWhatItIs, in the call that server and recorder know.
func TestEachModeAsksForWhatItIs(t *testing.T) {
	s := newStudio(t)
	without := func(unknown string) *livekit.Provider {
		return local(t, func(c *livekit.Config) {
			c.Store = livekit.Store{Dir: s.dir}
			c.InternalURL = proxy(t, s.server.URL(), func(method, _ string) twirp.Error {
				if method == unknown {
					return twirp.NewError(twirp.BadRoute, "no handler for path")
				}
				return nil
			})
		})
	}
	olderServer, withoutTracks := without("StartEgress"), without("StartTrackEgress")
	mp4, ogg := s.dir+"/rooms/1/recording.mp4", s.dir+"/rooms/1/recording.ogg"
	for _, c := range []struct {
		mode     video.CaptureMode
		fileType video.FileType
		unified  *lk.StartEgressRequest
		older    *lk.EgressInfo
	}{
		{
			video.Screen, video.MP4,
			&lk.StartEgressRequest{
				Source:   &lk.StartEgressRequest_Template{Template: &lk.TemplateSource{Layout: "speaker"}},
				Encoding: &lk.StartEgressRequest_Preset{Preset: lk.EncodingOptionsPreset_H264_1080P_30},
				Outputs:  output(mp4, lk.EncodedFileType_MP4),
			},
			&lk.EgressInfo{Request: &lk.EgressInfo_RoomComposite{RoomComposite: &lk.RoomCompositeEgressRequest{
				RoomName: lookedAt, Layout: "speaker", FileOutputs: encoded(mp4, lk.EncodedFileType_MP4),
				Options: &lk.RoomCompositeEgressRequest_Preset{Preset: lk.EncodingOptionsPreset_H264_1080P_30},
			}}},
		},
		{
			video.Audio, video.OGG,
			&lk.StartEgressRequest{
				Source:  &lk.StartEgressRequest_Template{Template: &lk.TemplateSource{AudioOnly: true}},
				Outputs: output(ogg, lk.EncodedFileType_OGG),
			},
			&lk.EgressInfo{Request: &lk.EgressInfo_RoomComposite{RoomComposite: &lk.RoomCompositeEgressRequest{
				RoomName: lookedAt, AudioOnly: true, FileOutputs: encoded(ogg, lk.EncodedFileType_OGG),
			}}},
		},
		{
			video.OnePerson, video.MP4,
			&lk.StartEgressRequest{
				Source: sound(&lk.AudioRoute{
					Match: &lk.AudioRoute_ParticipantIdentity{ParticipantIdentity: "ada"},
				}),
				Outputs: output(mp4, lk.EncodedFileType_MP4),
			},
			&lk.EgressInfo{Request: &lk.EgressInfo_TrackComposite{TrackComposite: &lk.TrackCompositeEgressRequest{
				RoomName: lookedAt, AudioTrackId: s.voice, FileOutputs: encoded(mp4, lk.EncodedFileType_MP4),
			}}},
		},
		{
			video.SingleTrack, video.OGG,
			&lk.StartEgressRequest{
				Source:  sound(&lk.AudioRoute{Match: &lk.AudioRoute_TrackId{TrackId: s.voice}}),
				Outputs: output(ogg, lk.EncodedFileType_OGG),
			},
			&lk.EgressInfo{Request: &lk.EgressInfo_Track{Track: &lk.TrackEgressRequest{
				RoomName: lookedAt, TrackId: s.voice,
				Output: &lk.TrackEgressRequest_File{File: &lk.DirectFileOutput{Filepath: ogg, DisableManifest: true}},
			}}},
		},
	} {
		t.Run(string(c.mode), func(t *testing.T) {
			c.unified.RoomName = lookedAt
			newest := &lk.EgressInfo{Request: &lk.EgressInfo_Egress{Egress: c.unified}}
			if c.mode == video.SingleTrack {
				s.requireAsked(t, withoutTracks, s.request(c.mode, c.fileType), newest)
				newest = c.older // which does not encode it again
			}
			s.requireAsked(t, s.provider, s.request(c.mode, c.fileType), newest)
			s.requireAsked(t, olderServer, s.request(c.mode, c.fileType), c.older)
			s.standIn.Age(true)
			defer s.standIn.Age(false)
			s.requireAsked(t, s.provider, s.request(c.mode, c.fileType), c.older)
		})
	}
}

func (s studio) requireAsked(t *testing.T, provider *livekit.Provider, r video.CaptureRequest, expected *lk.EgressInfo) {
	t.Helper()
	e, err := provider.StartCapture(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, r.Path, e.Path)
	asked := &lk.EgressInfo{Request: s.standIn.Capture(e.ID).Request}
	require.True(t, proto.Equal(expected, asked), "expected %s, asked %s", expected, asked)
}

func output(path string, fileType lk.EncodedFileType) []*lk.Output {
	return []*lk.Output{{Config: &lk.Output_File{File: &lk.FileOutput{
		Filepath: path, FileType: fileType, DisableManifest: true,
	}}}}
}

func encoded(path string, fileType lk.EncodedFileType) []*lk.EncodedFileOutput {
	return []*lk.EncodedFileOutput{{Filepath: path, FileType: fileType, DisableManifest: true}}
}

func sound(route *lk.AudioRoute) *lk.StartEgressRequest_Media {
	return &lk.StartEgressRequest_Media{Media: &lk.MediaSource{Audio: &lk.AudioConfig{Routes: []*lk.AudioRoute{route}}}}
}

// TestAnOlderRecorderNeedsAMicrophone: it has no call for a person's sound, so
// there has to be a track.
func TestAnOlderRecorderNeedsAMicrophone(t *testing.T) {
	s := newStudio(t)
	s.standIn.Age(true)
	join(t, s.provider, lookedAt, "bob")
	r := s.request(video.OnePerson, video.OGG)
	r.Identity = "bob"
	_, err := s.provider.StartCapture(t.Context(), r)
	require.ErrorIs(t, err, video.ErrRefused)
	require.ErrorContains(t, err, "microphone")
	r.Identity = "nobody"
	_, err = s.provider.StartCapture(t.Context(), r)
	require.ErrorIs(t, err, video.ErrRefused)
}

// TestABucketsSecretsGoToTheRecorderAlone: it has them to upload with, and no
// answer, event or list repeats them.
func TestABucketsSecretsGoToTheRecorderAlone(t *testing.T) {
	server, deliveries := startWithWebhooks(t)
	standIn := livekittest.StartEgressStandIn(t, server.RedisAddr())
	var mu sync.Mutex
	uploaded := map[string][]byte{}
	standIn.Upload(func(s3 *lk.S3Upload, key string, content []byte) error {
		mu.Lock()
		defer mu.Unlock()
		uploaded[strings.Join([]string{s3.Endpoint, s3.Region, s3.Bucket, s3.AccessKey, s3.Secret, key}, " ")] = content
		return nil
	})
	provider := recordingInto(t, server, livekit.Store{S3: &livekit.S3{
		Bucket: "recordings", Region: "eu", Endpoint: "http://store.example", AccessKey: "hush-key", Secret: "hush-secret", PathStyle: true, Prefix: "all/",
	}, Dir: "/not/read"})
	join(t, provider, lookedAt, "ada")
	s := studio{voice: "TR_1"}
	for _, mode := range []video.CaptureMode{video.Audio, video.SingleTrack} {
		for _, older := range []bool{false, true} {
			standIn.Age(older)
			e, err := provider.StartCapture(t.Context(), s.request(mode, video.OGG))
			require.NoError(t, err)
			active := awaitStatus(t, provider, deliveries, e.ID, video.Active)
			require.Equal(t, "rooms/1/recording.ogg", active.Path)
			require.NoError(t, provider.StopCapture(t.Context(), e.ID))
			ended := awaitStatus(t, provider, deliveries, e.ID, video.Complete)
			require.Equal(t, "rooms/1/recording.ogg", ended.Files[0].Path)
			require.Equal(t, "http://store.example/recordings/all/rooms/1/recording.ogg", ended.Files[0].Location)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, uploaded, 1)
	require.NotEmpty(t, uploaded["http://store.example eu recordings hush-key hush-secret all/rooms/1/recording.ogg"])
}

// awaitStatus waits until a capture is told to have this status.
func awaitStatus(t *testing.T, provider *livekit.Provider, deliveries <-chan videotest.Delivery, id string, status video.EgressStatus) video.Egress {
	t.Helper()
	deadline := time.After(10 * time.Second)
	var last *video.Egress
	for {
		select {
		case delivery := <-deliveries:
			require.NotContains(t, string(delivery.Body), "hush")
			event, err := provider.ParseWebhook(delivery.Header, delivery.Body)
			require.NoError(t, err)
			if event.Egress == nil || event.Egress.ID != id {
				continue
			}
			if last = event.Egress; last.Status == status {
				return *last
			}
		case <-deadline:
			require.FailNow(t, "a status is missing", "%s; last %+v", status, last)
		}
	}
}

// TestASlowRecorderMayHaveStarted: LiveKit asks it a second time after ten seconds,
// and its answer that it does so already is no refusal.
func TestASlowRecorderMayHaveStarted(t *testing.T) {
	t.Parallel()
	s := newStudio(t)
	s.standIn.Play(videotest.AnswersLate)
	_, err := s.provider.StartCapture(t.Context(), s.request(video.Audio, video.OGG))
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.NotErrorIs(t, err, video.ErrNoRecorder)
	require.NotErrorIs(t, err, video.ErrRefused)
	listed, err := s.provider.ListCaptures(t.Context(), lookedAt)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, "rooms/1/recording.ogg", listed[0].Path)
}

// TestStandInBegins: what stays starting begins when it is told to, and ends when
// everybody has left.
func TestStandInBegins(t *testing.T) {
	server, deliveries := startWithWebhooks(t)
	standIn := livekittest.StartEgressStandIn(t, server.RedisAddr())
	dir := t.TempDir()
	provider := recordingInto(t, server, livekit.Store{Dir: dir})
	join(t, provider, lookedAt, "ada")
	standIn.Play(videotest.StaysStarting)
	e, err := provider.StartCapture(t.Context(), studio{}.request(video.Screen, video.MP4))
	require.NoError(t, err)
	standIn.Begin(e.ID)
	awaitStatus(t, provider, deliveries, e.ID, video.Active)
	standIn.Close(e.ID)
	awaitStatus(t, provider, deliveries, e.ID, video.Complete)
	require.Contains(t, standIn.Capture(e.ID).Details, "Source closed")
	content, err := os.ReadFile(filepath.Join(dir, e.Path))
	require.NoError(t, err)
	require.Contains(t, string(content[:32]), "ftyp")
}

// TestWhyACaptureDidNotStart is told by LiveKit's code, so that nobody takes what
// may have started for refused.
func TestWhyACaptureDidNotStart(t *testing.T) {
	for _, c := range []struct {
		answer   twirp.Error
		expected error
		saying   string
	}{
		{twirp.NewError(twirp.Unavailable, "no response from servers"), video.ErrNoRecorder, "no recorder"},
		{twirp.NewError(twirp.Unavailable, "upstream is away"), video.ErrUnavailable, ""},
		{twirp.NewError(twirp.DeadlineExceeded, "request timed out"), video.ErrUnavailable, ""},
		{twirp.NewError(twirp.Internal, "broken"), video.ErrUnavailable, ""},
		{twirp.NewError(twirp.AlreadyExists, "egress already exists"), video.ErrUnavailable, ""},
		{twirp.NewError(twirp.ResourceExhausted, "not enough CPU"), video.ErrRefused, "busy"},
		{twirp.NewError(twirp.InvalidArgument, "request has missing or invalid field: layout"), video.ErrRefused, "does not take"},
		{twirp.NewError(twirp.NotFound, "requested room does not exist"), video.ErrRefused, "nobody in the room"},
		{twirp.NewError(twirp.PermissionDenied, "permissions denied"), video.ErrRefused, "let us record"},
		{twirp.NewError(twirp.Unauthenticated, "invalid token"), video.ErrRefused, "let us record"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = twirp.WriteError(w, c.answer) }))
		provider := local(t, func(config *livekit.Config) { config.InternalURL = server.URL })
		_, err := provider.StartCapture(t.Context(), studio{voice: "TR_1"}.request(video.Audio, video.OGG))
		server.Close()
		require.ErrorIs(t, err, c.expected, c.answer.Msg())
		require.Equal(t, errors.Is(c.expected, video.ErrRefused), errors.Is(err, video.ErrRefused), c.answer.Msg())
		require.ErrorContains(t, err, c.saying)
	}
}

func TestASilentStartIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	provider := local(t, func(c *livekit.Config) {
		c.InternalURL, c.StartTimeout = "http://"+listener.Addr().String(), 50*time.Millisecond
	})
	_, err = provider.StartCapture(t.Context(), studio{voice: "TR_1"}.request(video.Audio, video.OGG))
	require.ErrorIs(t, err, video.ErrUnavailable)
}

func TestRecorderHealth(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	provider := local(t, func(c *livekit.Config) { c.RecorderHealthURL = server.URL })
	require.Equal(t, video.Healthy, provider.RecorderHealth(t.Context()))
	status = http.StatusServiceUnavailable
	require.Equal(t, video.Unhealthy, provider.RecorderHealth(t.Context()))
	server.Close()
	require.Equal(t, video.Unhealthy, provider.RecorderHealth(t.Context()))
	require.Equal(t, video.HealthUnknown, local(t, nil).RecorderHealth(t.Context()))
}
