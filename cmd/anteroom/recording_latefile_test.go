package main

import (
	"os"
	"path/filepath"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// TestALateFileHoldsNothingBack: of a recording of tracks, what is there is handed out
// after some minutes, and the file that comes late is added.
func TestALateFileHoldsNothingBack(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("late-file")
		room, leave := s.occupied(owner)
		defer leave()
		s.track(owner, owner, room, "track_published", "TR_in_time")
		s.track(owner, owner, room, "track_published", "TR_too_late")
		rec := s.record(owner, room, allTracks)
		s.captured("TR_in_time", video.Active)
		s.captured("TR_too_late", video.Active)
		s.stop(owner, rec.GetId())
		files := s.available(owner, rec.GetId()).GetFiles()
		require.Len(t, files, 2)
		s.idle()

		id, late := uuid.MustParse(rec.GetId()), files[1]
		onDisk, aside := filepath.Join(s.files, late.GetKey()), filepath.Join(s.files, "aside")
		require.NoError(t, os.Rename(onDisk, aside))
		require.NoError(t, s.app.db.Recording.UpdateOneID(id).ClearAvailableTime().Exec(t.Context()))
		require.NoError(t, s.app.db.RecordingFile.Update().Where(recordingfile.RecordingID(id)).ClearSeenTime().Exec(t.Context()))
		s.enqueue(completion{id})
		s.retried(1)
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.Nil(t, got.GetRecording().GetAvailableTime(), "it may come yet")

		s.retry(10)
		s.available(owner, rec.GetId())
		link := func(file string) error {
			_, err := owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId(), File: file})
			return err
		}
		require.NoError(t, link(files[0].GetId()))
		requireReason(t, "file_not_found", connect.CodeNotFound, link(late.GetId()))
		s.retried(10)
		require.NoError(t, os.Rename(aside, onDisk))
		s.retry(11)
		await(t, recordingLimit, "the late file", func() bool { return link(late.GetId()) == nil })
		s.idle()
	})
}

// retry has the search for files be this try of it, now.
func (s *studio) retry(attempt int) {
	s.t.Helper()
	await(s.t, recordingLimit, "the search waits", func() bool {
		done, err := s.app.db.SQL.ExecContext(s.t.Context(),
			`UPDATE river_job SET attempt = $1, scheduled_at = CURRENT_TIMESTAMP WHERE state = 'retryable' AND kind = 'recording.complete'`, attempt-1)
		require.NoError(s.t, err)
		n, err := done.RowsAffected()
		require.NoError(s.t, err)
		return n == 1
	})
}

// retried waits until the search has been tried that often in vain.
func (s *studio) retried(attempt int) {
	s.t.Helper()
	await(s.t, recordingLimit, "the files are looked for again", func() bool {
		var n int
		require.NoError(s.t, s.app.db.SQL.QueryRowContext(s.t.Context(),
			`SELECT count(*) FROM river_job WHERE state IN ('retryable', 'available') AND attempt >= $1 AND kind = 'recording.complete'`, attempt).Scan(&n))
		return n == 1
	})
}
