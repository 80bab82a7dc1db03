package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// TestServeOnADatabaseThatIsOnlyRead: who waits for a standby says that it is one, and
// goes on when it has become the primary.
func TestServeOnADatabaseThatIsOnlyRead(t *testing.T) {
	address := dbtest.PostgresURL(t)
	database, err := url.Parse(address)
	require.NoError(t, err)
	d, err := db.Open(t.Context(), address)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	alter := "ALTER DATABASE " + strings.TrimPrefix(database.Path, "/") + " SET default_transaction_read_only = "
	_, err = d.SQL.ExecContext(t.Context(), alter+"on")
	require.NoError(t, err)

	lk := livekittest.Start(t)
	p := startServe(t, serveEnv(t, address, lk.URL(), lk.WSURL()))
	p.awaitSaid(http.StatusServiceUnavailable, databaseIsRead.text)
	await(t, readyLimit, "it is logged", func() bool { return strings.Contains(p.log.String(), databaseIsRead.text) })
	require.NotContains(t, p.log.String(), databaseAway)

	_, err = d.SQL.ExecContext(t.Context(), "SET default_transaction_read_only = off")
	require.NoError(t, err)
	_, err = d.SQL.ExecContext(t.Context(), alter+"off")
	require.NoError(t, err)
	p.awaitReady()
	p.stop()
}
