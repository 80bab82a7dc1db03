package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// audited runs the command.
func (s *studio) audited(t *testing.T, c auditCommand) (lines []map[string]any, text string, err error) {
	t.Helper()
	var out, progress bytes.Buffer
	err = c.audit(t.Context(), s.app.db, s.app.store, s.clock(), &out, &progress)
	require.Equal(t, c.Quiet, progress.Len() == 0)
	if c.JSON {
		d := json.NewDecoder(bytes.NewReader(out.Bytes()))
		for {
			var line map[string]any
			decodeErr := d.Decode(&line)
			if errors.Is(decodeErr, io.EOF) {
				break
			}
			require.NoError(t, decodeErr)
			lines = append(lines, line)
		}
	}
	return lines, out.String(), err
}

func TestStorageAudit(t *testing.T) {
	test := func(t *testing.T, s *studio) {
		owner := s.as("audit")
		_, kept := s.saved(owner)
		_, lost := s.saved(owner)
		_, gone := s.saved(owner)
		s.clock().Advance(3 * time.Hour)
		_, text, err := s.audited(t, auditCommand{Grace: time.Hour})
		require.NoError(t, err)
		require.Equal(t, "3 files, 3 rows: 0 files without a row, 0 rows without a file\n", text)

		require.NoError(t, s.app.store.Delete(t.Context(), lost.GetFiles()[0].GetKey()))
		s.app.db.Recording.UpdateOneID(uuid.MustParse(gone.GetId())).SetDeleteTime(s.clock().Now()).ExecX(t.Context())
		orphan := uuid.NewString() + ".mp4"
		for _, key := range []string{orphan, "notes/of another program.txt"} {
			s.put(key)
		}
		room, leave := s.occupied(owner)
		defer leave()
		running := s.record(owner, room, audio)
		s.until(owner, running.GetId(), active)
		for _, key := range []string{s.capture(running.GetId()).Path, "renamed/" + running.GetId() + ".mp4.part"} {
			s.put(key)
		}
		_, text, err = s.audited(t, auditCommand{Grace: 30 * 24 * time.Hour, Quiet: true})
		require.NoError(t, err, "all is young: %s", text)

		lines, _, err := s.audited(t, auditCommand{JSON: true, Quiet: true})
		require.ErrorAs(t, err, &foundError{})
		require.Equal(t, 3, exitCode(err))
		keys := map[string]any{}
		for _, line := range lines[:len(lines)-1] {
			keys[line["key"].(string)] = line["kind"]
		}
		require.Equal(t, map[string]any{
			orphan: "file_without_row", "notes/of another program.txt": "file_without_row", lost.GetFiles()[0].GetKey(): "row_without_file",
		}, keys)
		require.Equal(t, "summary", lines[3]["kind"])
		require.InDelta(t, 2, lines[3]["files_without_row"], 0)
		require.InDelta(t, 1, lines[3]["rows_without_file"], 0)
		require.NotContains(t, keys, kept.GetFiles()[0].GetKey())
		_, text, err = s.audited(t, auditCommand{})
		require.Error(t, err)
		require.Contains(t, text, "row_without_file")

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out bytes.Buffer
		c := auditCommand{Quiet: true}
		require.Equal(t, 1, exitCode(c.audit(ctx, s.app.db, s.app.store, s.clock(), &out, io.Discard)))
	}
	onFake(t, test)
	t.Run("bucket", func(t *testing.T) {
		bucket := storagetest.S3(t, "")
		test(t, startFake(t, dbtest.SQLiteURL(t), func(c *Config) { c.Storage.URL = bucket }))
	})
}

// TestStorageAuditOfMany goes over pages.
func TestStorageAuditOfMany(t *testing.T) {
	s := startFake(t, dbtest.SQLiteURL(t))
	_, rec := s.saved(s.as("many"))
	const n = 1203
	for range n {
		s.put("x/" + uuid.NewString() + ".mp4")
	}
	for range n {
		id := uuid.Must(uuid.NewV7())
		s.app.db.RecordingFile.Create().SetID(id).SetRecordingID(uuid.MustParse(rec.GetId())).SetKey("y/" + id.String() + ".mp4").
			SetCreateTime(s.clock().Now().Add(-time.Hour)).ExecX(t.Context())
	}
	lines, _, err := s.audited(t, auditCommand{JSON: true, Quiet: true, Grace: -time.Hour})
	require.Error(t, err)
	require.Len(t, lines, 2*n+1)
	require.InDelta(t, n+1, lines[2*n]["files"], 0)
	require.InDelta(t, n+1, lines[2*n]["rows"], 0)
}

func TestStorageAuditCommand(t *testing.T) {
	s := startFake(t, dbtest.SQLiteURL(t))
	url := s.app.config.DatabaseURL
	err := command(t.Context(), []string{"storage", "audit", "-q", "--database-url", url, "--storage-url", "file://" + s.files})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.files, "x.mp4"), []byte("x"), 0o600))
	err = command(t.Context(), []string{"storage", "audit", "-q", "--grace=-1h", "--database-url", url, "--storage-url", "file://" + s.files})
	require.Equal(t, 3, exitCode(err), err)
	for _, args := range [][]string{
		{}, {"--database-url", url}, {"--storage-url", "file://" + s.files}, {"--data", t.TempDir()},
		{"--database-url", url, "--storage-url", "file://" + filepath.Join(s.files, "nowhere")},
		{"--database-url", url, "--storage-url", "gs://x"},
	} {
		err := command(t.Context(), append([]string{"storage", "audit", "-q"}, args...))
		require.Equal(t, 1, exitCode(err), args)
		require.Error(t, err, args)
	}
	require.NoDirExists(t, filepath.Join(s.files, "nowhere"))
}
