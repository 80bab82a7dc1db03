package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"

	"github.com/anteroom-dev/anteroom/ent"
)

// txTries is how often a transaction is tried when Postgres asks for it.
const txTries = 5

// Tx is a running transaction. On SQLite, only it may be used until it ends:
// a write through the DB would wait for it for ever.
type Tx struct {
	*ent.Client
	SQL     *sql.Tx
	Dialect string

	committed []func()
}

// OnCommit has f called after the commit; a hint to somebody that there is
// something new, nothing that must happen.
func (tx *Tx) OnCommit(f func()) { tx.committed = append(tx.committed, f) }

// InTx runs f in one transaction, commits it when f returns nil and rolls it
// back when f fails or panics. When Postgres breaks the transaction off for
// the sake of another one (a deadlock, a serialization failure), f runs again
// in a new one, so it must not change anything but the database.
func (d *DB) InTx(ctx context.Context, f func(tx *Tx) error) error {
	for try := 1; ; try++ {
		err := d.tryTx(ctx, f)
		if err == nil || try == txTries || !isRetryable(err) {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
}

func (d *DB) tryTx(ctx context.Context, f func(tx *Tx) error) error {
	sqlTx, err := d.SQL.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	tx := newTx(sqlTx, d.Dialect)
	ended := false
	defer func() { // a panic, or runtime.Goexit, passes through
		if !ended {
			_ = sqlTx.Rollback()
		}
	}()
	err = f(tx)
	ended = true
	if err != nil {
		return rollback(sqlTx, err)
	}
	if err := sqlTx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	for _, f := range tx.committed {
		f()
	}
	return nil
}

func newTx(sqlTx *sql.Tx, name string) *Tx {
	drv := txDriver{entsql.NewDriver(name, entsql.Conn{ExecQuerier: sqlTx})}
	return &Tx{Client: ent.NewClient(ent.Driver(drv)), SQL: sqlTx, Dialect: name}
}

func rollback(tx *sql.Tx, cause error) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("%w (rollback: %w)", cause, err)
	}
	return cause
}

// pause waits a little longer each time, and never the same for two.
func pause(ctx context.Context, try int) error {
	most := 10 * time.Millisecond << try
	timer := time.NewTimer(rand.N(most)) //nolint:gosec // jitter is no secret
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// txDriver is Ent's driver within a transaction. Ent wraps an update in a
// transaction of its own; here that is the one that runs already.
type txDriver struct{ *entsql.Driver }

// Tx implements dialect.Driver.
func (d txDriver) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d), nil }

// BeginTx keeps the embedded driver from looking for a pool.
func (d txDriver) BeginTx(context.Context, *entsql.TxOptions) (dialect.Tx, error) {
	return dialect.NopTx(d), nil
}

// Close implements dialect.Driver. Who began the transaction ends it.
func (txDriver) Close() error { return nil }

// Lock is a predicate that locks the rows of a query until the transaction
// ends: tx.Room.Query().Where(room.ID(id), db.Lock). On Postgres it is the
// lock that other transactions' foreign-key checks do not wait for; SQLite's
// transactions are alone from their beginning and need none.
func Lock(s *entsql.Selector) {
	if s.Dialect() == dialect.Postgres {
		s.For(entsql.LockNoKeyUpdate)
	}
}

// LockFree is Lock for those rows that nobody else has locked; the others are
// passed over.
func LockFree(s *entsql.Selector) {
	if s.Dialect() == dialect.Postgres {
		s.For(entsql.LockNoKeyUpdate, entsql.WithLockAction(entsql.SkipLocked))
	}
}
