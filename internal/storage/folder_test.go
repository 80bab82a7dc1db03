package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

func TestFolderIsLeftByNothing(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	s := openStore(t, storage.Config{URL: "file://" + root})
	film := filepath.Join(outside, "film.mp4")
	require.NoError(t, os.WriteFile(film, []byte("theirs"), 0o600))
	require.NoError(t, os.Symlink(film, filepath.Join(root, "link.mp4")))
	require.NoError(t, os.Symlink(outside, filepath.Join(root, "folder")))
	require.NoError(t, os.Symlink("loop.mp4", filepath.Join(root, "loop.mp4")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(root, "pipe.mp4"), 0o600))

	ctx := t.Context()
	for _, key := range []string{"link.mp4", "folder/film.mp4", "folder", "loop.mp4", "pipe.mp4"} {
		_, err := s.Stat(ctx, key)
		require.ErrorIs(t, err, storage.ErrNotFound, key)
		_, err = s.Open(ctx, key, 0, -1)
		require.ErrorIs(t, err, storage.ErrNotFound, key)
	}
	require.Empty(t, keys(t, s, ""))
	require.Error(t, s.Write(ctx, "folder/film.mp4", strings.NewReader("ours")))
	require.NoError(t, s.Delete(ctx, "folder/film.mp4"))
	require.NoError(t, s.Delete(ctx, "link.mp4"))
	require.NoFileExists(t, filepath.Join(root, "link.mp4"), "a link is removed")
	theirs, err := os.ReadFile(film)
	require.NoError(t, err)
	require.Equal(t, "theirs", string(theirs), "and not what it leads to")

	require.NoError(t, s.Write(ctx, "link.mp4", strings.NewReader("ours")))
	require.Equal(t, "ours", read(t, s, "link.mp4", 0, -1))
}

func TestFolderKeepsFolders(t *testing.T) {
	root := t.TempDir()
	s := openStore(t, storage.Config{URL: "file://" + root})
	require.NoError(t, s.Write(t.Context(), "room/film.mp4", strings.NewReader("x")))
	require.NoError(t, s.Delete(t.Context(), "room/film.mp4"))
	require.NoError(t, s.Delete(t.Context(), "room"))
	require.DirExists(t, filepath.Join(root, "room"))
}

func TestFolderThatCannotBeRead(t *testing.T) {
	s, err := storage.Open(t.Context(), storage.Config{URL: folderURL(t), Secret: secret})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	_, err = s.Stat(t.Context(), "a.mp4")
	require.Error(t, err)
	require.Error(t, s.Delete(t.Context(), "a.mp4"), "not known to be gone")
}

func TestSignedURLsOfAFolderKeepTheirBase(t *testing.T) {
	s := openStore(t, storage.Config{URL: folderURL(t), PublicURL: "https://meet.example.org/anteroom/"})
	u, err := s.SignedURL(t.Context(), "room/a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(u, "https://meet.example.org/anteroom/files/room/a.mp4?"), u)
	h, err := s.SignedHeaders(t.Context(), "room/a.mp4")
	require.NoError(t, err)
	require.Empty(t, h)
}
