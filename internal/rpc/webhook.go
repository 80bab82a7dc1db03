package rpc

import (
	"context"

	"connectrpc.com/connect"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/webhook"
)

type webhookService struct{ inbox *webhook.Inbox }

// ReceiveLiveKit implements anteroomv1connect.WebhookServiceHandler.
func (s *webhookService) ReceiveLiveKit(ctx context.Context, req *anteroomv1.ReceiveLiveKitRequest) (*anteroomv1.ReceiveLiveKitResponse, error) {
	call, _ := connect.CallInfoForHandlerContext(ctx)
	err := s.inbox.Receive(ctx, video.LiveKit, call.RequestHeader(), req.GetBody())
	return &anteroomv1.ReceiveLiveKitResponse{}, err
}
