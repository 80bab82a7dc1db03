package rpc

import (
	"context"
	"log/slog"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/user"
)

type userService struct {
	users *user.Users
	auth  *auth.Authenticator
	log   *slog.Logger
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

// CreateApiKey implements anteroomv1connect.UserServiceHandler.
func (s *userService) CreateApiKey(ctx context.Context, req *anteroomv1.CreateApiKeyRequest) (*anteroomv1.CreateApiKeyResponse, error) {
	key, secret, err := s.users.CreateKey(ctx, user.NewKey{Name: req.GetName(), Scopes: req.GetScopes(), ExpireTime: toTime(req.GetExpireTime())})
	if err != nil {
		return nil, err
	}
	s.audit(ctx, "an API key was made", key)
	return &anteroomv1.CreateApiKeyResponse{ApiKey: fromKey(key), Secret: secret}, nil
}

// ListApiKeys implements anteroomv1connect.UserServiceHandler.
func (s *userService) ListApiKeys(ctx context.Context, req *anteroomv1.ListApiKeysRequest) (*anteroomv1.ListApiKeysResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	keys, more, err := s.users.ListKeys(ctx, req.GetName(), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListApiKeysResponse{}
	for _, k := range keys {
		resp.ApiKeys = append(resp.ApiKeys, fromKey(k))
	}
	if len(keys) > 0 {
		resp.NextPageToken = next(more, keys[len(keys)-1].ID)
	}
	return resp, nil
}

// RevokeApiKey implements anteroomv1connect.UserServiceHandler.
func (s *userService) RevokeApiKey(ctx context.Context, req *anteroomv1.RevokeApiKeyRequest) (*anteroomv1.RevokeApiKeyResponse, error) {
	key, err := s.users.RevokeKey(ctx, parseID(req.GetApiKey()))
	if err != nil {
		return nil, err
	}
	s.audit(ctx, "an API key was revoked", key)
	return &anteroomv1.RevokeApiKeyResponse{ApiKey: fromKey(key)}, nil
}

// audit leaves a line of what was done to a key, and by whom.
func (s *userService) audit(ctx context.Context, what string, k *ent.ApiKey) {
	s.log.LogAttrs(ctx, slog.LevelInfo, what, slog.String("key", k.ID.String()), slog.String("name", k.Name),
		slog.Any("scopes", k.Scopes), slog.String("by", auth.From(ctx).UserID.String()))
}

func fromKey(k *ent.ApiKey) *anteroomv1.ApiKey {
	shown := &anteroomv1.ApiKey{
		Id: k.ID.String(), Name: k.Name, Prefix: auth.KeyPrefix + k.Prefix, Scopes: k.Scopes, User: k.UserID.String(),
		CreateTime: timestamppb.New(k.CreateTime), ExpireTime: fromTime(k.ExpireTime),
		LastUseTime: fromTime(k.LastUseTime), RevokeTime: fromTime(k.RevokeTime),
	}
	if k.CreatedBy != nil {
		shown.CreatedBy = k.CreatedBy.String()
	}
	return shown
}
