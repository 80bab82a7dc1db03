package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

const (
	screen      = anteroomv1.RecordingMode_RECORDING_MODE_SCREEN
	audio       = anteroomv1.RecordingMode_RECORDING_MODE_AUDIO
	participant = anteroomv1.RecordingMode_RECORDING_MODE_PARTICIPANT
	starting    = anteroomv1.RecordingStatus_RECORDING_STATUS_STARTING
	active      = anteroomv1.RecordingStatus_RECORDING_STATUS_ACTIVE
	stopping    = anteroomv1.RecordingStatus_RECORDING_STATUS_STOPPING
	completed   = anteroomv1.RecordingStatus_RECORDING_STATUS_COMPLETED
	broken      = anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED
	limited     = anteroomv1.RecordingStatus_RECORDING_STATUS_LIMIT_REACHED
	notStarted  = anteroomv1.RecordingStatus_RECORDING_STATUS_FAILED_TO_START
)

// recordingLimit is how long a test waits for what a recorder does.
const recordingLimit = 20 * time.Second

// ownClock stops the program's clock at the time that it is, so that tests move
// it on.
func ownClock(c *Config) {
	clock := clockwork.NewFakeClockAt(time.Now())
	c.Clock, c.Storage.Clock = clock, clock
}

// studio is a program with a recorder.
type studio struct {
	*program
	play func(videotest.Scenario) // how captures go that start from now on
	bot  func(pass *anteroomv1.Pass) (leave func())
	fake *videotest.Fake // nil with a real LiveKit

	recorder *livekittest.EgressStandIn // nil with the fake
}

// in is the studio for a test within.
func (s *studio) in(t *testing.T) *studio {
	p, inner := *s.program, *s
	p.t, inner.program = t, &p
	t.Cleanup(func() { s.play(videotest.Completes) })
	return &inner
}

// onFake runs a test against the program with a fake provider, on each database.
func onFake(t *testing.T, test func(t *testing.T, s *studio), change ...func(*Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, startFake(t, dbtest.SQLiteURL(t), change...)) })
	t.Run("postgres", func(t *testing.T) { test(t, startFake(t, dbtest.PostgresURL(t), change...)) })
}

// startFake is start with a provider in memory, whose files are written when it
// says so.
func startFake(t *testing.T, databaseURL string, change ...func(*Config)) *studio {
	t.Helper()
	return startAround(t, databaseURL, func(f *videotest.Fake, _ Config) video.Provider { return f }, change...)
}

// startAround is startFake with something around the provider.
func startAround(t *testing.T, databaseURL string, around func(*videotest.Fake, Config) video.Provider, change ...func(*Config)) *studio {
	t.Helper()
	p, listener := newProgram(t)
	clock := clockwork.NewFakeClockAt(time.Now())
	fake := videotest.NewFake(video.LiveKit, clock)
	c := configFor(served{DatabaseURL: databaseURL, URL: p.url, Files: p.files}, p.log)
	c.Clock, c.Storage.Clock = clock, clock
	for _, f := range change {
		f(&c)
	}
	d, err := db.Open(t.Context(), c.DatabaseURL)
	require.NoError(t, err)
	p.app = &app{config: c, db: d, store: openStore(t, c)}
	require.NoError(t, p.app.wire(video.Providers{video.LiveKit: around(fake, c)}))
	p.run(listener)
	p.relay(fake)
	s := &studio{program: p, play: fake.Play, fake: fake}
	s.bot = func(pass *anteroomv1.Pass) func() {
		leave, err := fake.Join(video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
		require.NoError(t, err)
		return leave
	}
	return s
}

// relay has the fake's webhooks sent to the program, in their order, and writes
// the files of captures that end well before that is told.
func (p *program) relay(fake *videotest.Fake) {
	deliveries, done := make(chan videotest.Delivery, 1000), make(chan struct{})
	p.onTheWay = new(atomic.Int64)
	fake.Deliver(func(d videotest.Delivery) {
		p.onTheWay.Add(1)
		deliveries <- d
	})
	deliver := func(d videotest.Delivery) {
		defer p.onTheWay.Add(-1)
		req, err := http.NewRequest(http.MethodPost, p.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(d.Body))
		if err != nil {
			return
		}
		req.Header = d.Header
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}
	go func() {
		defer close(done)
		written := map[string]bool{} // once each: what is deleted stays so
		for d := range deliveries {
			for _, e := range fake.Captures() {
				if content := fake.Captured(e.Path); content != nil && !written[e.Path] && p.app.store != nil {
					written[e.Path] = true
					_ = p.app.store.Write(context.Background(), e.Path, bytes.NewReader(content))
				}
			}
			deliver(d)
		}
	}()
	p.t.Cleanup(func() { fake.Deliver(nil); close(deliveries); <-done })
}

// occupied makes a room in which its owner is.
func (s *studio) occupied(owner client, change ...func(*anteroomv1.CreateRoomRequest)) (room *anteroomv1.Room, leave func()) {
	s.t.Helper()
	room = s.room(owner, public, change...)
	return room, s.enter(owner, room)
}

// enter brings somebody into a room, and waits until the program knows.
func (s *studio) enter(c client, room *anteroomv1.Room) (leave func()) {
	s.t.Helper()
	pass := s.join(c, room.GetId())
	leave = s.bot(pass)
	await(s.t, recordingLimit, "the program hears of who came", func() bool {
		there, err := s.app.db.Participation.Query().All(s.t.Context())
		require.NoError(s.t, err)
		for _, who := range there {
			if who.RoomID.String() == room.GetId() && who.Identity == pass.GetIdentity() && who.JoinTime != nil {
				return true
			}
		}
		return false
	})
	return leave
}

func with(settings *anteroomv1.RoomSettings) func(*anteroomv1.CreateRoomRequest) {
	return func(r *anteroomv1.CreateRoomRequest) { r.Settings = settings }
}

// record starts a recording of a room.
func (s *studio) record(c client, room *anteroomv1.Room, mode anteroomv1.RecordingMode) *anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.StartRecording(s.t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: mode})
	require.NoError(s.t, err)
	return got.GetRecording()
}

// until waits for a status.
func (s *studio) until(c client, id string, status anteroomv1.RecordingStatus) (found *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, status.String(), func() bool {
		got, err := c.recordings.GetRecording(s.t.Context(), &anteroomv1.GetRecordingRequest{Recording: id})
		require.NoError(s.t, err)
		found = got.GetRecording()
		return found.GetStatus() == status
	})
	return found
}

// available waits until the file is there.
func (s *studio) available(c client, id string) (found *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, "the recording is available", func() bool {
		got, err := c.recordings.GetRecording(s.t.Context(), &anteroomv1.GetRecordingRequest{Recording: id})
		require.NoError(s.t, err)
		found = got.GetRecording()
		return found.GetAvailableTime() != nil
	})
	return found
}

func (s *studio) stop(c client, id string) *anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.StopRecording(s.t.Context(), &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: id}})
	require.NoError(s.t, err)
	require.Len(s.t, got.GetRecordings(), 1)
	return got.GetRecordings()[0]
}

// saved makes a recording that is there.
func (s *studio) saved(owner client, change ...func(*anteroomv1.CreateRoomRequest)) (*anteroomv1.Room, *anteroomv1.Recording) {
	s.t.Helper()
	room, leave := s.occupied(owner, change...)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	return room, s.available(owner, rec.GetId())
}

// settle lets time pass, and has what was not heard of found out.
func (s *studio) settle(after time.Duration) {
	s.t.Helper()
	s.clock().Advance(after)
	require.NoError(s.t, s.app.record.Settle(s.t.Context()))
}

// last is the newest capture at the provider.
func (s *studio) last() video.Egress {
	all := s.fake.Captures()
	return all[len(all)-1]
}

// capture is that of a recording at the provider.
func (s *studio) capture(recording string) video.Egress {
	s.t.Helper()
	for _, e := range s.fake.Captures() {
		if strings.Contains(e.Path, recording) {
			return e
		}
	}
	s.t.Fatalf("nothing is captured for %s", recording)
	return video.Egress{}
}

// running waits for a recording of a room.
func (s *studio) running(c client, room *anteroomv1.Room) (rec *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, "something is recorded", func() bool {
		for _, one := range s.listed(c, room) {
			if one.GetEndTime() == nil {
				rec = one
				return true
			}
		}
		return false
	})
	return rec
}

func (s *studio) listed(c client, room *anteroomv1.Room) []*anteroomv1.Recording {
	s.t.Helper()
	got, err := c.recordings.ListRecordings(s.t.Context(), &anteroomv1.ListRecordingsRequest{Room: room.GetId()})
	require.NoError(s.t, err)
	return got.GetRecordings()
}

// due makes jobs of a kind run that wait for their time, which is the queue's own.
func (s *studio) due(kind string) {
	s.t.Helper()
	_, err := s.app.db.SQL.ExecContext(s.t.Context(), `UPDATE river_job SET scheduled_at = CURRENT_TIMESTAMP WHERE state = 'scheduled' AND kind = '`+kind+`'`)
	require.NoError(s.t, err)
}

// send posts a webhook of the fake's.
func (s *studio) send(d videotest.Delivery) {
	s.t.Helper()
	status, text := s.post(d.Body, d.Header)
	require.Equal(s.t, http.StatusOK, status, text)
}

// get fetches a URL as somebody, with more headers.
func (s *studio) get(t *testing.T, link, token string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	require.NoError(t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		req.Header.Set(headers[n], headers[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

// detailsOf is the metadata of a refusal.
func detailsOf(err error) map[string]string {
	for _, d := range asConnect(err).Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*errdetails.ErrorInfo); ok {
				return info.GetMetadata()
			}
		}
	}
	return nil
}
