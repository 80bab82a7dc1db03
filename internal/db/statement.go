package db

import (
	"container/list"
	"context"
	"database/sql/driver"
	"encoding/json"
	"time"
)

// statementCacheSize is how many prepared statements a connection keeps. Ent
// and River together write fewer texts than this; lists of varying length may
// write more.
const statementCacheSize = 200

// connector makes connections that keep their prepared statements, by query
// text: Ent never prepares, so otherwise the database would parse and plan each
// query anew. A size of 0 keeps none.
type connector struct {
	driver.Connector
	size     int
	finalize bool // a connection cannot be closed before its statements are
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{base: inner.(base), of: c, byText: map[string]*list.Element{}}, nil
}

// base is what both drivers' connections can do.
type base interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection with its statements, the one used last in front. Like
// every driver.Conn it is used by one goroutine at a time.
type conn struct {
	base
	of     *connector
	recent list.List
	byText map[string]*list.Element
}

// statement is a prepared one. It is busy while its rows are being read: run
// again, SQLite would restart them.
type statement struct {
	text string
	stmt driver.Stmt
	busy bool
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.prepared(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.base.ExecContext(ctx, query, args)
	}
	result, err := s.stmt.(driver.StmtExecContext).ExecContext(ctx, args)
	if isStale(err) {
		c.forget(c.byText[query])
		if again, errAgain := c.base.ExecContext(ctx, query, args); errAgain == nil {
			return again, nil
		}
	}
	return result, err
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.prepared(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.base.QueryContext(ctx, query, args)
	}
	inner, err := s.stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if isStale(err) {
		c.forget(c.byText[query])
		if again, errAgain := c.base.QueryContext(ctx, query, args); errAgain == nil {
			return again, nil // in a failed transaction this fails, and the first error tells more
		}
	}
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &rows{Rows: inner, of: s}, nil
}

// prepared gives the statement for a query, or none if it is to be run plainly.
// Without arguments it is: several statements may be in one text then, which
// cannot be prepared, and migrations are such texts.
func (c *conn) prepared(ctx context.Context, query string, args []driver.NamedValue) (*statement, error) {
	if len(args) == 0 || c.of.size == 0 {
		return nil, nil
	}
	if e, ok := c.byText[query]; ok {
		if s := e.Value.(*statement); !s.busy {
			c.recent.MoveToFront(e)
			return s, nil
		}
		return nil, nil
	}
	if c.recent.Len() >= c.of.size {
		c.forget(c.recent.Back())
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{text: query, stmt: stmt}
	c.byText[query] = c.recent.PushFront(s)
	return s, nil
}

// forget drops a statement. Should closing it fail, the connection is broken,
// which the next use of it tells.
func (c *conn) forget(e *list.Element) {
	s := e.Value.(*statement)
	c.recent.Remove(e)
	delete(c.byText, s.text)
	_ = s.stmt.Close()
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	for c.of.finalize && c.recent.Len() > 0 {
		c.forget(c.recent.Back())
	}
	return c.base.Close()
}

// CheckNamedValue makes both databases store the same: times in UTC to the
// microsecond, which is as far as Postgres goes, and JSON as text, which as
// bytes lib/pq would send in a format that Postgres' jsonb does not take.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	switch x := v.Value.(type) {
	case time.Time:
		v.Value = x.UTC().Truncate(time.Microsecond)
		return nil
	case *time.Time:
		if v.Value = nil; x != nil {
			v.Value = x.UTC().Truncate(time.Microsecond)
		}
		return nil
	case json.RawMessage:
		if x != nil {
			v.Value = string(x)
			return nil
		}
	}
	if checker, ok := c.base.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// rows give their statement back when they are closed.
type rows struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
