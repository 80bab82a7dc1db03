package rpc

import (
	"context"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/user"
)

type userService struct {
	users *user.Users
	auth  *auth.Authenticator
}

// GetSelf implements anteroomv1connect.UserServiceHandler.
func (s *userService) GetSelf(ctx context.Context, _ *anteroomv1.GetSelfRequest) (*anteroomv1.GetSelfResponse, error) {
	self, err := s.users.Self(ctx)
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetSelfResponse{User: fromUser(self, auth.From(ctx).Operator)}, nil
}

// UpdateSelf implements anteroomv1connect.UserServiceHandler.
func (s *userService) UpdateSelf(ctx context.Context, req *anteroomv1.UpdateSelfRequest) (*anteroomv1.UpdateSelfResponse, error) {
	changes, err := toUserChanges(req)
	if err != nil {
		return nil, err
	}
	self, err := s.users.UpdateSelf(ctx, changes)
	if err != nil {
		return nil, err
	}
	s.auth.Forget()
	return &anteroomv1.UpdateSelfResponse{User: fromUser(self, auth.From(ctx).Operator)}, nil
}
