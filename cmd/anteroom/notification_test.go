package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gocloud.dev/pubsub"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

const storeToken = "a token of the store"

func withStoreToken(c *Config) { c.StorageToken = storeToken }

// notify posts a store's body.
func (s *studio) notify(body []byte, header ...string) (status int, answer string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+anteroomv1connect.WebhookServiceReceiveStorageProcedure, bytes.NewReader(body))
	require.NoError(s.t, err)
	req.Header.Set("Content-Type", "application/json")
	for n := 0; n+1 < len(header); n += 2 {
		req.Header.Add(header[n], header[n+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer func() { _ = resp.Body.Close() }()
	var text bytes.Buffer
	_, err = text.ReadFrom(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, text.String()
}

// stored is a notification as a store writes it, about another key.
func stored(t *testing.T, name, key string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "internal", "storage", "testdata", "notifications", name))
	require.NoError(t, err)
	var body map[string]any
	require.NoError(t, json.Unmarshal(raw, &body))
	for _, r := range body["Records"].([]any) {
		r.(map[string]any)["s3"].(map[string]any)["object"].(map[string]any)["key"] = key
	}
	raw, err = json.Marshal(body)
	require.NoError(t, err)
	return raw
}

// unwritten has captures end without that their files get into the store.
func (s *studio) unwritten() {
	deliveries, done := make(chan videotest.Delivery, 1000), make(chan struct{})
	s.fake.Deliver(func(d videotest.Delivery) { deliveries <- d })
	go func() {
		defer close(done)
		for d := range deliveries {
			req, err := http.NewRequest(http.MethodPost, s.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(d.Body))
			if err != nil {
				continue
			}
			req.Header = d.Header
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_ = resp.Body.Close()
			}
		}
	}()
	s.t.Cleanup(func() { s.fake.Deliver(nil); close(deliveries); <-done })
}

// lacking makes a recording that ended well, whose file is not in the store, and
// is not looked for again for a day.
func (s *studio) lacking(owner client) (*anteroomv1.Room, *anteroomv1.Recording) {
	s.t.Helper()
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.stop(owner, rec.GetId())
	rec = s.until(owner, rec.GetId(), completed)
	later := "now() + interval '1 day'"
	if !s.app.db.IsPostgres() {
		later = "strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 day')"
	}
	await(s.t, recordingLimit, "it was looked for in vain", func() bool {
		put, err := s.app.db.SQL.ExecContext(s.t.Context(), `UPDATE river_job SET state = 'scheduled', scheduled_at = `+later+`
			WHERE kind = 'recording.complete' AND attempt > 0 AND state IN ('available', 'retryable')`)
		require.NoError(s.t, err)
		n, err := put.RowsAffected()
		require.NoError(s.t, err)
		return n > 0
	})
	return room, s.until(owner, rec.GetId(), completed)
}

func (s *studio) put(key string) {
	s.t.Helper()
	require.NoError(s.t, s.app.store.Write(s.t.Context(), key, strings.NewReader("0123456789abcde")))
}

func TestReceiveStorage(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("who", s.whoNotifies)
		t.Run("what", s.whatIsNotified)
		s.unwritten()
		t.Run("completes", s.notifiedIsCompleted)
	}, withStoreToken)
}

func (s *studio) whoNotifies(t *testing.T) {
	s = s.in(t)
	body := stored(t, "aws_put.json", "a.mp4")
	for name, c := range map[string]struct {
		header []string
		status int
	}{
		"bearer":                       {[]string{"Authorization", "Bearer " + storeToken}, 200},
		"bearer in small letters":      {[]string{"Authorization", "bearer " + storeToken}, 200},
		"the password of a URL":        {[]string{"Authorization", "Basic c3RvcmU6YSB0b2tlbiBvZiB0aGUgc3RvcmU="}, 200},
		"nothing":                      {nil, 401},
		"an empty one":                 {[]string{"Authorization", "Bearer "}, 401},
		"another":                      {[]string{"Authorization", "Bearer " + storeToken + "x"}, 401},
		"a part":                       {[]string{"Authorization", "Bearer " + storeToken[:5]}, 401},
		"without a scheme":             {[]string{"Authorization", storeToken}, 401},
		"two of which one is right":    {[]string{"Authorization", "Bearer " + storeToken, "Authorization", "Bearer x"}, 401},
		"as the user's name":           {[]string{"Authorization", "Basic YSB0b2tlbiBvZiB0aGUgc3RvcmU6"}, 401},
		"a user's, who is an operator": {[]string{"Authorization", "Bearer " + s.token(operatorIdentity)}, 401},
	} {
		status, text := s.notify(body, c.header...)
		require.Equal(t, c.status, status, "%s: %s", name, text)
		if status == 401 {
			require.Contains(t, text, "storage_token_invalid", name)
			require.NotContains(t, text, storeToken)
		}
	}
	require.NotContains(t, s.log.String(), storeToken)
	_, err := s.operator().events.ReceiveStorage(t.Context(), &anteroomv1.ReceiveStorageRequest{Body: body})
	require.Error(t, err, "it is no call for clients")
}

// TestReceiveStorageWithoutAToken: where none is configured, nobody has it.
func TestReceiveStorageWithoutAToken(t *testing.T) {
	s := startFake(t, dbtest.SQLiteURL(t))
	for _, header := range [][]string{nil, {"Authorization", "Bearer "}, {"Authorization", "Bearer"}, {"Authorization", ""}, {"Authorization", "Basic Og=="}} {
		status, text := s.notify(stored(t, "aws_put.json", "a.mp4"), header...)
		require.Equal(t, 401, status, text)
	}
}

func (s *studio) whatIsNotified(t *testing.T) {
	s = s.in(t)
	right := []string{"Authorization", "Bearer " + storeToken}
	for name, want := range map[string]int{"aws_test.json": 200, "minio_removed.json": 200, "aws_multipart.json": 200, "aws_sns.json": 200} {
		raw, err := os.ReadFile(filepath.Join("..", "..", "internal", "storage", "testdata", "notifications", name))
		require.NoError(t, err)
		status, text := s.notify(raw, right...)
		require.Equal(t, want, status, "%s: %s", name, text)
	}
	for body, want := range map[string]int{
		`{"Records":[]}`: 200, `{}`: 200, "": 400, "null": 400, "[]": 400, "<xml/>": 400, `{"Records":{}}`: 400,
		`{"Records":"` + strings.Repeat("x", 1<<20) + `"}`: 413,
	} {
		status, text := s.notify([]byte(body), right...)
		require.Equal(t, want, status, "%.40s: %s", body, text)
	}
	many := `{"eventName":"s3:ObjectCreated:Put","s3":{"object":{"key":"` + uuid.NewString() + `.mp4"}}},`
	n := (1<<20 - 100) / len(many)
	status, text := s.notify([]byte(`{"Records":[`+strings.TrimSuffix(strings.Repeat(many, n), ",")+`]}`), right...)
	require.Equal(t, 200, status, text)
	status, _ = s.notify([]byte(`{}`), "Authorization", "Bearer "+storeToken, "Content-Encoding", "gzip")
	require.Equal(t, http.StatusNotImplemented, status)
}

func (s *studio) notifiedIsCompleted(t *testing.T) {
	s = s.in(t)
	owner := s.as("notified")
	right := []string{"Authorization", "Bearer " + storeToken}
	for name, key := range map[string]func(string) string{
		"aws_put.json":       url.QueryEscape,
		"aws_multipart.json": func(key string) string { return "some/folder/" + key },
		"minio_put.json":     url.PathEscape,
	} {
		_, rec := s.lacking(owner)
		path := rec.GetFiles()[0].GetKey()
		body := stored(t, name, key(path))
		status, text := s.notify(body, right...)
		require.Equal(t, 200, status, text)
		s.idle()
		require.Nil(t, s.until(owner, rec.GetId(), completed).GetAvailableTime(), "a store that says what is not so")
		s.put(path)
		for range 3 {
			status, text = s.notify(body, right...)
			require.Equal(t, 200, status, text)
		}
		require.Equal(t, uint64(15), s.available(owner, rec.GetId()).GetFiles()[0].GetSize(), "as the store has it, whatever was said")
		status, text = s.notify(body, right...)
		require.Equal(t, 200, status, text)
		accesses, err := owner.recordings.ListRecordingAccesses(t.Context(), &anteroomv1.ListRecordingAccessesRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.Len(t, accesses.GetAccesses(), 1)
	}

	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	s.put(s.capture(rec.GetId()).Path)
	status, text := s.notify(stored(t, "minio_put.json", s.capture(rec.GetId()).Path), right...)
	require.Equal(t, 200, status, text)
	s.idle()
	require.Equal(t, active, s.until(owner, rec.GetId(), active).GetStatus(), "a file does not end a recording")
	s.stop(owner, rec.GetId())
	s.available(owner, rec.GetId())
}

// TestLateFile: a capture that was given up has a file after all, when the
// recording was handed out already.
func TestLateFile(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("late-file")
		room, rec := s.saved(owner)
		s.put("elsewhere/" + rec.GetId() + "-late.ogg")
		e := s.capture(rec.GetId())
		e.Files = append(e.Files, video.File{Path: "elsewhere/" + rec.GetId() + "-late.ogg"})
		e.Status = video.Complete
		s.send(s.fake.Webhook(video.Event{
			ID: uuid.NewString(), Type: "egress_ended", Time: s.clock().Now().UTC(),
			Room: video.EventRoom{Name: room.GetId()}, Egress: &e,
		}))
		await(t, recordingLimit, "the late file is seen", func() bool {
			n, err := s.app.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(rec.GetId()))).QueryFiles().All(t.Context())
			require.NoError(t, err)
			return len(n) == 2 && n[0].SeenTime != nil && n[1].SeenTime != nil
		})
	})
}

// TestQueueOfNotifications: what comes by SQS does the same.
func TestQueueOfNotifications(t *testing.T) {
	queue := storagetest.SQS(t)
	s := startFake(t, dbtest.SQLiteURL(t), func(c *Config) { c.StorageQueue = queue + "&waittime=1s" })
	s.unwritten()
	owner := s.as("queued")
	_, rec := s.lacking(owner)
	s.put(rec.GetFiles()[0].GetKey())
	topic, err := pubsub.OpenTopic(t.Context(), queue)
	require.NoError(t, err)
	for _, body := range [][]byte{[]byte("nonsense"), stored(t, "aws_put.json", url.QueryEscape(rec.GetFiles()[0].GetKey()))} {
		require.NoError(t, topic.Send(t.Context(), &pubsub.Message{Body: body}))
	}
	require.NoError(t, topic.Shutdown(t.Context()))
	s.available(owner, rec.GetId())
}

func TestQueueThatIsNone(t *testing.T) {
	c := configFor(served{DatabaseURL: dbtest.SQLiteURL(t), URL: "http://127.0.0.1", Files: t.TempDir(), LiveKitURL: "http://127.0.0.1:1"}, t.Output())
	c.StorageQueue = "https://sqs.example.org/queue"
	_, err := build(t.Context(), c)
	require.ErrorContains(t, err, "awssqs://")
}
