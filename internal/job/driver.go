package job

import (
	"context"
	"database/sql"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// driver is River's for the database, but for how it hears of new jobs.
func (q *Queue) driver() riverdriver.Driver[*sql.Tx] {
	if q.db.IsPostgres() {
		return wakingDriver{riverdatabasesql.New(q.db.SQL), q.wake}
	}
	return wakingDriver{riversqlite.New(q.db.SQL), q.wake}
}

// wakingDriver tells River of the jobs that this process commits, at once and
// without a statement; those of other processes are found by polling.
type wakingDriver struct {
	riverdriver.Driver[*sql.Tx]
	wake waker
}

// SupportsListener implements riverdriver.Driver.
func (wakingDriver) SupportsListener() bool { return true }

// SupportsListenNotify implements riverdriver.Driver. Nobody listens in the
// database, so River need not notify there.
func (wakingDriver) SupportsListenNotify() bool { return false }

// GetListener implements riverdriver.Driver.
func (d wakingDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return d.wake
}

// waker is a riverdriver.Listener that hears call.
type waker chan struct{}

// call says that there is a new job. Two calls may be heard as one.
func (w waker) call() {
	select {
	case w <- struct{}{}:
	default:
	}
}

// WaitForNotification implements riverdriver.Listener.
func (w waker) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w:
		return &riverdriver.Notification{Topic: "river_insert", Payload: `{"queue":"` + river.QueueDefault + `"}`}, nil
	}
}

// The rest of riverdriver.Listener, for which there is nothing to do.

func (waker) Close(context.Context) error            { return nil }
func (waker) Connect(context.Context) error          { return nil }
func (waker) Listen(context.Context, string) error   { return nil }
func (waker) Unlisten(context.Context, string) error { return nil }
func (waker) Ping(context.Context) error             { return nil }
func (waker) Schema() string                         { return "" }
func (waker) SetAfterConnectExec(string)             {}
