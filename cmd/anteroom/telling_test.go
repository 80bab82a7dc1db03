package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// again delivers the webhooks that said how captures of a room ended many times
// more, all at once: with their id, and with others.
func (s *studio) again(room string) {
	s.t.Helper()
	event, err := s.app.db.WebhookEvent.Query().Where(webhookevent.RoomName(room), webhookevent.Type("egress_ended")).Order(webhookevent.ByID()).First(s.t.Context())
	require.NoError(s.t, err)
	require.Contains(s.t, string(event.Body), event.EventID)
	var all sync.WaitGroup
	for n := range 2 * deliveries {
		body := event.Body
		if n%2 == 1 {
			body = bytes.Replace(body, []byte(event.EventID), fmt.Appendf(nil, "%s_%d", event.EventID, n), 1)
		}
		all.Go(func() {
			header := livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret)
			if s.fake != nil {
				header = s.fake.Sign(body)
			}
			if status, text := s.post(body, header); status != http.StatusOK {
				s.t.Errorf("%d %s", status, text)
			}
		})
	}
	all.Wait()
}

// TestTold: what people who watch a room are told of its recordings.
func TestTold(t *testing.T) {
	t.Parallel() // it waits more than it works
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("who sees it", func(t *testing.T) { toldWhoSees(t, s.in(t)) })
		t.Run("what was made of it", func(t *testing.T) { toldProcessing(t, s.in(t)) })
		t.Run("the limit", func(t *testing.T) { toldLimit(t, s.in(t)) })
		t.Run("titles", func(t *testing.T) { titles(t, s.in(t)) })
	})
}

// until is the next notice of a type; nil if another change comes of which the
// stream's reader sees nothing, after the recording's end.
func (s *stream) until(kind string) *anteroomv1.Notice {
	s.t.Helper()
	for {
		c := s.next()
		switch {
		case c.GetNotice().GetType() == kind:
			return c.GetNotice()
		case c.GetHeartbeat() != nil:
			return nil
		}
		s.must(c, c.GetNotice() != nil || c.GetSnapshot() != nil)
	}
}

func toldWhoSees(t *testing.T, s *studio) {
	owner, attendee := s.as("sees-all"), s.as("sees-file")
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
		RecordingAudience: anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES, Downloads: new(bool),
	}))
	defer leave()
	defer s.enter(attendee, room)()
	pass := s.join(s.guest(), room.GetId())
	readers := map[string]*stream{
		"owner": s.watch(owner, room.GetId()), "attendee": s.watch(attendee, room.GetId()),
		"operator": s.watch(s.operator(), room.GetId()), "stranger": s.watch(s.as("sees-nothing"), room.GetId()),
		"guest": s.watchWith(s.guest(), &anteroomv1.WatchRequest{Rooms: []string{room.GetId()}, Ticket: pass.GetTicket()}),
	}
	for _, stream := range readers {
		require.NotNil(t, stream.next().GetSnapshot())
	}
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	s.available(owner, rec.GetId())

	for _, name := range []string{"stranger", "guest"} {
		require.Nil(t, readers[name].until("recording.available"), "%s is not told", name)
	}
	seen := map[string]*anteroomv1.RecordingAvailable{}
	for _, name := range []string{"owner", "attendee", "operator"} {
		told := readers[name].until("recording.available").GetRecordingAvailable()
		require.Equal(t, rec.GetId(), told.GetRecordingId())
		require.Equal(t, rec.GetTitle(), told.GetTitle())
		require.Equal(t, room.GetName(), told.GetRoomName())
		require.Equal(t, rec.GetMeeting(), told.GetMeetingId())
		require.NotNil(t, told.GetStartTime())
		require.Len(t, told.GetFiles(), 1)
		seen[name] = told
	}
	require.Equal(t, uint32(2), seen["owner"].GetParticipantCount())
	require.Len(t, seen["owner"].GetParticipants(), 2)
	require.Len(t, seen["operator"].GetParticipants(), 2)
	require.Empty(t, seen["attendee"].GetParticipants(), "who was only there does not read who else was")
	require.Empty(t, seen["operator"].GetFiles()[0].GetUrl(), "an operator does not play it")
	for name, disposition := range map[string]string{"owner": "attachment", "attendee": "inline"} {
		file := seen[name].GetFiles()[0]
		require.Greater(t, file.GetExpireTime().AsTime(), s.clock().Now())
		resp, body := s.get(t, file.GetUrl(), "")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Len(t, body, int(file.GetFile().GetSize()))
		require.True(t, strings.HasPrefix(resp.Header.Get("Content-Disposition"), disposition), name)
	}

	all, err := s.app.db.Notice.Query().All(t.Context())
	require.NoError(t, err)
	for _, n := range all {
		require.NotContains(t, string(n.Fact), "/files/", "no link is kept")
	}
}

func toldProcessing(t *testing.T, s *studio) {
	owner := s.as("reports")
	room, rec := s.saved(owner)
	streams := []*stream{s.watch(owner, room.GetId()), s.watch(s.as("hears-nothing"), room.GetId())}
	for _, stream := range streams {
		require.NotNil(t, stream.next().GetSnapshot())
	}
	report := func(c client, processor string, status anteroomv1.ProcessingStatus) *anteroomv1.Recording {
		got, err := c.recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
			Recording: rec.GetId(), Processor: processor, Status: status, Url: "https://example.org/secret",
		})
		require.NoError(t, err)
		return got.GetRecording()
	}
	report(owner, "summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_RUNNING)
	first := report(s.operator(), "words", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	s.clock().Advance(time.Second)
	again := report(s.operator(), "words", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.Equal(t, first.GetProcessing()[1].GetTime().AsTime(), again.GetProcessing()[1].GetTime().AsTime(), "to say it again changes nothing")
	done := report(owner, "summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.Equal(t, []string{"summary", "words"}, []string{done.GetProcessing()[0].GetProcessor(), done.GetProcessing()[1].GetProcessor()})

	var told []string
	for range 3 {
		p := streams[0].until("recording.processed").GetRecordingProcessed()
		require.Equal(t, rec.GetId(), p.GetRecordingId())
		require.Equal(t, "https://example.org/secret", p.GetProcessing().GetUrl())
		told = append(told, p.GetProcessing().GetProcessor())
	}
	require.Equal(t, []string{"summary", "words", "summary"}, told)
	require.Nil(t, streams[1].until("recording.processed"))
	_, err := s.as("hears-nothing").recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
		Recording: rec.GetId(), Processor: "x", Status: anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE,
	})
	requireReason(t, "recording_not_found", connect.CodeNotFound, err)
}

func toldLimit(t *testing.T, s *studio) {
	owner := s.as("limit-near")
	room, leave := s.occupied(owner)
	defer leave()
	require.NoError(t, s.fake.SetRoomMetadata(t.Context(), room.GetId(), `{"theme":"dark","recordings":"old"}`))
	stream := s.watch(owner, room.GetId())
	require.NotNil(t, stream.next().GetSnapshot())
	s.said(room, "theme", "dark")
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	require.False(t, s.live(owner, room).GetLimitNear())
	s.due("recording.near")
	for near := false; !near; {
		changed := stream.until("recording.changed").GetRecordingChanged()
		require.NotNil(t, changed)
		if near = changed.GetLimitNear(); near {
			require.Equal(t, active, changed.GetStatus())
			require.Equal(t, changed.GetStartTime().AsTime().Add(time.Hour), changed.GetLimitTime().AsTime())
		}
	}
	s.said(room, `"limit_near":true`, `"status":"active"`, `"theme":"dark"`)
	require.True(t, s.live(owner, room).GetLimitNear(), "who comes later is told, too")
	s.due("recording.limit")
	s.until(owner, rec.GetId(), limited)
	s.said(room, `"status":"limit_reached"`, `"theme":"dark"`)
	require.NotContains(t, s.fake.RoomMetadata(room.GetId()), "limit_near")
	for told := []anteroomv1.RecordingStatus{}; !slices.Contains(told, limited); {
		changed := stream.until("recording.changed").GetRecordingChanged()
		require.NotNil(t, changed)
		require.False(t, changed.GetLimitNear())
		told = append(told, changed.GetStatus())
	}
}

// said waits until people in a room are told all this.
func (s *studio) said(room *anteroomv1.Room, parts ...string) {
	s.t.Helper()
	await(s.t, recordingLimit, "those in the room are told", func() bool {
		says := s.fake.RoomMetadata(room.GetId())
		return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(says, part) })
	})
}

func (s *studio) live(c client, room *anteroomv1.Room) *anteroomv1.LiveRecording {
	s.t.Helper()
	got, err := c.GetRoom(s.t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(s.t, err)
	return got.GetRoom().GetLive().GetRecording()
}

func titles(t *testing.T, s *studio) {
	config, err := s.guest().GetClientConfig(t.Context(), &anteroomv1.GetClientConfigRequest{})
	require.NoError(t, err)
	require.Equal(t, []string{"en", "de", "fr", "nl"}, config.GetClientConfig().GetLanguages())
	for language, want := range map[string]string{"": `, \d\d:\d\d$`, "fr": `di.*, \d\d:\d\d$`, "de": `, \d\d:\d\d Uhr$`} {
		owner := s.as("titles-"+language).speaks(t, language, "Asia/Tokyo")
		room, leave := s.occupied(owner)
		rec := s.record(owner, room, audio)
		require.Regexp(t, "^Weekly.*"+want, rec.GetTitle())
		require.Contains(t, rec.GetTitle(), s.clock().Now().In(time.FixedZone("JST", 9*3600)).Format("15"))
		leave()
		s.until(owner, rec.GetId(), completed)
	}
	owner := s.as("titles-own")
	room, leave := s.occupied(owner)
	defer leave()
	got, err := owner.recordings.StartRecording(t.Context(), &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio, Title: "The title"})
	require.NoError(t, err)
	require.Equal(t, "The title", got.GetRecording().GetTitle())
}

// TestTellingFlags: what is wrong with settings is said before anything starts.
func TestTellingFlags(t *testing.T) {
	right := func() tellingFlags {
		return tellingFlags{Language: "en", TimeZone: "UTC", MailURL: "smtp://bob:hunter2@mail.example.org:587", MailFrom: "a@example.org"}
	}
	for name, change := range map[string]func(*tellingFlags){
		"a language that there is not": func(f *tellingFlags) { f.Language = "ja" },
		"a time zone":                  func(f *tellingFlags) { f.TimeZone = "Moon/Crater" },
		"a title of what there is not": func(f *tellingFlags) { f.RecordingTitles = map[string]string{"en": "{room}"} },
		"a title in no language":       func(f *tellingFlags) { f.RecordingTitles = map[string]string{"ja": "{date}"} },
		"no sender":                    func(f *tellingFlags) { f.MailFrom = "" },
		"no mail server's URL":         func(f *tellingFlags) { f.MailURL = "https://bob:hunter2@mail.example.org" },
	} {
		f := right()
		change(&f)
		err := f.telling(&recording.Config{}, "http://127.0.0.1:8080", clockwork.NewRealClock())
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "hunter2", name)
	}
	var c recording.Config
	f := right()
	require.ErrorContains(t, f.telling(&c, "meet.example.org", clockwork.NewRealClock()), "--public-url")
	require.NoError(t, f.telling(&c, "https://meet.example.org/", clockwork.NewRealClock()))
	require.NotNil(t, c.Mail)
	require.Equal(t, "https://meet.example.org", c.ConsoleURL)
	require.NoError(t, tellingFlags{Language: "de", TimeZone: "Europe/Berlin"}.telling(&c, "http://127.0.0.1:8080", clockwork.NewRealClock()))
	require.Nil(t, c.Mail)
}
