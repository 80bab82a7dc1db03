package storage_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/pubsub"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

func send(t *testing.T, queue string, bodies ...[]byte) {
	t.Helper()
	topic, err := pubsub.OpenTopic(t.Context(), queue)
	require.NoError(t, err)
	for _, b := range bodies {
		require.NoError(t, topic.Send(t.Context(), &pubsub.Message{Body: b}))
	}
	require.NoError(t, topic.Shutdown(t.Context()))
}

func TestQueue(t *testing.T) {
	at := storagetest.SQS(t)
	send(t, at, []byte("nonsense"), notification(t, "aws_test.json"), notification(t, "minio_removed.json"),
		notification(t, "aws_put.json"), notification(t, "aws_sns.json"))
	var log strings.Builder
	q, err := storage.OpenQueue(t.Context(), at+"&waittime=1s", slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, q.Close(context.WithoutCancel(t.Context()))) })

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen, refused := map[string]int{}, 0
	take := func(_ context.Context, found []storage.Witness) error {
		if refused < 3 {
			refused++
			return errors.New("not now")
		}
		for _, w := range found {
			seen[w.Key]++
		}
		if len(seen) == 2 {
			stop()
		}
		return nil
	}
	require.NoError(t, q.Run(ctx, take))
	require.Equal(t, map[string]int{"room/a bé.mp4": 1, "room/a.mp4": 1}, seen, "those that were refused came again, the rest is not passed on")
	require.Equal(t, 3, refused)
	require.Contains(t, log.String(), "no notification")
	require.NotContains(t, log.String(), "nonsense")
}

func TestQueueThatIsAway(t *testing.T) {
	at := strings.Replace(storagetest.SQS(t), "/notifications", "/nothing", 1)
	q, err := storage.OpenQueue(t.Context(), at, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.ErrorIs(t, q.Run(t.Context(), nil), storage.ErrUnavailable)
	_ = q.Close(t.Context())
	for _, bad := range []string{"", "mem://queue", "https://sqs.eu-west-3.amazonaws.com/1/q", "awssqs://q?no_such=parameter"} {
		_, err := storage.OpenQueue(t.Context(), bad, nil)
		require.Error(t, err, bad)
	}
}
