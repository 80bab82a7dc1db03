package job_test

import (
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
)

// TestAStartThatFailedIsTriedAgain: a start that went wrong, as the database did not
// take it, does not count for one when it is asked for once more.
func TestAStartThatFailedIsTriedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ran := make(chan string, 1)
		q := job.New(d, slog.New(slog.DiscardHandler))
		job.Handle(q, func(_ context.Context, g greet, _ job.Attempt) error {
			ran <- g.Name
			return nil
		})
		rename := func(from, to string) {
			_, err := d.SQL.ExecContext(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to)
			require.NoError(t, err)
		}
		rename("river_queue", "nowhere")
		for range 2 {
			require.Error(t, q.Start(t.Context()))
		}
		rename("nowhere", "river_queue")
		require.NoError(t, q.Start(t.Context()))
		t.Cleanup(func() { assert.NoError(t, q.Stop(context.WithoutCancel(t.Context()))) })
		enqueue(t, d, q, greet{"Ada"})
		require.NoError(t, q.Idle(t.Context()))
		require.Equal(t, "Ada", <-ran)
	})
}
