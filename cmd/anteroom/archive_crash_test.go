//go:build failpoint

package main

import (
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// TestArchiveCrash kills the program in the middle of a move. Another one ends it.
func TestArchiveCrash(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		for _, place := range []string{"claimed, not moved", "moved, not noted"} {
			t.Run(name+" "+place, func(t *testing.T) { archiveCrash(t, url(t), place) })
		}
	}
}

func archiveCrash(t *testing.T, database, place string) {
	bucket := storagetest.S3(t, "")
	files := t.TempDir()
	var key string
	t.Run("recorded", func(t *testing.T) { // it ends before there is another program
		s := startFake(t, database, func(c *Config) { c.Storage.URL = "file://" + files })
		_, rec := s.saved(s.as("crash"))
		key = rec.GetFiles()[0].GetKey()
	})
	at := served{
		Listen: freeAddress(t), DatabaseURL: database, LiveKitURL: "http://127.0.0.1:1", PublicURL: "ws://127.0.0.1:1", Files: files, Archive: bucket,
	}
	dead := startProcess(t, at, failpoint.Env+"="+place+":0")
	require.Error(t, dead.end(), "it was killed")
	startProcess(t, at)
	d, err := db.Open(t.Context(), database)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	await(t, endLimit, "the file is archived", func() bool {
		row, err := d.RecordingFile.Query().Where(recordingfile.Key(key)).Only(t.Context())
		require.NoError(t, err)
		require.NotEqual(t, uuid.Nil, row.ID)
		return row.ArchiveTime != nil && row.MoveTime == nil
	})
	require.NoFileExists(t, filepath.Join(files, key))
	far, err := storage.Open(t.Context(), storage.Config{URL: bucket})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, far.Close()) })
	_, err = far.Stat(t.Context(), key)
	require.NoError(t, err)
}
