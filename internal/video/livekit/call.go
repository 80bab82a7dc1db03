package livekit

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/twitchtv/twirp"
	"go.opentelemetry.io/otel/trace"

	"github.com/anteroom-dev/anteroom/internal/telemetry"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	requestsTotal = promauto.NewCounterVec(prometheus.CounterOpts{
		Name: "anteroom_livekit_requests_total",
		Help: "Calls to LiveKit's API by method and outcome: ok, or the Twirp error code.",
	}, []string{"method", "outcome"})
	requestDuration = promauto.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "anteroom_livekit_request_duration_seconds",
		Help:    "How long calls to LiveKit's API took.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"method"})
)

// call asks LiveKit once, within the time limit, counts it, and answers with the
// errors of package video.
func call[Request, Response any](ctx context.Context, p *Provider, method string,
	do func(context.Context, Request) (Response, error), request Request,
) (Response, error) {
	return callWithin(ctx, p, p.timeout, method, do, request)
}

// callWithin is call with another time limit.
func callWithin[Request, Response any](ctx context.Context, p *Provider, limit time.Duration, method string,
	do func(context.Context, Request) (Response, error), request Request,
) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	ctx, err := p.authorize(ctx, limit, method, roomOfRequest(request))
	if err != nil {
		var none Response
		return none, video.ErrRefused.Because(err)
	}
	start := p.clock.Now()
	ctx, end := telemetry.Span(ctx, "livekit "+method, trace.SpanKindClient)
	response, err := do(ctx, request)
	end(err)
	requestDuration.WithLabelValues(method).Observe(p.clock.Since(start).Seconds())
	requestsTotal.WithLabelValues(method, outcome(err)).Inc()
	return response, coded(err)
}

// roomOfRequest is the room that a request is about, "" of one about none.
func roomOfRequest(request any) string {
	if r, ok := request.(interface{ GetRoom() string }); ok {
		return r.GetRoom()
	}
	return ""
}

// authorize signs the call. The token lives no longer than a call may take, and
// has the rights that this call needs; an admin's are for one room.
func (p *Provider) authorize(ctx context.Context, limit time.Duration, method, room string) (context.Context, error) {
	token := auth.NewAccessToken(p.apiKey, p.apiSecret).SetValidFor(limit + time.Minute)
	switch {
	case strings.HasSuffix(method, "Egress"):
		token.SetVideoGrant(&auth.VideoGrant{RoomRecord: true})
	case strings.Contains(method, "SIP"):
		token.SetSIPGrant(&auth.SIPGrant{Admin: true})
	case method == "ListRooms":
		token.SetVideoGrant(&auth.VideoGrant{RoomList: true})
	case method == "CreateRoom", method == "DeleteRoom":
		token.SetVideoGrant(&auth.VideoGrant{RoomCreate: true})
	default:
		token.SetVideoGrant(&auth.VideoGrant{RoomAdmin: true, Room: room})
	}
	signed, err := token.ToJWT()
	if err != nil {
		return nil, err
	}
	return twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + signed}})
}

// outcome is the label of the metric.
func outcome(err error) string {
	if err == nil {
		return "ok"
	}
	return string(codeOf(err))
}

// codeOf is the Twirp code of an error. A network that fails reads as internal.
func codeOf(err error) twirp.ErrorCode {
	if errors.Is(err, context.DeadlineExceeded) {
		return twirp.DeadlineExceeded
	}
	var t twirp.Error
	if errors.As(err, &t) {
		return t.Code()
	}
	return twirp.Unknown
}

// coded turns what LiveKit answered into an error of package video. Only the
// codes by which a server says that it did nothing are a refusal.
func coded(err error) error {
	if err == nil {
		return nil
	}
	switch codeOf(err) {
	case twirp.InvalidArgument:
		// protocol/sip.DispatchRuleValidator says it so, and without the PIN.
		if strings.Contains(err.Error(), "already exists") {
			return video.ErrRuleExists.Because(err)
		}
		return video.ErrRefused.Because(err)
	case twirp.NotFound, twirp.AlreadyExists, twirp.FailedPrecondition, twirp.OutOfRange, twirp.Unimplemented,
		twirp.PermissionDenied, twirp.Unauthenticated, twirp.Malformed, twirp.BadRoute:
		return video.ErrRefused.Because(err)
	}
	return video.ErrUnavailable.Because(err)
}

// unlessNotFound forgives that what shall go is not there.
func unlessNotFound(err error) error {
	if err != nil && codeOf(err) == twirp.NotFound {
		return nil
	}
	return err
}
