package job_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// TestADatabaseThatIsAwayIsToldOfOnce: work is looked for ten times a second, and the
// log must not say as often that there is no database to look into.
func TestADatabaseThatIsAwayIsToldOfOnce(t *testing.T) {
	server, err := dbtest.StartPostgres(t.Context(), dbtest.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Stop()) })
	d := dbtest.Open(t, server.URL("postgres"))
	require.NoError(t, d.Migrate(t.Context()))
	var l log
	q := job.New(d, slog.New(slog.NewTextHandler(&l, &slog.HandlerOptions{ReplaceAttr: withoutTime})))
	job.Handle(q, func(context.Context, greet, job.Attempt) error { return nil })
	require.NoError(t, q.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, q.Stop(context.WithoutCancel(t.Context()))) })

	server.Halt()
	const message = "Error fetching jobs"
	require.Eventually(t, func() bool { return strings.Contains(l.String(), message) }, 10*time.Second, 10*time.Millisecond)
	time.Sleep(2 * time.Second) // for lines that must not come
	for line, n := range lines(&l) {
		assert.Equal(t, 1, n, "%s", line)
	}
	require.NoError(t, server.Resume(t.Context()))
}

// TestALineComesAgainAfterAMinute: who looks at the log later must find it as well.
func TestALineComesAgainAfterAMinute(t *testing.T) {
	var l log
	h := job.Seldom(slog.NewTextHandler(&l, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tell := func(after time.Duration, why string) {
		r := slog.NewRecord(begin.Add(after), slog.LevelError, "work cannot be looked for", 0)
		r.AddAttrs(slog.String("error", why))
		require.NoError(t, h.Handle(t.Context(), r))
	}
	tell(0, "refused")
	tell(time.Second, "refused")
	tell(time.Second, "starting up")
	tell(59*time.Second, "refused")
	tell(time.Minute, "refused")
	tell(61*time.Second, "refused")
	assert.Equal(t, map[string]int{
		`level=ERROR msg="work cannot be looked for" error=refused`:       2,
		`level=ERROR msg="work cannot be looked for" error="starting up"`: 1,
	}, lines(&l))
}

func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// lines are the different lines of a log, and how often each came.
func lines(l *log) map[string]int {
	times := map[string]int{}
	for line := range strings.Lines(l.String()) {
		times[strings.TrimSpace(line)]++
	}
	return times
}
