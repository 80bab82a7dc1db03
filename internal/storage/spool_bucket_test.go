package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// TestArchiveThatIsNotThere: a file stays where it is, and is not taken for one that is
// in neither place.
func TestArchiveThatIsNotThere(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.mp4"), []byte("film"), 0o600))
	s := openStore(t, storage.Config{URL: "file://" + folder, ArchiveURL: strings.Replace(storagetest.S3(t, ""), "recordings", "recordigns", 1)})
	spool, is := s.(*storage.Spool)
	require.True(t, is)
	require.ErrorIs(t, spool.Archive(t.Context(), "a.mp4"), storage.ErrUnavailable)
	file, err := s.Stat(t.Context(), "a.mp4")
	require.NoError(t, err)
	require.EqualValues(t, 4, file.Size)
}
