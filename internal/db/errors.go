package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	"entgo.io/ent/dialect/sql/sqlgraph"
	"github.com/lib/pq"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// IsUnique is whether a unique index refused a row. (ent.IsConstraintError is
// true for foreign keys as well.)
func IsUnique(err error) bool { return sqlgraph.IsUniqueConstraintError(err) }

// IsAway is whether the database could not be reached or could not do its work
// for reasons of its own (shut down, no connection left, disk full). The same
// request may go well later.
func IsAway(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) {
		return false
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return isPostgresAway(e)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return isSQLiteAway(e)
	}
	return isConnectionLost(err)
}

// IsReadOnly is whether the database answers and takes nothing in: a standby, or a
// file that may not be written. It may be the primary later, so IsAway is true too.
func IsReadOnly(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == readOnlyTransaction
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_READONLY
}

// readOnlyTransaction is the SQLSTATE of what a standby refuses.
const readOnlyTransaction = "25006"

// isPostgresAway knows SQLSTATEs: class 08 is the connection, 53 resources,
// 57P01 to 57P05 the operator's doing, 58 the system beneath; a standby may have
// been the primary a moment ago.
func isPostgresAway(e *pq.Error) bool {
	code := string(e.Code)
	return slices.Contains([]string{"08", "53", "58"}, code[:min(2, len(code))]) ||
		strings.HasPrefix(code, "57P") || e.Code == readOnlyTransaction
}

func isSQLiteAway(e *sqlite.Error) bool {
	switch e.Code() & 0xff { // the rest of an extended code is detail
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM:
		return true
	}
	return false
}

func isConnectionLost(err error) bool {
	lost := []error{
		driver.ErrBadConn, sql.ErrConnDone, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	}
	for _, target := range lost {
		if errors.Is(err, target) {
			return true
		}
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	return strings.Contains(err.Error(), "sql: database is closed") // database/sql exports no error for it
}

// isRetryable is whether Postgres broke a transaction off that may go well
// when run again as it is.
func isRetryable(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (e.Code == "40001" || e.Code == "40P01" || isStale(err))
}

// isStale is whether a prepared statement is no longer good: a migration
// changed what it returns, or somebody discarded it.
func isStale(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && (e.Code == "26000" || e.Code == "0A000" && e.Routine == "RevalidateCachedQuery")
}
