package job

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/lib/pq"
)

const (
	lookEvery   = time.Second
	lookTimeout = 5 * time.Second
	// deadAfter is how long a process has to be missed: one whose connection broke
	// has a new one sooner.
	deadAfter = 3 * time.Second
	// lockClass tells the locks of processes from others.
	lockClass = 0x0a17e
)

// errLost says that this process itself is without a lock.
var errLost = errors.New("job: the lock is lost")

// living is how processes that share a Postgres know of each other. Each holds a
// lock of its name, on a connection that ends when the process does, however
// that ends. Nothing is written, and no clock is compared with another.
type living struct {
	queue  *Queue
	name   string // River's of this process, which jobs bear that it runs
	conn   *sql.Conn
	missed map[string]time.Time // processes, since when
}

// hold gets a connection and the lock, unless they are there.
func (l *living) hold(ctx context.Context) error {
	if l.conn != nil {
		return nil
	}
	conn, err := l.queue.db.SQL.Conn(ctx)
	if err != nil {
		return err
	}
	l.conn = conn
	// Two names with one hash live as long as either.
	_, err = conn.ExecContext(ctx, "SELECT pg_try_advisory_lock_shared($1, hashtext($2))", lockClass, l.name)
	if err != nil {
		l.letGo()
	}
	return err
}

// letGo ends the connection and with it the lock; back in the pool it would keep it.
func (l *living) letGo() {
	if l.conn != nil {
		_ = l.conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = l.conn.Close()
		l.conn = nil
	}
}

// watch looks after the others until ctx is done.
func (l *living) watch(ctx context.Context) {
	defer l.letGo()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			err := l.look(ctx, now)
			if err == nil || ctx.Err() != nil {
				continue
			}
			l.queue.log.WarnContext(ctx, "jobs of processes that died cannot be looked for", slog.Any("error", err))
			l.letGo() // the connection may be what is wrong
			_ = l.hold(ctx)
		}
	}
}

// look takes up the jobs of those who have been dead for a while.
func (l *living) look(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if err := l.hold(ctx); err != nil {
		return err
	}
	names, err := l.absent(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(names, l.name) {
		return errLost
	}
	missed, dead := map[string]time.Time{}, []string(nil)
	for _, name := range names {
		since, before := l.missed[name]
		if !before {
			since = now
		}
		missed[name] = since
		if now.Sub(since) >= deadAfter {
			dead = append(dead, name)
		}
	}
	l.missed = missed
	return l.inherit(ctx, dead)
}

// absent are the processes without a lock that run jobs, or lead.
func (l *living) absent(ctx context.Context) (names []string, err error) {
	rows, err := l.conn.QueryContext(ctx, `SELECT o.name FROM (
			SELECT attempted_by[cardinality(attempted_by)] AS name FROM river_job WHERE state = 'running'
			UNION SELECT leader_id FROM river_leader
		) o WHERE o.name IS NOT NULL AND NOT EXISTS (
			SELECT FROM pg_locks k JOIN pg_database d ON d.oid = k.database
			WHERE d.datname = current_database() AND k.locktype = 'advisory' AND k.granted AND k.objsubid = 2
				AND k.classid::bigint = $1 AND k.objid::bigint = hashtext(o.name)::bigint & 4294967295)`, lockClass)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is Err's
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// inherit makes jobs available that ran in processes that are dead, and the lead
// free, without which nothing periodic runs.
func (l *living) inherit(ctx context.Context, dead []string) error {
	if len(dead) == 0 {
		return nil
	}
	done, err := l.conn.ExecContext(ctx, `UPDATE river_job
		SET state = 'available', max_attempts = greatest(max_attempts, attempt + 1)
		WHERE state = 'running' AND attempted_by[cardinality(attempted_by)] = ANY($1)`, pq.Array(dead))
	if err != nil {
		return err
	}
	if _, err := l.conn.ExecContext(ctx, "DELETE FROM river_leader WHERE leader_id = ANY($1)", pq.Array(dead)); err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err == nil && n > 0 {
		l.queue.log.InfoContext(ctx, "took up the jobs of a process that died", slog.Int64("jobs", n))
	}
	l.queue.wake.call()
	return nil
}
