package main

import (
	"context"
	"errors"

	"github.com/anteroom-dev/anteroom/internal/auth"
)

// checkOpenID asks the provider what the program will ask of it.
func (d *doctor) checkOpenID(ctx context.Context) []finding {
	open := d.config.SignIn.OpenID
	if open.Issuer == "" {
		return absent(noOpenID)
	}
	err := auth.NewProvider(open).Check(ctx)
	switch {
	case errors.Is(err, auth.ErrNoKey):
		return fail(openIDKeyless, nil)
	case err != nil:
		return fail(openIDAway, err)
	}
	return ok("%s answers, with its keys", open.Issuer)
}
