package storage

import (
	"context"
	"errors"
	"log/slog"
	"net/url"

	"gocloud.dev/pubsub"
	_ "gocloud.dev/pubsub/awssnssqs" // awssqs://
)

// Queue hears a bucket's notifications where the bucket cannot post them to
// us: AWS puts them into SQS.
type Queue struct {
	subscription *pubsub.Subscription
	log          *slog.Logger
}

// OpenQueue opens awssqs://host/account/name?region=…, with keys from the
// environment as for a bucket. Nothing is fetched yet.
func OpenQueue(ctx context.Context, raw string, log *slog.Logger) (*Queue, error) {
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
	s, err := pubsub.OpenSubscription(ctx, u.String())
	if err != nil {
		return nil, err
	}
	return &Queue{s, log}, nil
}

// Run hands the witnesses of each message to take until ctx is done, one
// message at a time. A message is deleted when take accepted it, or when
// nobody could ever understand it; else the queue brings it again. So take sees
// each at least once, in any order.
func (q *Queue) Run(ctx context.Context, take func(context.Context, []Witness) error) error {
	for {
		m, err := q.subscription.Receive(ctx)
		switch {
		case err == nil:
			q.handle(ctx, m, take)
		case ctx.Err() == nil:
			return ErrUnavailable.Because(err)
		default:
			return nil
		}
	}
}

func (q *Queue) handle(ctx context.Context, m *pubsub.Message, take func(context.Context, []Witness) error) {
	witnesses, err := ParseNotification(m.Body)
	if err != nil {
		q.log.Warn("dropped a message that is no notification of a bucket", "message", m.LoggableID)
	} else if len(witnesses) > 0 {
		err = take(ctx, witnesses)
		if err != nil {
			q.log.Error("could not take in a notification of a bucket: the queue will bring it again", "error", err)
			if m.Nackable() {
				m.Nack()
			}
			return
		}
	}
	m.Ack()
}

// Close lets go of the queue, after what was acknowledged is deleted there.
func (q *Queue) Close(ctx context.Context) error { return q.subscription.Shutdown(ctx) }
