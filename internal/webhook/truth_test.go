package webhook

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/meeting/meetingtest"
)

// TestTheAccountIsTrue tells stories with losses, doubles, delays, clocks that
// differ and times left out, asks the provider at any instants in between, and
// once more in the end: then who is there is right, and the history as right as
// it can be.
func TestTheAccountIsTrue(t *testing.T) {
	setChecks(t, 10_000)
	var known meetingtest.Ends
	begin, cases := time.Now(), 0
	rapid.Check(t, func(r *rapid.T) {
		known.Add(tell(r))
		if cases++; cases%2000 == 0 {
			t.Logf("%d cases, %v", cases, time.Since(begin).Round(time.Second))
		}
	})
	t.Logf("%d cases; %s", cases, known)
}

// setChecks sets to how many cases a property is put, unless the command line
// does; -short is a tenth.
func setChecks(t *testing.T, n int) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	if testing.Short() {
		n /= 10
	}
	before := flag.Lookup("rapid.checks").Value.String()
	require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(n)))
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// tell is one case.
func tell(r *rapid.T) meetingtest.Ends {
	w := newWorld(r, meetingtest.Tales(worldRooms...).Draw(r, "tale"))
	perfect := w.fold(w.All).Lines()
	if !w.Lossy {
		require.Equal(r, perfect, w.fold(w.Heard).Lines(), "order and doubles")
	}
	for range rapid.IntRange(0, 2).Draw(r, "rounds in between") {
		left := int(w.Latest().Sub(w.now.Now()) / time.Millisecond)
		w.round(w.now.Now().Add(time.Duration(rapid.IntRange(0, max(left, 1)).Draw(r, "round in ms")) * time.Millisecond))
	}
	mends := w.round(w.Latest().Add(time.Minute))
	if !w.Lossy && !w.Bare {
		require.Empty(r, mends, "nothing is left to mend")
		require.Equal(r, perfect, w.account().Lines(), "and what rounds found in between has no trace")
	}
	return w.RequireTrue(r, w.account(), w.now.Now())
}
