package rpc

import (
	"context"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/sip"
)

type sipService struct {
	sip  *sip.SIP
	find sip.FindRoom
}

// GetDialIn implements anteroomv1connect.SipServiceHandler.
func (s *sipService) GetDialIn(ctx context.Context, req *anteroomv1.GetDialInRequest) (*anteroomv1.GetDialInResponse, error) {
	rm, err := s.find(ctx, req.GetRoom(), access.EnterRoom)
	if err != nil {
		return nil, err
	}
	d, err := s.sip.DialIn(ctx, rm)
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetDialInResponse{
		Numbers: fromNumbers(d.Numbers), Pin: d.Pin, FormattedPin: d.FormattedPin, SipUri: d.URI, TelUri: d.TelURI,
	}, nil
}

// RotatePin implements anteroomv1connect.SipServiceHandler.
func (s *sipService) RotatePin(ctx context.Context, req *anteroomv1.RotatePinRequest) (*anteroomv1.RotatePinResponse, error) {
	rm, err := s.find(ctx, req.GetRoom(), access.RotatePin)
	if err != nil {
		return nil, err
	}
	d, err := s.sip.RotatePin(ctx, rm)
	if err != nil {
		return nil, err
	}
	return &anteroomv1.RotatePinResponse{DialIn: fromDialIn(d)}, nil
}

// ListDispatchRules implements anteroomv1connect.SipServiceHandler.
func (s *sipService) ListDispatchRules(ctx context.Context, req *anteroomv1.ListDispatchRulesRequest) (*anteroomv1.ListDispatchRulesResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rules, more, err := s.sip.List(ctx, after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListDispatchRulesResponse{}
	for _, r := range rules {
		resp.DispatchRules = append(resp.DispatchRules, fromRule(r))
		resp.NextPageToken = next(more, r.RoomID)
	}
	return resp, nil
}

// SettleRoom implements anteroomv1connect.SipServiceHandler.
func (s *sipService) SettleRoom(ctx context.Context, req *anteroomv1.SettleRoomRequest) (*anteroomv1.SettleRoomResponse, error) {
	rm, err := s.find(ctx, req.GetRoom(), access.SettleRoom)
	if err != nil {
		return nil, err
	}
	r, err := s.sip.Settle(ctx, rm)
	if err != nil {
		return nil, err
	}
	return &anteroomv1.SettleRoomResponse{DispatchRule: fromRule(r)}, nil
}
