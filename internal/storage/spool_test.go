package storage_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// spool is a spool with both of its stores.
type spool struct {
	*storage.Spool
	near, far storage.Store
	root      string
}

func openSpool(t *testing.T) spool {
	t.Helper()
	root, bucket := t.TempDir(), storagetest.S3(t, "")
	s := openStore(t, storage.Config{URL: "file://" + root, ArchiveURL: bucket, PublicURL: "http://anteroom.test"})
	return spool{
		s.(*storage.Spool), openStore(t, storage.Config{URL: "file://" + root}), openStore(t, storage.Config{URL: bucket}), root,
	}
}

func has(t *testing.T, s storage.Store, key string) bool {
	t.Helper()
	_, err := s.Stat(t.Context(), key)
	if !errors.Is(err, storage.ErrNotFound) {
		require.NoError(t, err)
	}
	return err == nil
}

func TestArchive(t *testing.T) {
	s := openSpool(t)
	ctx := t.Context()
	require.ErrorIs(t, s.Archive(ctx, "a.mp4"), storage.ErrNotFound)
	require.NoError(t, s.Write(ctx, "a.mp4", strings.NewReader("film")))
	require.True(t, has(t, s.near, "a.mp4"))
	require.False(t, has(t, s.far, "a.mp4"))
	near, err := s.SignedURL(ctx, "a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	require.Contains(t, near, "http://anteroom.test/files/")

	for range 3 { // as often as one likes
		require.NoError(t, s.Archive(ctx, "a.mp4"))
		require.False(t, has(t, s.near, "a.mp4"))
		require.Equal(t, "film", read(t, s, "a.mp4", 0, -1))
		require.Equal(t, []string{"a.mp4"}, keys(t, s, ""))
	}
	far, err := s.SignedURL(ctx, "a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	_, body := get(t, nil, far)
	require.Equal(t, "film", body)
	h, err := s.SignedHeaders(ctx, "a.mp4")
	require.NoError(t, err)
	require.NotEmpty(t, h)

	require.NoError(t, s.Delete(ctx, "a.mp4"))
	require.False(t, has(t, s, "a.mp4"))
	require.ErrorIs(t, s.Archive(ctx, "../a.mp4"), storage.ErrKey)
}

// TestArchiveAfterADeath begins where each step could have been the last.
func TestArchiveAfterADeath(t *testing.T) {
	for _, c := range []struct{ name, near, far string }{
		{"before the copy", "film", ""},
		{"after the copy", "film", "film"},
		{"after the end", "", "film"},
		{"an older one is there", "film", "an older one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openSpool(t)
			if c.far != "" {
				require.NoError(t, s.far.Write(t.Context(), "a.mp4", strings.NewReader(c.far)))
			}
			if c.near != "" {
				require.NoError(t, s.near.Write(t.Context(), "a.mp4", strings.NewReader(c.near)))
				if c.far == c.near { // the file was there before its copy
					past := time.Now().Add(-time.Hour)
					require.NoError(t, os.Chtimes(filepath.Join(s.root, "a.mp4"), past, past))
				}
			}
			require.Equal(t, []string{"a.mp4"}, keys(t, s, ""), "told once")
			require.NoError(t, s.Archive(t.Context(), "a.mp4"))
			require.False(t, has(t, s.near, "a.mp4"))
			require.Equal(t, "film", read(t, s.far, "a.mp4", 0, -1))
		})
	}
}

// failing fails at each of its steps in turn, and works in the end.
type failing struct {
	storage.Store
	left, step int
}

func (f *failing) fail() bool { f.step++; return f.step == f.left }

var errStep = errors.New("a step failed")

func (f *failing) Stat(ctx context.Context, key string) (storage.File, error) {
	if f.fail() {
		return storage.File{}, errStep
	}
	return f.Store.Stat(ctx, key)
}

func (f *failing) Write(ctx context.Context, key string, r io.Reader) error {
	if f.fail() {
		return errStep
	}
	if err := f.Store.Write(ctx, key, r); err != nil || !f.fail() {
		return err
	}
	return errStep // written, and the answer was lost
}

func TestArchiveFailing(t *testing.T) {
	s := openSpool(t)
	finished := 0
	for step := 1; finished < 2; step++ {
		require.NoError(t, s.near.Write(t.Context(), "a.mp4", strings.NewReader("film")))
		far := &failing{s.far, step, 0}
		broken := storage.NewSpool(storage.FolderOf(s.near), far)
		if err := broken.Archive(t.Context(), "a.mp4"); err == nil {
			finished++
		} else {
			require.ErrorIs(t, err, errStep)
			require.Equal(t, "film", read(t, s.near, "a.mp4", 0, -1), "step %d failed", step)
		}
		require.NoError(t, s.Archive(t.Context(), "a.mp4"))
		require.False(t, has(t, s.near, "a.mp4"))
		require.Equal(t, "film", read(t, s.far, "a.mp4", 0, -1))
		require.NoError(t, s.far.Delete(t.Context(), "a.mp4"))
	}
}

// growing writes to the original while it is copied.
type growing struct {
	storage.Store
	path string
}

func (g growing) Write(ctx context.Context, key string, r io.Reader) error {
	err := g.Store.Write(ctx, key, r)
	f, openErr := os.OpenFile(g.path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		err = openErr
	}
	if err == nil {
		_, err = f.WriteString("more")
	}
	return errors.Join(err, f.Close())
}

func TestArchiveOfWhatStillGrows(t *testing.T) {
	s := openSpool(t)
	require.NoError(t, s.near.Write(t.Context(), "a.mp4", strings.NewReader("film")))
	broken := storage.NewSpool(storage.FolderOf(s.near), growing{s.far, filepath.Join(s.root, "a.mp4")})
	require.ErrorIs(t, broken.Archive(t.Context(), "a.mp4"), storage.ErrChanging)
	require.Equal(t, "filmmore", read(t, s, "a.mp4", 0, -1))
	require.NoError(t, s.Archive(t.Context(), "a.mp4"))
	require.Equal(t, "filmmore", read(t, s.far, "a.mp4", 0, -1))
}

func TestArchiveTwiceAtOnce(t *testing.T) {
	s := openSpool(t)
	for range 10 {
		require.NoError(t, s.near.Write(t.Context(), "a.mp4", strings.NewReader("film")))
		results := make(chan error, 2)
		for range 2 {
			go func() { results <- s.Archive(t.Context(), "a.mp4") }()
		}
		require.NoError(t, errors.Join(<-results, <-results))
		require.Equal(t, "film", read(t, s.far, "a.mp4", 0, -1))
		require.False(t, has(t, s.near, "a.mp4"))
	}
}
