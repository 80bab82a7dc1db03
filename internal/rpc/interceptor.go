package rpc

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/otelconnect"
	"connectrpc.com/validate"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/telemetry"
)

var duration = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name: "anteroom_rpc_duration_seconds",
	Help: "RPCs by procedure and code.",
}, []string{"procedure", "code"})

var errUnknownProcedure = fault.New(fault.Denied, "permission_denied", "this procedure may not be called")

// interceptors is what every call passes, the outermost first: errors get their
// form, panics are caught, the caller is known and admitted, the request valid.
func interceptors(log *slog.Logger, a *auth.Authenticator) connect.Option {
	return connect.WithInterceptors(append(traced(),
		&door{log: log, auth: a},
		validate.NewInterceptor(),
	)...)
}

// traced makes each call a span, if anything is traced at all. A trace that a
// client says it has begun is linked, not continued: anybody may say so.
func traced() []connect.Interceptor {
	if !telemetry.Tracing() {
		return nil
	}
	i, err := otelconnect.NewInterceptor(otelconnect.WithoutMetrics())
	if err != nil {
		panic(err) // its options are those above
	}
	return []connect.Interceptor{i}
}

// door lets in who may call a procedure, and sees that what comes out is fit
// for the wire.
type door struct {
	log  *slog.Logger
	auth *auth.Authenticator
}

// WrapUnary implements connect.Interceptor.
func (d *door) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (resp connect.AnyResponse, err error) {
		procedure := req.Spec().Procedure
		defer d.finish(ctx, procedure, time.Now(), &err)
		if ctx, err = d.admit(ctx, procedure, req.Header().Get("Authorization")); err != nil {
			return nil, err
		}
		return next(ctx, req)
	}
}

// WrapStreamingClient implements connect.Interceptor; servers have no use for it.
func (d *door) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// WrapStreamingHandler implements connect.Interceptor.
func (d *door) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) (err error) {
		procedure := conn.Spec().Procedure
		defer d.finish(ctx, procedure, time.Now(), &err)
		if ctx, err = d.admit(ctx, procedure, conn.RequestHeader().Get("Authorization")); err != nil {
			return err
		}
		return next(ctx, conn)
	}
}

// admit finds who is calling and asks the access table. What a provider puts
// into Authorization is the provider's own.
func (d *door) admit(ctx context.Context, procedure, authorization string) (context.Context, error) {
	if access.Calls(procedure) == access.Provider {
		return ctx, nil
	}
	ask := func(ctx context.Context) (auth.Principal, error) { return d.ask(ctx, procedure, authorization) }
	p, err := ask(ctx)
	if err != nil {
		return ctx, err
	}
	telemetry.Note(ctx, slog.String("principal", p.Kind()))
	return auth.WithAgain(auth.With(ctx, p), ask), nil
}

// ask finds who is calling now, if they may call the procedure.
func (d *door) ask(ctx context.Context, procedure, authorization string) (auth.Principal, error) {
	p, err := d.auth.Authenticate(ctx, authorization)
	if err != nil {
		return p, err
	}
	if who := access.Calls(procedure); !who.Admits(p.SignedIn(), p.Operator) {
		return p, refusal(who, p)
	}
	if p.Application() {
		if lacks, ok := access.Opens(procedure, p.Scopes); !ok {
			return p, auth.ErrScope.With("scope", string(lacks))
		}
	}
	return p, nil
}

func refusal(who access.Who, p auth.Principal) error {
	switch {
	case who == access.Nobody:
		return errUnknownProcedure
	case !p.SignedIn():
		return auth.ErrSignInRequired
	}
	return auth.ErrOperatorRequired
}

// finish is deferred: it catches a panic and gives the error its form.
func (d *door) finish(ctx context.Context, procedure string, start time.Time, err *error) {
	arrive(ctx)
	if r := recover(); r != nil {
		d.log.ErrorContext(ctx, "panic", slog.String("procedure", procedure), slog.Any("panic", r), slog.String("stack", string(debug.Stack())))
		*err = errInternal // which is logged no more
	}
	*err = wire(ctx, d.log, procedure, *err)
	code := "ok"
	if *err != nil {
		code = connect.CodeOf(*err).String()
	}
	duration.WithLabelValues(procedure, code).Observe(time.Since(start).Seconds())
	if d.log.Enabled(ctx, slog.LevelDebug) {
		d.log.DebugContext(ctx, "called", slog.String("procedure", procedure), slog.String("code", code), slog.Duration("took", time.Since(start)))
	}
}
