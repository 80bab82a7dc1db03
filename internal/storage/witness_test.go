package storage_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

func notification(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "notifications", name))
	require.NoError(t, err)
	return b
}

func TestParseNotification(t *testing.T) {
	const etag = "0123456789abcdef0123456789abcdef"
	told := time.Date(2026, 3, 1, 22, 31, 5, 123e6, time.UTC)
	for name, want := range map[string][]storage.Witness{
		"aws_put.json":       {{Key: "room/a bé.mp4", Size: 1 << 20, ETag: etag, EventTime: told}},
		"aws_multipart.json": {{Key: "room/a.mp4", ETag: etag + "-3", EventTime: told.Truncate(time.Second)}},
		"aws_sns.json":       {{Key: "room/a.mp4", Size: 10, ETag: "abc", EventTime: told.Truncate(time.Second)}},
		"minio_put.json":     {{Key: "room/a.mp4", Size: 1 << 20, ETag: etag, EventTime: told}},
		"aws_test.json":      nil,
		"minio_removed.json": nil,
	} {
		found, err := storage.ParseNotification(notification(t, name))
		require.NoError(t, err, name)
		require.Equal(t, want, found, name)
	}
}

func TestParseNotificationIsTolerant(t *testing.T) {
	record := func(object string) string {
		return `{"Records":[{"eventName":"ObjectCreated:Post","s3":{"object":` + object + `}}]}`
	}
	for body, want := range map[string][]storage.Witness{
		`{}`:                           nil,
		`{"Records":null}`:             nil,
		`{"Records":[]}`:               nil,
		`{"Records":[{}]}`:             nil,
		record(`{}`):                   nil,
		record(`{"key":""}`):           nil,
		record(`{"key":"/"}`):          nil,
		record(`{"key":"../a"}`):       nil,
		record(`{"key":"..%2Fa"}`):     nil,
		record(`{"key":"a%00"}`):       nil,
		record(`{"key":"a"}`):          {{Key: "a"}},
		record(`{"key":"/a"}`):         {{Key: "a"}},
		record(`{"key":"a%zz"}`):       {{Key: "a%zz"}},
		record(`{"key":"a","size":7}`): {{Key: "a", Size: 7}},
		record(`{"key":"a","size":"7","eTag":"\"x\""}`): {{Key: "a", Size: 7, ETag: "x"}},
		record(`{"key":"a","size":-7}`):                 {{Key: "a"}},
		record(`{"key":"a","size":null}`):               {{Key: "a"}},
		record(`{"key":"a","size":1.5}`):                {{Key: "a"}},
		record(`{"key":"a","size":{}}`):                 {{Key: "a"}},
		`{"Records":[{"eventName":"ObjectCreated:Put","eventTime":"soon","s3":{"object":{"key":"a"}}},
			{"eventName":"ObjectTagging:Put","s3":{"object":{"key":"b"}}},
			{"eventName":"s3:ObjectCreated:Copy","s3":{"object":{"key":"c"}}}]}`: {{Key: "a"}, {Key: "c"}},
	} {
		found, err := storage.ParseNotification([]byte(body))
		require.NoError(t, err, body)
		require.Equal(t, want, found, body)
	}
	for _, body := range []string{
		"", "null", "[]", `"x"`, "1", "<xml/>", `{"Records":{}}`, `{"Records":[1]}`, "{", `{"Type":"Notification","Message":"hello"}`,
	} {
		_, err := storage.ParseNotification([]byte(body))
		require.ErrorIs(t, err, storage.ErrNotification, body)
	}
}

func FuzzParseNotification(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "notifications", "*.json"))
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, file := range files {
		f.Add(notification(f, filepath.Base(file)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		found, err := storage.ParseNotification(body)
		if err != nil {
			require.ErrorIs(t, err, storage.ErrNotification)
			require.Empty(t, found)
		}
		for _, w := range found {
			require.NotEmpty(t, w.Key)
			require.NotContains(t, "/"+w.Key+"/", "/../")
			require.GreaterOrEqual(t, w.Size, int64(0))
		}
	})
}
