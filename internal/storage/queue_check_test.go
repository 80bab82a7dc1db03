package storage_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// TestQueueCheck leaves what is in the queue to those who listen.
func TestQueueCheck(t *testing.T) {
	at := storagetest.SQS(t)
	send(t, at, notification(t, "aws_put.json"))
	q, err := storage.NewQueue(at+"&waittime=1s", clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.NoError(t, q.Check(t.Context()))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var found []storage.Witness
	q.Run(ctx, func(_ context.Context, w []storage.Witness) error {
		found = append(found, w...)
		stop()
		return nil
	})
	require.Len(t, found, 1)

	q, err = storage.NewQueue(strings.Replace(at, "/notifications", "/nowhere", 1), clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.Error(t, q.Check(t.Context()))
}
