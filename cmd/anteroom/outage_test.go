package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// seedEnv has a test draw again what it drew when it failed.
const seedEnv = "ANTEROOM_TEST_SEED"

const (
	outageEvents = 500
	// outageLimit is how long the program may take to be right again after an
	// outage; it looks each minute at rooms that nothing happens in.
	outageLimit = 3 * time.Minute
	shortOutage = 4 * time.Second
)

// undisturbed is the account when nothing happens.
func (all lives) undisturbed(t *testing.T) []string {
	t.Helper()
	p := start(t, dbtest.SQLiteURL(t))
	all.tell(t.Context(), p.makeRooms(all), p.url).all.Wait()
	awaitIdle(t, p.app.db)
	return account(t, p.app.db)
}

// drawSeed is another one each time, unless the environment says which.
func drawSeed(t *testing.T) int {
	t.Helper()
	seed, err := strconv.Atoi(os.Getenv(seedEnv))
	if err != nil {
		seed = rand.IntN(1 << 30)
	}
	t.Logf("%s=%d", seedEnv, seed)
	return seed
}

// requireSettled sees that every job has run to its end, without a try too many
// if nothing was to fail.
func requireSettled(t *testing.T, d *db.DB, failures bool) {
	t.Helper()
	count := func(where string) (n int) {
		require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(*) FROM river_job WHERE "+where).Scan(&n))
		return n
	}
	// A round that comes every so often may have just begun; only rounds are unique.
	const ours = " AND NOT (unique_key IS NOT NULL AND attempt <= 1 AND state IN ('available', 'running'))"
	require.Zero(t, count("state IN ('retryable', 'running', 'available')"+ours))
	if !failures {
		require.Zero(t, count("(attempt > 1 OR state NOT IN ('completed', 'scheduled'))"+ours), "something failed")
	}
	require.Zero(t, d.DispatchRule.Query().Where(notAbsent).CountX(t.Context()))
}

// TestLiveKitAway has LiveKit's API out of reach while people come and go, of
// whom it tells all the same.
func TestLiveKitAway(t *testing.T) {
	t.Parallel() // it waits more than it works
	onEach(t, func(t *testing.T, p *program) { liveKitAway(t, p, shortOutage) })
}

func liveKitAway(t *testing.T, p *program, away time.Duration) {
	all := drawLives(drawSeed(t), outageEvents)
	want := all.undisturbed(t)
	host := p.as("host")
	left, entered := p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC), p.room(host, anteroomv1.AccessLevel_ACCESS_LEVEL_PUBLIC)
	leave := p.bot(p.join(host, left.GetSlug()))
	await(t, settleLimit, "the first rule appears", func() bool { return len(p.rules()) == 1 })
	rooms := p.makeRooms(all)

	begin := time.Now()
	tellers := all.tell(t.Context(), rooms, p.url)
	await(t, settleLimit, "events are told", func() bool { return tellers.told.Load() > outageEvents/4 })
	p.proxy.refuse(true)
	leave()
	p.awaitPeople(left.GetId(), 0)
	leave = p.bot(p.join(host, entered.GetSlug()))
	p.awaitPeople(entered.GetId(), 1)
	tellers.all.Wait()
	time.Sleep(away - time.Since(begin)) // LiveKit is away for as long as that
	p.proxy.refuse(false)

	right := func() bool {
		rules := p.rules()
		return len(rules) == 1 && rules[0].RoomID == entered.GetId()
	}
	t.Logf("right again %v after LiveKit was back", await(t, outageLimit, "the rules are right", right))
	leave()
	await(t, settleLimit, "the last rule goes", func() bool { return len(p.rules()) == 0 })
	awaitIdle(t, p.app.db)
	requireSettled(t, p.app.db, true)
	require.Equal(t, want, account(t, p.app.db))
}

// TestPostgresRestarts has the database shut down and started again while
// people come and go.
func TestPostgresRestarts(t *testing.T) {
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{Durable: true})
	if errors.Is(err, dbtest.ErrNoPostgres) {
		dbtest.PostgresURL(t) // skips, or fails in CI
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	all := drawLives(drawSeed(t), outageEvents)
	want := all.undisturbed(t)
	p := start(t, server.URL("postgres"))
	tellers := all.tell(t.Context(), p.makeRooms(all), p.url)
	for n := range int64(2) {
		await(t, settleLimit, "events are told", func() bool { return tellers.told.Load() > (n+1)*outageEvents/4 })
		server.Halt()
		refused := tellers.repeats.Load() + 3*connections
		await(t, settleLimit, "events are refused", func() bool { return tellers.repeats.Load() > refused })
		require.NoError(t, server.Resume(t.Context()))
	}
	tellers.all.Wait()
	t.Logf("told with %d repeats; no job is left %v later", tellers.repeats.Load(), awaitIdle(t, p.app.db))
	requireSettled(t, p.app.db, true)
	require.Empty(t, p.rules())
	require.Equal(t, want, account(t, p.app.db))
}

// TestTwoProcesses has two of them on one Postgres, with the events split
// between them.
func TestTwoProcesses(t *testing.T) { twoProcesses(t, 2*outageEvents) }

func twoProcesses(t *testing.T, events int) {
	url := dbtest.PostgresURL(t)
	all := drawLives(drawSeed(t), events)
	want := all.undisturbed(t)
	server := livekittest.Start(t)
	proxy := startProxy(t, server.URL())
	s := served{Listen: freeAddress(t), DatabaseURL: url, LiveKitURL: proxy.url, PublicURL: server.WSURL(), Files: t.TempDir()}
	one := startProcess(t, s)
	s.Listen = freeAddress(t)
	other := startProcess(t, s)
	tellers := all.tell(t.Context(), one.makeRooms(all), one.url, other.url)
	tellers.all.Wait()
	require.Zero(t, tellers.repeats.Load())
	d := dbtest.Open(t, url)
	awaitIdle(t, d)
	requireSettled(t, d, false)
	require.Equal(t, want, account(t, d))
	require.Empty(t, proxy.rules.overlaps(), "one settler of a room at a time")
	require.Empty(t, roundsAtOnce(t, d))
	t.Logf("LiveKit was asked for %d rules and %d deletions", proxy.calls("CreateSIPDispatchRule"), proxy.calls("DeleteSIPDispatchRule"))
	var workers int
	require.NoError(t, d.SQL.QueryRowContext(t.Context(), "SELECT count(DISTINCT attempted_by[1]) FROM river_job").Scan(&workers))
	require.Equal(t, 2, workers, "both have worked")
	one.stop()
	other.stop()
	for _, trouble := range []string{"level=WARN", "level=ERROR"} {
		require.NotContains(t, one.log.String()+other.log.String(), trouble)
	}
}

// roundsAtOnce are pairs of jobs that ran at once, of kinds of which there may
// be one over all processes.
func roundsAtOnce(t *testing.T, d *db.DB) (pairs []string) {
	t.Helper()
	rows, err := d.SQL.QueryContext(t.Context(), `SELECT a.kind, a.id, b.id FROM river_job a JOIN river_job b ON a.kind = b.kind AND a.id < b.id
		WHERE a.kind IN ('webhook.reconcile', 'sip.resume') AND a.attempted_at < b.finalized_at AND b.attempted_at < a.finalized_at`)
	require.NoError(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind string
		var a, b int64
		require.NoError(t, rows.Scan(&kind, &a, &b))
		pairs = append(pairs, fmt.Sprintf("%s %d %d", kind, a, b))
	}
	require.NoError(t, rows.Err())
	return pairs
}
