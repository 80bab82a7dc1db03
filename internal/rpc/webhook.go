package rpc

import (
	"context"

	"connectrpc.com/connect"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

type webhookService struct {
	inbox         *webhook.Inbox
	notifications *webhook.Notifications
}

// ReceiveLiveKit implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) ReceiveLiveKit(ctx context.Context, req *anteroomv1.ReceiveLiveKitRequest) (*anteroomv1.ReceiveLiveKitResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	err := s.inbox.Receive(ctx, video.LiveKit, call.RequestHeader(), req.GetBody())
	return &anteroomv1.ReceiveLiveKitResponse{}, err
}

// ReceiveStorage implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) ReceiveStorage(ctx context.Context, req *anteroomv1.ReceiveStorageRequest) (*anteroomv1.ReceiveStorageResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	err := s.notifications.Receive(ctx, call.RequestHeader(), req.GetBody())
	return &anteroomv1.ReceiveStorageResponse{}, err
}

// ListEvents implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) ListEvents(ctx context.Context, req *anteroomv1.ListEventsRequest) (*anteroomv1.ListEventsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	events, more, err := s.inbox.List(ctx, toFilter(req), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListEventsResponse{}
	for _, e := range events {
		resp.Events = append(resp.Events, fromEvent(e))
		resp.NextPageToken = next(more, e.ID)
	}
	return resp, nil
}

// GetEvent implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) GetEvent(ctx context.Context, req *anteroomv1.GetEventRequest) (*anteroomv1.GetEventResponse, error) {
	e, err := s.inbox.Get(ctx, parseID(req.GetEvent()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetEventResponse{Event: fromEvent(e)}, nil
}

// ReplayEvent implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) ReplayEvent(ctx context.Context, req *anteroomv1.ReplayEventRequest) (*anteroomv1.ReplayEventResponse, error) {
	replay, err := s.inbox.Replay(ctx, parseID(req.GetEvent()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.ReplayEventResponse{Event: fromEvent(replay)}, nil
}

func toFilter(req *anteroomv1.ListEventsRequest) webhook.Filter {
	f := webhook.Filter{
		Provider: toProvider(req.GetProvider()), Room: req.GetRoom(), Types: req.GetTypes(),
		From: toTime(req.GetFrom()), To: toTime(req.GetTo()),
	}
	for _, o := range req.GetOutcomes() {
		f.Outcomes = append(f.Outcomes, outcomes[o])
	}
	for _, o := range req.GetOrigins() {
		f.Origins = append(f.Origins, origins[o])
	}
	return f
}
