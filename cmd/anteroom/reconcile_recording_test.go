package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestReconcileBeginsWhatIsAlwaysRecorded: nobody told of somebody in a room that is
// always recorded. The command finds them, and has the recording begun as anteroom
// serve would, with the same settings from the same file.
func TestReconcileBeginsWhatIsAlwaysRecorded(t *testing.T) {
	for name, database := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			server := livekittest.Start(t)
			d := dbtest.Open(t, database)
			room := aRoom(t, d)
			settings := room.Settings
			settings.RecordingPolicy, settings.RecordingMode = recording.PolicyCompliance, entrecording.ModeAudio.String()
			room.Update().SetSettings(settings).ExecX(t.Context())
			livekittest.Join(t, livekittest.CallerPass(t, server.WSURL(), room.ID.String(), "+15557777"))

			env := serveEnv(t, database, server.URL(), server.WSURL())
			env["ANTEROOM_RECORDING_PREFIX"], env["ANTEROOM_RECORDING_SOUND"] = "kept", "mp4"
			env["ANTEROOM_RECORDING_RETENTION"] = "24h"
			_, said, err := runs(t, env, "reconcile")
			require.NoError(t, err, said)
			begun := d.Recording.Query().WithCaptures().OnlyX(t.Context())
			require.Equal(t, entrecording.CauseCompliance, begun.Cause)
			require.Equal(t, entrecording.StatusStarting, begun.Status)
			require.NotNil(t, begun.ExpireTime)
			require.Regexp(t, `^kept/.*\.mp4$`, begun.Edges.Captures[0].Path)
			var jobs int
			require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE kind = 'recording.ask' AND state = 'available'").Scan(&jobs))
			require.Equal(t, 1, jobs, "for who runs jobs: the recorder is to be asked")
		})
	}
}

// TestReconcileSaysWhatIsWrong with its settings, as anteroom serve does.
func TestReconcileSaysWhatIsWrong(t *testing.T) {
	env := serveEnv(t, dbtest.SQLiteURL(t), "http://127.0.0.1:1", "")
	env["ANTEROOM_RECORDING_SOUND"], env["ANTEROOM_PIN_LENGTH"] = "wax", "many"
	_, said, err := runs(t, env, "reconcile")
	require.Error(t, err)
	require.Contains(t, said, "--pin-length, ANTEROOM_PIN_LENGTH: ")
	delete(env, "ANTEROOM_PIN_LENGTH")
	_, said, err = runs(t, env, "reconcile")
	require.Error(t, err)
	require.Contains(t, said, "wax")
}

// TestReconcileNeedsAMigratedDatabase: to migrate is a step of its own.
func TestReconcileNeedsAMigratedDatabase(t *testing.T) {
	_, said, err := runs(t, serveEnv(t, dbtest.EmptySQLiteURL(t), "http://127.0.0.1:1", ""), "reconcile")
	require.Error(t, err)
	require.Contains(t, said, "anteroom migrate up")
}
