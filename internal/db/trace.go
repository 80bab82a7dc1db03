package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

// openPool makes a pool whose statements are spans of the trace that they belong
// to, if anything is traced at all. Statements hold no values, so spans may hold
// statements.
func openPool(c driver.Connector, system string) *sql.DB {
	if !telemetry.Tracing() {
		return sql.OpenDB(c)
	}
	return otelsql.OpenDB(c,
		otelsql.WithAttributes(attribute.String("db.system.name", system)),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			DisableErrSkip: true, OmitConnResetSession: true, OmitConnPrepare: true, OmitRows: true, OmitConnectorConnect: true,
			SpanFilter: func(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
				return trace.SpanContextFromContext(ctx).IsSampled()
			},
		}))
}
