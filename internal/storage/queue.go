package storage

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/jonboulle/clockwork"
	"gocloud.dev/pubsub"
	_ "gocloud.dev/pubsub/awssnssqs" // awssqs://
)

// Queue hears a bucket's notifications where the bucket cannot post them to
// us: AWS puts them into SQS.
type Queue struct {
	url   string
	clock clockwork.Clock
	log   *slog.Logger
}

const (
	// patience is how long a queue that failed is left alone.
	patience = 10 * time.Second
	// farewell is how long the last messages may take to be deleted.
	farewell = 5 * time.Second
)

// NewQueue is of awssqs://host/account/name?region=…, with keys from the
// environment as for a bucket. Nothing is fetched yet.
func NewQueue(raw string, clock clockwork.Clock, log *slog.Logger) (*Queue, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "awssqs" {
		return nil, errors.New("a queue of notifications is awssqs://…")
	}
	q := u.Query()
	if !q.Has("waittime") {
		q.Set("waittime", "10s") // or it asks four times a second
	}
	if !q.Has("nacklazy") {
		q.Set("nacklazy", "true") // what failed comes back after the queue's own timeout, not at once for ever
	}
	u.RawQuery = q.Encode()
	return &Queue{u.String(), clock, log}, nil
}

// Check sees that the queue can be read: what it may bring for that is there again a
// second later.
func (q *Queue) Check(ctx context.Context) error {
	s, err := pubsub.OpenSubscription(ctx, q.url)
	if err != nil {
		return err
	}
	defer func() { _ = s.Shutdown(ctx) }()
	var client *sqs.Client
	u, err := url.Parse(q.url)
	if err != nil || !s.As(&client) {
		return errors.Join(err, errors.New("this is no queue of SQS"))
	}
	_, err = client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String("https://" + u.Host + u.Path), MaxNumberOfMessages: 1, VisibilityTimeout: 1,
	})
	return err
}

// Run hands the witnesses of each message to take until ctx is done, one
// message at a time. A message is deleted when take accepted it, or when
// nobody could ever understand it; else the queue brings it again. So take sees
// each at least once, in any order. A queue that is away is asked again after a
// while.
func (q *Queue) Run(ctx context.Context, take func(context.Context, []Witness) error) {
	for ctx.Err() == nil {
		if err := q.listen(ctx, take); err != nil && ctx.Err() == nil {
			q.log.Error("the queue of a bucket's notifications cannot be read", "error", err)
			select {
			case <-ctx.Done():
			case <-q.clock.After(patience):
			}
		}
	}
}

// listen ends with the first error: what it asks by cannot be used after one.
func (q *Queue) listen(ctx context.Context, take func(context.Context, []Witness) error) error {
	s, err := pubsub.OpenSubscription(ctx, q.url)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		_ = s.Shutdown(ctx) // after what was accepted is deleted there
	}()
	for {
		m, err := s.Receive(ctx)
		if err != nil {
			return err
		}
		q.handle(ctx, m, take)
	}
}

func (q *Queue) handle(ctx context.Context, m *pubsub.Message, take func(context.Context, []Witness) error) {
	witnesses, err := ParseNotification(m.Body)
	if err != nil {
		q.log.Warn("dropped a message that is no notification of a bucket", "message", m.LoggableID)
	} else if len(witnesses) > 0 {
		if err := take(ctx, witnesses); err != nil {
			q.log.Error("could not take in a notification of a bucket: the queue will bring it again", "error", err)
			m.Nack() // SQS always can
			return
		}
	}
	m.Ack()
}
