// Package rpc serves the API: one file per service, which turns messages into
// calls of a noun and entities into messages. It decides nothing.
package rpc

import (
	"context"
	"errors"
	"log/slog"

	"connectrpc.com/connect"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
)

// domain is whose reasons an ErrorInfo carries.
const domain = "anteroom"

// codes is the one table from kinds to codes on the wire.
var codes = map[fault.Kind]connect.Code{
	fault.Internal:        connect.CodeInternal,
	fault.Invalid:         connect.CodeInvalidArgument,
	fault.Unauthenticated: connect.CodeUnauthenticated,
	fault.Denied:          connect.CodePermissionDenied,
	fault.NotFound:        connect.CodeNotFound,
	fault.Exists:          connect.CodeAlreadyExists,
	fault.Precondition:    connect.CodeFailedPrecondition,
	fault.Exhausted:       connect.CodeResourceExhausted,
	fault.Unavailable:     connect.CodeUnavailable,
	fault.Unimplemented:   connect.CodeUnimplemented,
}

var (
	errInternal = fault.New(fault.Internal, "internal", "internal error")
	errInvalid  = fault.New(fault.Invalid, "invalid_request", "the request is not valid")
	errDatabase = fault.New(fault.Unavailable, "database_unavailable", "the database is away: try again")
)

// wire turns an error into what a client may see. What is not coded is told as
// an internal error, and logged: its text may hold anything.
func wire(ctx context.Context, log *slog.Logger, procedure string, err error) error {
	if err == nil {
		return nil
	}
	why := ctx.Err()
	if why != nil && errors.Is(err, why) {
		return over(why)
	}
	var ready *connect.Error
	switch {
	case !errors.As(err, &ready):
	case why != nil && ready.Code() == connect.CodeUnknown: // nobody took the answer any more
		return over(why)
	default:
		return withReason(ready)
	}
	f, ok := fault.Of(err)
	switch {
	case !ok && db.IsAway(err):
		log.ErrorContext(ctx, "database away", slog.String("procedure", procedure), slog.Any("error", err))
		f = errDatabase
	case !ok:
		log.ErrorContext(ctx, "internal error", slog.String("procedure", procedure), slog.Any("error", err))
		f = errInternal
	case f.Unwrap() != nil && f.Kind == fault.Unavailable:
		log.WarnContext(ctx, "unavailable", slog.String("procedure", procedure), slog.Any("error", err))
	}
	return coded(f)
}

// over is a call whose client has left, or had no more time.
func over(why error) error {
	if errors.Is(why, context.DeadlineExceeded) {
		return connect.NewError(connect.CodeDeadlineExceeded, why)
	}
	return connect.NewError(connect.CodeCanceled, why)
}

func coded(f *fault.Error) *connect.Error {
	e := connect.NewError(codes[f.Kind], errors.New(f.Message))
	addInfo(e, f.Reason, f.Metadata)
	if f.Retry > 0 {
		addDetail(e, &errdetails.RetryInfo{RetryDelay: durationpb.New(f.Retry)})
	}
	return e
}

func addInfo(e *connect.Error, reason string, metadata map[string]string) {
	addDetail(e, &errdetails.ErrorInfo{Domain: domain, Reason: reason, Metadata: metadata})
}

func addDetail(e *connect.Error, message proto.Message) {
	if detail, err := connect.NewErrorDetail(message); err == nil {
		e.AddDetail(detail)
	}
}

// withReason gives errors that are in Connect's form already, such as those of
// the validation, their reason. What Connect refuses before it reads a message,
// broken JSON for example, has a code alone.
func withReason(e *connect.Error) *connect.Error {
	for _, d := range e.Details() {
		if d.Type() == "google.rpc.ErrorInfo" {
			return e
		}
	}
	reason := e.Code().String()
	if e.Code() == connect.CodeInvalidArgument {
		reason = errInvalid.Reason
	}
	addInfo(e, reason, nil)
	return e
}
