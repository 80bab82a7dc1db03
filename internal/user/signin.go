package user

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entsignin "github.com/anteroom-dev/anteroom/ent/signin"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// refreshTimeout is how long the provider may take to say who somebody is now.
const refreshTimeout = 10 * time.Second

// SignIns are the browsers in which somebody is signed in to the console. What
// their cookies hold is random and kept here as a hash; the provider's tokens
// never leave the server.
type SignIns struct {
	users    *Users
	provider *auth.Provider
	seal     *auth.Seal
	lifetime time.Duration
	log      *slog.Logger
}

// NewSignIns makes them. A sign-in ends after lifetime, however often it was
// refreshed; secret seals the provider's tokens in the database.
func NewSignIns(users *Users, provider *auth.Provider, secret []byte, lifetime time.Duration, log *slog.Logger) (*SignIns, error) {
	seal, err := auth.NewSeal(secret, "sign-in")
	return &SignIns{users, provider, seal, lifetime, log}, err
}

// Begin signs somebody in, and gives what the cookie is to hold and for how long.
func (s *SignIns) Begin(ctx context.Context, t auth.Tokens) (secret string, lifetime time.Duration, err error) {
	p, err := s.users.Sighted(ctx, t.Identity)
	if err != nil {
		return "", 0, err
	}
	raw := auth.NewSecret()
	hash := sha256.Sum256(raw)
	now, id := s.users.now(), uuid.Must(uuid.NewV7())
	err = s.users.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.SignIn.Delete().Where(entsignin.ExpireTimeLTE(now)).Exec(ctx); err != nil {
			return err
		}
		create := tx.SignIn.Create().SetID(id).SetSecretHash(hash[:]).SetUserID(p.UserID).SetOperator(t.Operator).
			SetIDToken(s.seal.Close([]byte(t.IDToken), id[:])).SetCreateTime(now).SetExpireTime(now.Add(s.lifetime))
		if t.RefreshToken != "" {
			create.SetRefreshToken(s.seal.Close([]byte(t.RefreshToken), id[:])).SetRefreshTime(refreshAt(t.AccessExpireTime, now))
		}
		return create.Exec(ctx)
	})
	return base64.RawURLEncoding.EncodeToString(raw), s.lifetime, err
}

// ByCookie finds who is signed in, and asks the provider now and then whether
// that is still so.
func (s *SignIns) ByCookie(ctx context.Context, secret string) (auth.Principal, error) {
	row, err := s.find(ctx, secret)
	if err != nil {
		return auth.Principal{}, err
	}
	if row.RefreshTime != nil && !s.users.now().Before(*row.RefreshTime) {
		if row, err = s.refresh(ctx, row); err != nil {
			return auth.Principal{}, err
		}
	}
	u, err := row.Edges.UserOrErr()
	if err != nil {
		return auth.Principal{}, err
	}
	return auth.Principal{UserID: u.ID, FullName: u.FullName, Email: u.Email, Operator: row.Operator}, nil
}

func (s *SignIns) find(ctx context.Context, secret string) (*ent.SignIn, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(raw) != sha256.Size {
		return nil, auth.ErrSignInEnded
	}
	// Who does not know the secret cannot choose its hash, so looking it up tells nothing.
	hash := sha256.Sum256(raw)
	row, err := s.users.db.SignIn.Query().Where(entsignin.SecretHash(hash[:]), entsignin.ExpireTimeGT(s.users.now())).WithUser().Only(ctx)
	if ent.IsNotFound(err) {
		return nil, auth.ErrSignInEnded
	}
	return row, err
}

// refresh asks the provider who somebody is by now. One request does, since a
// refresh token is often good for one time; others go on with what is known.
// Until the provider answers, that holds for them all.
func (s *SignIns) refresh(ctx context.Context, row *ent.SignIn) (*ent.SignIn, error) {
	// The answer may hold the only token that is still good: it is kept, even if
	// who asked has gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
	defer cancel()
	token, ok := s.seal.Open(*row.RefreshToken, row.ID[:])
	if !ok {
		return nil, errors.Join(auth.ErrSignInEnded, s.remove(ctx, row.ID))
	}
	claimed, err := s.users.db.SignIn.Update().Where(entsignin.ID(row.ID), entsignin.RefreshTime(*row.RefreshTime)).
		SetRefreshTime(s.users.now().Add(refreshSoonest)).Save(ctx)
	if err != nil || claimed == 0 {
		return row, err
	}
	u, err := row.Edges.UserOrErr()
	if err != nil {
		return nil, err
	}
	idToken, _ := s.seal.Open(row.IDToken, row.ID[:])
	t, err := s.provider.Refresh(ctx, auth.Tokens{
		Identity: auth.Identity{Subject: u.Subject, Operator: row.Operator}, IDToken: string(idToken), RefreshToken: string(token),
	})
	switch {
	case errors.Is(err, auth.ErrProvider):
		s.log.WarnContext(ctx, "a sign-in could not be refreshed, and goes on", slog.Any("error", err))
		return row, s.keep(ctx, row.ID, t.RefreshToken)
	case err != nil:
		s.log.InfoContext(ctx, "a sign-in has ended at the provider", slog.String("user", u.ID.String()), slog.Any("error", err))
		return nil, errors.Join(auth.ErrSignInEnded, s.remove(ctx, row.ID))
	}
	return s.renew(ctx, row, t)
}

func (s *SignIns) renew(ctx context.Context, row *ent.SignIn, t auth.Tokens) (*ent.SignIn, error) {
	if _, err := s.users.Sighted(ctx, t.Identity); err != nil {
		return nil, err
	}
	update := s.users.db.SignIn.Update().Where(entsignin.ID(row.ID)).SetOperator(t.Operator).
		SetRefreshTime(refreshAt(t.AccessExpireTime, s.users.now()))
	if t.RefreshToken != "" {
		update.SetRefreshToken(s.seal.Close([]byte(t.RefreshToken), row.ID[:]))
	}
	if t.IDToken != "" {
		update.SetIDToken(s.seal.Close([]byte(t.IDToken), row.ID[:]))
	}
	if n, err := update.Save(ctx); err != nil || n == 0 {
		return nil, errors.Join(auth.ErrSignInEnded, err)
	}
	return s.users.db.SignIn.Query().Where(entsignin.ID(row.ID)).WithUser().Only(ctx)
}

// keep puts a refresh token in the place of the one before, which may not be
// good any more.
func (s *SignIns) keep(ctx context.Context, id uuid.UUID, refreshToken string) error {
	if refreshToken == "" {
		return nil
	}
	return s.users.db.SignIn.Update().Where(entsignin.ID(id)).SetRefreshToken(s.seal.Close([]byte(refreshToken), id[:])).Exec(ctx)
}

func (s *SignIns) remove(ctx context.Context, id uuid.UUID) error {
	_, err := s.users.db.SignIn.Delete().Where(entsignin.ID(id)).Exec(ctx)
	return err
}

// End signs a browser out: here at once, and at the provider, whose page to go
// to it gives; empty when there is none. That nobody was signed in is no error.
func (s *SignIns) End(ctx context.Context, secret string) (signOutURL string, err error) {
	row, err := s.find(ctx, secret)
	if errors.Is(err, auth.ErrSignInEnded) {
		return "", nil
	}
	if err == nil {
		err = s.remove(ctx, row.ID)
	}
	if err != nil {
		return "", err
	}
	idToken, _ := s.seal.Open(row.IDToken, row.ID[:])
	if row.RefreshToken != nil {
		token, _ := s.seal.Open(*row.RefreshToken, row.ID[:])
		if err := s.provider.Revoke(ctx, string(token)); err != nil {
			s.log.WarnContext(ctx, "a refresh token could not be revoked", slog.Any("error", err))
		}
	}
	return s.provider.SignOutURL(ctx, string(idToken)), nil
}
