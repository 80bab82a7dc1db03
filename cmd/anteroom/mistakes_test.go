package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestMistakesAreSaid: what people get wrong at the start, and what they are told.
func TestMistakesAreSaid(t *testing.T) {
	secret := file(t, "secret", "0123456789012345678901234567890123456789\n")
	right := file(t, "anteroom.yaml", enough)
	away := "postgres://anteroom@127.0.0.1:1/anteroom"
	for name, try := range map[string]struct {
		env  map[string]string
		args []string
		said string
	}{
		"a variable is misspelt": {
			map[string]string{"ANTEROOM_DATABSE_URL": "sqlite:x"}, []string{"migrate", "up"},
			"  ANTEROOM_DATABSE_URL: is in the environment and is no setting: is it misspelt?\n",
		},
		"a secret is said twice": {
			nil, []string{"config", "--check", "--config", right, "--secret", "0123456789012345678901234567890123456789", "--secret-file", secret},
			"--secret and --secret-file are both said: keep one",
		},
		"no such database": {
			nil, []string{"config", "--check", "--config", right, "--database-url", "mysql://db/anteroom"},
			"the database URL must look like postgres://",
		},
		"the database is away": {
			nil, []string{"migrate", "up", "--wait", "0s", "--database-url", away},
			"anteroom: the database does not answer: reach the database: ",
		},
		"what to do then":   {nil, []string{"apikey", "list", "--database-url", away}, ". See that it runs, and that --database-url leads to it from here\n"},
		"an empty database": {nil, []string{"apikey", "list", "--database-url", dbtest.EmptySQLiteURL(t)}, "migrations are pending: run `anteroom migrate up`"},
		"to reconcile one":  {nil, []string{"reconcile", "--config", right, "--database-url", dbtest.EmptySQLiteURL(t)}, "migrations are pending: run `anteroom migrate up`"},
		"no such file":      {nil, []string{"config", "--check", "--config", right, "--mail-url-file", "/nowhere"}, "--mail-url-file, ANTEROOM_MAIL_URL_FILE: "},
		"LiveKit is not there": {
			nil, []string{"reconcile", "--config", right, "--livekit-url", "http://127.0.0.1:1", "--database-url", dbtest.SQLiteURL(t)},
			"anteroom: reconcile livekit: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, said, err := runs(t, try.env, try.args...)
			require.Error(t, err)
			require.Contains(t, said, try.said)
			require.Empty(t, out, "nothing was done")
		})
	}

	// It may be somebody else's, and where it is a cluster's nobody asks.
	others := map[string]string{"ANTEROOM_BACKUP_BUCKET": "backups", "ANTEROOM_SERVICE_HOST": "10.0.0.1"}
	_, said, err := runs(t, others, "config", "--check", "--config", right)
	require.NoError(t, err)
	require.Contains(t, said, "ANTEROOM_BACKUP_BUCKET is in the environment and is no setting")
	require.NotContains(t, said, "ANTEROOM_SERVICE_HOST")
}

// TestARefusalIsInTheWordsOfThePage: serve ends with what doctor says.
func TestARefusalIsInTheWordsOfThePage(t *testing.T) {
	server, err := url.Parse(dbtest.PostgresURL(t))
	require.NoError(t, err)
	server.Path = "/no_such_database"
	for _, command := range []string{"serve", "migrate up"} {
		t.Run(command, func(t *testing.T) {
			env := serveEnv(t, server.String(), "http://127.0.0.1:1", "ws://127.0.0.1:1")
			_, said, err := runs(t, env, strings.Fields(command)...)
			require.Error(t, err)
			require.Contains(t, said, "anteroom: "+databaseRefuses.text+": ")
			require.Contains(t, said, databaseRefuses.do)
		})
	}
}
