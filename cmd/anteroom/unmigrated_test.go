package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestCommandsNeedAMigratedDatabase: commands that read the database say in one
// sentence what to do when it is empty.
func TestCommandsNeedAMigratedDatabase(t *testing.T) {
	for name, empty := range map[string]func(testing.TB) string{"sqlite": dbtest.EmptySQLiteURL, "postgres": dbtest.EmptyPostgresURL} {
		t.Run(name, func(t *testing.T) {
			env := map[string]string{"ANTEROOM_DATABASE_URL": empty(t)}
			for _, args := range [][]string{
				{"apikey", "create", "--name", "booking", "--scope", "rooms:read"},
				{"apikey", "list"},
				{"apikey", "revoke", uuid.NewString()},
				{"storage", "audit", "--storage-url", "file://" + t.TempDir()},
			} {
				out, said, err := runs(t, env, args...)
				require.Error(t, err, args)
				require.Empty(t, out)
				require.Contains(t, said, "anteroom migrate up", args)
				require.NotContains(t, strings.TrimSpace(said), "\n", "one sentence")
			}
		})
	}
}
