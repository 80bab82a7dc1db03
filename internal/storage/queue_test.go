package storage_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
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
	q, err := storage.NewQueue(at+"&waittime=1s", clockwork.NewRealClock(), slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	seen, refused := map[string]int{}, 0
	q.Run(ctx, func(_ context.Context, found []storage.Witness) error {
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
	})
	require.Equal(t, map[string]int{"room/a bé.mp4": 1, "room/a.mp4": 1}, seen, "those that were refused came again, the rest is not passed on")
	require.Equal(t, 3, refused)
	require.Contains(t, log.String(), "no notification")
	require.NotContains(t, log.String(), "nonsense")
}

// TestQueueThatIsAway is one that is made while it is waited for.
func TestQueueThatIsAway(t *testing.T) {
	at := strings.Replace(storagetest.SQS(t), "/notifications", "/later", 1)
	clock := clockwork.NewFakeClock()
	q, err := storage.NewQueue(at+"&waittime=1s", clock, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	found, ended := make(chan []storage.Witness, 1), make(chan struct{})
	go func() {
		defer close(ended)
		q.Run(ctx, func(_ context.Context, w []storage.Witness) error {
			found <- w
			return nil
		})
	}()
	require.NoError(t, clock.BlockUntilContext(ctx, 1))
	storagetest.MakeQueue(t, at)
	send(t, at, notification(t, "aws_put.json"))
	clock.Advance(time.Minute)
	require.Equal(t, "room/a bé.mp4", (<-found)[0].Key)
	stop()
	<-ended
}

func TestQueuesRefused(t *testing.T) {
	for _, bad := range []string{"", "mem://queue", "https://sqs.eu-west-3.amazonaws.com/1/q", "awssqs://%zz"} {
		_, err := storage.NewQueue(bad, clockwork.NewRealClock(), nil)
		require.Error(t, err, bad)
	}
}
