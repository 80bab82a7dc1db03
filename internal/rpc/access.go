package rpc

import (
	"context"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/room"
)

// GrantAccess implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) GrantAccess(ctx context.Context, req *anteroomv1.GrantAccessRequest) (*anteroomv1.GrantAccessResponse, error) {
	made, err := s.rooms.Grant(ctx, req.GetRoom(), room.Grant{
		UserID: parseID(req.GetUser()), Email: req.GetEmail(),
		Role: toRole(req.GetRole()), ExpireTime: toTime(req.GetExpireTime()),
	})
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GrantAccessResponse{Access: fromAccess(made)}, nil
}

// UpdateAccess implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) UpdateAccess(ctx context.Context, req *anteroomv1.UpdateAccessRequest) (*anteroomv1.UpdateAccessResponse, error) {
	changed, err := s.rooms.SetRole(ctx, parseID(req.GetAccess()), toRole(req.GetRole()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.UpdateAccessResponse{Access: fromAccess(changed)}, nil
}

// ListAccesses implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) ListAccesses(ctx context.Context, req *anteroomv1.ListAccessesRequest) (*anteroomv1.ListAccessesResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	accesses, more, err := s.rooms.ListAccesses(ctx, req.GetRoom(), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListAccessesResponse{Accesses: fromAccesses(accesses)}
	if len(accesses) > 0 {
		resp.NextPageToken = next(more, accesses[len(accesses)-1].ID)
	}
	return resp, nil
}

// RevokeAccess implements anteroomv1connect.RoomServiceHandler.
func (s *roomService) RevokeAccess(ctx context.Context, req *anteroomv1.RevokeAccessRequest) (*anteroomv1.RevokeAccessResponse, error) {
	return &anteroomv1.RevokeAccessResponse{}, s.rooms.Revoke(ctx, parseID(req.GetAccess()))
}
