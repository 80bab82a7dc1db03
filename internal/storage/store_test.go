package storage_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

var secret = []byte("a secret of thirty-two characters")

func openStore(t *testing.T, c storage.Config) storage.Store {
	t.Helper()
	c.Secret = secret
	if c.Clock == nil {
		c.Clock = clockwork.NewRealClock()
	}
	s, err := storage.Open(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func folderURL(t *testing.T) string { return "file://" + t.TempDir() }

// eachStore runs a test on every kind of store.
func eachStore(t *testing.T, test func(t *testing.T, s storage.Store)) {
	t.Run("folder", func(t *testing.T) { test(t, openStore(t, storage.Config{URL: folderURL(t)})) })
	t.Run("bucket", func(t *testing.T) { test(t, openStore(t, storage.Config{URL: storagetest.S3(t, "")})) })
	t.Run("bucket with a folder of ours", func(t *testing.T) {
		test(t, openStore(t, storage.Config{URL: storagetest.S3(t, "") + "&prefix=ours/"}))
	})
	t.Run("spool", func(t *testing.T) {
		test(t, openStore(t, storage.Config{URL: folderURL(t), ArchiveURL: storagetest.S3(t, "")}))
	})
}

func read(t *testing.T, s storage.Store, key string, offset, length int64) string {
	t.Helper()
	r, err := s.Open(t.Context(), key, offset, length)
	require.NoError(t, err)
	b, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(b)
}

func keys(t *testing.T, s storage.Store, prefix string) []string {
	t.Helper()
	var found []string
	for f, err := range s.List(t.Context(), prefix) {
		require.NoError(t, err)
		found = append(found, f.Key)
	}
	slices.Sort(found)
	return found
}

func TestStore(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		const key = "recordings/room/film.mp4"
		ctx := t.Context()
		_, err := s.Stat(ctx, key)
		require.ErrorIs(t, err, storage.ErrNotFound)
		_, err = s.Open(ctx, key, 0, -1)
		require.ErrorIs(t, err, storage.ErrNotFound)
		require.NoError(t, s.Delete(ctx, key), "what is not there is deleted")

		before := time.Now().Add(-2 * time.Second)
		require.NoError(t, s.Write(ctx, key, strings.NewReader("0123456789")))
		f, err := s.Stat(ctx, key)
		require.NoError(t, err)
		require.WithinRange(t, f.ModTime, before, time.Now().Add(2*time.Second))
		require.Equal(t, storage.File{Key: key, Size: 10, ContentType: "video/mp4", ModTime: f.ModTime}, f)
		require.Equal(t, time.UTC, f.ModTime.Location())

		require.Equal(t, "0123456789", read(t, s, key, 0, -1))
		require.Equal(t, "234", read(t, s, key, 2, 3))
		require.Equal(t, "89", read(t, s, key, 8, -1))

		require.NoError(t, s.Write(ctx, key, strings.NewReader("replaced")))
		require.Equal(t, "replaced", read(t, s, key, 0, -1))

		require.NoError(t, s.Delete(ctx, key))
		require.NoError(t, s.Delete(ctx, key))
		_, err = s.Stat(ctx, key)
		require.ErrorIs(t, err, storage.ErrNotFound)
	})
}

func TestHalfAFileIsNone(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		half := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF))
		require.Error(t, s.Write(t.Context(), "a/film.mp4", half))
		require.Empty(t, keys(t, s, ""))
	})
}

func TestLargeFile(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		large := make([]byte, 12<<20) // more than one part at S3
		_, _ = rand.Read(large)
		require.NoError(t, s.Write(t.Context(), "large.mp4", bytes.NewReader(large)))
		require.True(t, string(large) == read(t, s, "large.mp4", 0, -1))
	})
}

func TestList(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		require.Empty(t, keys(t, s, ""))
		for _, key := range []string{"a/b/1.mp4", "a/b/2.ogg", "a/bc/3.mp4", "ab/4.mp4", "5.mp4"} {
			require.NoError(t, s.Write(t.Context(), key, strings.NewReader(key)))
		}
		for prefix, want := range map[string][]string{
			"":          {"5.mp4", "a/b/1.mp4", "a/b/2.ogg", "a/bc/3.mp4", "ab/4.mp4"},
			"a":         {"a/b/1.mp4", "a/b/2.ogg", "a/bc/3.mp4", "ab/4.mp4"},
			"a/b":       {"a/b/1.mp4", "a/b/2.ogg", "a/bc/3.mp4"},
			"a/b/":      {"a/b/1.mp4", "a/b/2.ogg"},
			"a/b/1.mp4": {"a/b/1.mp4"},
			"c/":        nil,
		} {
			require.Equal(t, want, keys(t, s, prefix), prefix)
		}
		for f, err := range s.List(t.Context(), "a/") { // who has seen enough may stop
			require.NoError(t, err)
			require.EqualValues(t, len(f.Key), f.Size)
			break
		}
	})
}

func TestBadKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		for _, key := range []string{
			"", ".", "..", "/", "/a", "a/", "a//b", "../a", "a/../b", "./a", `a\b`, "a\x00b", "a\nb", "\xff",
			strings.Repeat("a/", 600) + "b", strings.Repeat("a", 256),
		} {
			ctx := t.Context()
			_, err := s.Stat(ctx, key)
			require.ErrorIs(t, err, storage.ErrKey, key)
			_, err = s.Open(ctx, key, 0, -1)
			require.ErrorIs(t, err, storage.ErrKey, key)
			require.ErrorIs(t, s.Write(ctx, key, strings.NewReader("x")), storage.ErrKey, key)
			require.ErrorIs(t, s.Delete(ctx, key), storage.ErrKey, key)
			_, err = s.SignedURL(ctx, key, storage.Link{Expiry: time.Minute})
			require.ErrorIs(t, err, storage.ErrKey, key)
			_, err = s.SignedHeaders(ctx, key)
			require.ErrorIs(t, err, storage.ErrKey, key)
		}
	})
}

func TestLinksLiveBetweenASecondAndAWeek(t *testing.T) {
	eachStore(t, func(t *testing.T, s storage.Store) {
		for _, expiry := range []time.Duration{0, -time.Minute, time.Millisecond, 7*24*time.Hour + 1} {
			_, err := s.SignedURL(t.Context(), "a.mp4", storage.Link{Expiry: expiry})
			require.Error(t, err)
		}
	})
}

func TestStoreThatIsAway(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Stat(ctx, "a.mp4")
	require.ErrorIs(t, err, storage.ErrUnavailable)
	require.ErrorIs(t, s.Delete(ctx, "a.mp4"), storage.ErrUnavailable, "not known to be gone")

	wrong := openStore(t, storage.Config{URL: "s3://nowhere?" + strings.SplitAfterN(storagetest.S3(t, ""), "?", 2)[1]})
	err = wrong.Write(t.Context(), "a.mp4", strings.NewReader("x"))
	require.ErrorIs(t, err, storage.ErrUnavailable, "not a file that is gone")
	require.ErrorContains(t, err, "NoSuchBucket")
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []storage.Config{
		{URL: ""}, {URL: "recordings"}, {URL: "file://host/path"}, {URL: "file:///tmp/x?metadata=skip"},
		{URL: "gs://bucket"}, {URL: "s3://bucket?no_such=parameter"}, {URL: "s3://user:hunter2@bucket:port%%"},
		{URL: "s3://bucket?region=x", ArchiveURL: "s3://other?region=x"},
		{URL: folderURL(t), ArchiveURL: "recordings"},
	} {
		_, err := storage.Open(t.Context(), c)
		require.Error(t, err, c.URL)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func get(t *testing.T, h http.Header, u string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, u, http.NoBody)
	require.NoError(t, err)
	r.Header = h
	a, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	b, err := io.ReadAll(a.Body)
	require.NoError(t, err)
	require.NoError(t, a.Body.Close())
	return a, string(b)
}

func TestBucketLink(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "")})
	require.Nil(t, storage.FolderOf(s))
	for _, key := range []string{"room/a.mp4", "room/b.mp4", "room/one two+ä.ogg"} {
		require.NoError(t, s.Write(t.Context(), key, strings.NewReader("0123456789")))
	}
	u, err := s.SignedURL(t.Context(), "room/a.mp4", storage.Link{Expiry: time.Minute, Name: "Réunion.mp4"})
	require.NoError(t, err)
	a, body := get(t, nil, u)
	require.Equal(t, 200, a.StatusCode)
	require.Equal(t, "0123456789", body)
	require.Equal(t, "video/mp4", a.Header.Get("Content-Type"))
	require.Equal(t, storage.CacheControl, a.Header.Get("Cache-Control"))
	require.Equal(t, storage.Disposition("Réunion.mp4", false), a.Header.Get("Content-Disposition"))

	a, body = get(t, http.Header{"Range": {"bytes=2-4"}}, u)
	require.Equal(t, 206, a.StatusCode)
	require.Equal(t, "234", body)
	require.Equal(t, "bytes 2-4/10", a.Header.Get("Content-Range"))

	a, _ = get(t, nil, strings.Replace(u, "a.mp4", "b.mp4", 1))
	require.Equal(t, 403, a.StatusCode, "it opens no other key")
	a, _ = get(t, nil, strings.Replace(u, "attachment", "inline", 1))
	require.Equal(t, 403, a.StatusCode, "nor in another way")

	u, err = s.SignedURL(t.Context(), "room/one two+ä.ogg", storage.Link{Expiry: time.Minute, Inline: true})
	require.NoError(t, err)
	a, body = get(t, nil, u)
	require.Equal(t, 200, a.StatusCode, body)
	require.Equal(t, storage.Disposition("one two+ä.ogg", true), a.Header.Get("Content-Disposition"))
}

func TestBucketLinkExpires(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "")})
	require.NoError(t, s.Write(t.Context(), "a.mp4", strings.NewReader("x")))
	u, err := s.SignedURL(t.Context(), "a.mp4", storage.Link{Expiry: time.Second})
	require.NoError(t, err)
	// The server's clock is the machine's, and nothing tells that it has gone on.
	require.Eventually(t, func() bool { a, _ := get(t, nil, u); return a.StatusCode == http.StatusForbidden }, 20*time.Second, 100*time.Millisecond)
}

func TestBucketLinkOfThePublicEndpoint(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "") + "&public_endpoint=https://files.example.org"})
	require.NoError(t, s.Write(t.Context(), "a.mp4", strings.NewReader("x")))
	u, err := s.SignedURL(t.Context(), "a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(u, "https://files.example.org/recordings/a.mp4?"), u)
}

// TestBucketSignedHeaders is what nginx does after Anteroom allowed it.
func TestBucketSignedHeaders(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "")})
	for _, key := range []string{"room/a.mp4", "room/b.mp4"} {
		require.NoError(t, s.Write(t.Context(), key, strings.NewReader("0123456789")))
	}
	signed, err := s.SignedURL(t.Context(), "room/a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	bare, _, _ := strings.Cut(signed, "?")
	a, _ := get(t, nil, bare)
	require.Equal(t, 403, a.StatusCode)

	h, err := s.SignedHeaders(t.Context(), "room/a.mp4")
	require.NoError(t, err)
	a, body := get(t, h, bare)
	require.Equal(t, 200, a.StatusCode, body)
	h.Set("Range", "bytes=2-4")
	a, body = get(t, h, bare)
	require.Equal(t, 206, a.StatusCode)
	require.Equal(t, "234", body)
	a, _ = get(t, h, strings.Replace(bare, "a.mp4", "b.mp4", 1))
	require.Equal(t, 403, a.StatusCode)
}

// TestNotificationsOfARealStore: what versitygw posts is understood.
func TestNotificationsOfARealStore(t *testing.T) {
	bodies := make(chan []byte, 16)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		bodies <- b
	}))
	t.Cleanup(hook.Close)
	s := openStore(t, storage.Config{URL: storagetest.S3(t, hook.URL)})
	require.NoError(t, s.Write(t.Context(), "room/a b.mp4", strings.NewReader("0123456789")))
	for {
		select {
		case b := <-bodies:
			found, err := storage.ParseNotification(b)
			if err != nil || len(found) == 0 { // it begins with one that is a test
				t.Logf("nothing in %s", b)
				continue
			}
			require.Equal(t, []storage.Witness{{
				Key: "room/a b.mp4", Size: 10, ETag: "781e5e245d69b566979b86e28d23f2c7", EventTime: found[0].EventTime,
			}}, found, string(b))
			require.WithinDuration(t, time.Now(), found[0].EventTime, time.Minute)
			return
		case <-time.After(20 * time.Second):
			t.Fatal("no notification came")
		}
	}
}
