package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestMigrateWaitsForPostgres: where all is started at once, the database is there last.
func TestMigrateWaitsForPostgres(t *testing.T) {
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{})
	if err != nil {
		dbtest.PostgresURL(t) // skips, or fails in CI
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	server.Halt()
	env := map[string]string{"ANTEROOM_DATABASE_URL": server.URL("postgres")}

	cmd, said, out := asCommand(t, env, "migrate", "up"), &lockedBuffer{}, &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = out, said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	await(t, readyLimit, "it says for whom it waits", func() bool { return strings.Contains(said.String(), databaseAway+": waiting for it") })
	require.NoError(t, server.Resume(t.Context()))
	require.NoError(t, cmd.Wait(), said)
	require.Contains(t, out.String(), "the database is up to date")

	server.Halt()
	begin := time.Now()
	_, ended, err := runs(t, env, "migrate", "up", "--wait", "1s")
	require.Error(t, err)
	require.GreaterOrEqual(t, time.Since(begin), time.Second)
	require.Contains(t, ended, "anteroom: "+databaseAway+": ")
	require.Contains(t, ended, databaseIsAway.do)
	require.NoError(t, server.Resume(t.Context()))
}
