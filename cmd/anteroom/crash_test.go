//go:build failpoint

package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// crashEvents are told at least in a crash test.
const crashEvents = 5000

// randomKills are those at no place in particular.
const randomKills = 5

// killLimit is ten times what it may take to get to where a process dies.
const killLimit = 100 * time.Second

// places are where a program dies, with how often it passes them at most before.
var places = map[string]int{
	"merged, not committed": 30, "committed, not answered": 200, "claimed, not called": 15, "called, not noted": 15,
}

// TestCrashes has the program killed again and again, at each of the places and
// at random, while it is told of meetings, and started again on what it left. In the
// end all is as if nothing had happened.
func TestCrashes(t *testing.T) {
	t.Parallel() // it waits more than it works
	seed := drawSeed(t)
	all := drawLives(seed, crashEvents)
	t.Logf("%d events in %d rooms", all.count(), len(all))
	want := all.undisturbed(t)

	t.Run("sqlite", func(t *testing.T) { crash(t, seed, all, dbtest.SQLiteURL(t), want) })
	t.Run("postgres", func(t *testing.T) {
		dbtest.PostgresURL(t) // skips, or fails in CI, when there is no Postgres
		server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{Durable: true})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, server.Stop()) })
		crash(t, seed, all, server.URL("postgres"), want)
	})
}

// TestNoFailPoints looks at the program as it is built for use.
func TestNoFailPoints(t *testing.T) {
	program, err := os.ReadFile(filepath.Join(filepath.Dir(livekittest.Binary(t)), "anteroom"))
	require.NoError(t, err, "build it")
	require.NotContains(t, string(program), failpoint.Env)
	for _, place := range append(slices.Collect(maps.Keys(places)), recordingPlaces...) {
		require.NotContains(t, string(program), place)
	}
}

// death is how a process comes to its end.
type death struct {
	place string // none when it is killed from without
	after int    // passing the place, or events told
}

func (d death) env() string { return fmt.Sprintf("%s=%s:%d", failpoint.Env, d.place, d.after) }

func drawDeaths(seed int) (deaths []death) {
	r := rand.New(rand.NewPCG(uint64(seed), 0))
	for _, place := range slices.Sorted(maps.Keys(places)) {
		deaths = append(deaths, death{place, r.IntN(places[place])})
	}
	for range randomKills {
		deaths = append(deaths, death{after: 100 + r.IntN(500)})
	}
	r.Shuffle(len(deaths), func(a, b int) { deaths[a], deaths[b] = deaths[b], deaths[a] })
	return deaths
}

func crash(t *testing.T, seed int, all lives, databaseURL string, want []string) {
	server := livekittest.Start(t)
	s := served{Listen: freeAddress(t), DatabaseURL: databaseURL, LiveKitURL: server.URL(), PublicURL: server.WSURL(), Files: t.TempDir()}
	p := startProcess(t, s)
	rooms := p.makeRooms(all)
	p.stop()

	tellers := all.tell(t.Context(), rooms, p.url)
	for _, d := range drawDeaths(seed) {
		p = startProcess(t, s, d.env())
		begun := tellers.told.Load()
		if d.place == "" {
			await(t, killLimit, "events are told", func() bool { return tellers.told.Load() >= begun+int64(d.after) })
			require.NoError(t, p.cmd.Process.Kill())
		}
		p.dies()
		t.Logf("killed at %q after %d events", d.place, tellers.told.Load()-begun)
	}
	require.Less(t, int(tellers.told.Load()), all.count(), "it was killed while it was told")
	p = startProcess(t, s)
	tellers.all.Wait()
	require.NoError(t, p.cmd.Process.Kill(), "when nothing but jobs is left")
	p.dies()
	p = startProcess(t, s)
	d := dbtest.Open(t, databaseURL)
	t.Logf("told with %d repeats; no job is left %v later", tellers.repeats.Load(), awaitIdle(t, d))
	p.stop()
	require.Equal(t, want, account(t, d))
	rules, err := livekittest.Provider(t, server).ListRules(t.Context())
	require.NoError(t, err)
	require.Empty(t, rules)
	require.Zero(t, d.DispatchRule.Query().Where(notAbsent).CountX(t.Context()))
}
