package auth

import "context"

type againKey struct{}

// WithAgain puts into a context how to ask once more who makes the request.
func WithAgain(ctx context.Context, ask func(context.Context) (Principal, error)) context.Context {
	return context.WithValue(ctx, againKey{}, ask)
}

// Again asks once more who makes a request, for what outlasts the moment in
// which From was true: a sign-in may have ended since, a key been revoked, a
// token expired. Without WithAgain it is From.
func Again(ctx context.Context) (Principal, error) {
	if ask, ok := ctx.Value(againKey{}).(func(context.Context) (Principal, error)); ok {
		return ask(ctx)
	}
	return From(ctx), nil
}
