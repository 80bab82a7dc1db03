package auth

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

var secret = []byte("a secret that is long enough for a test")

func TestDevTokens(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	tokens := NewDevTokens(secret, clock)
	ada := Identity{Issuer: devIssuer, Subject: "ada", Email: "ada@example.org", FullName: "Ada", Operator: true}
	token, err := tokens.Issue(ada)
	require.NoError(t, err)

	got, err := tokens.Verify(t.Context(), token)
	require.NoError(t, err)
	require.Equal(t, clock.Now().Add(30*24*time.Hour), got.ExpireTime.UTC())
	got.ExpireTime = time.Time{}
	require.Equal(t, ada, got)

	parts := strings.Split(token, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	other, err := NewDevTokens([]byte("another secret, just as long as that"), clock).Issue(ada)
	require.NoError(t, err)
	for name, bad := range map[string]string{
		"alg none": none, "another secret": other, "cut": token[:len(token)-4], "empty": "", "noise": "a.b.c",
	} {
		_, err := tokens.Verify(t.Context(), bad)
		require.ErrorIs(t, err, ErrToken, name)
	}
	clock.Advance(31 * 24 * time.Hour)
	_, err = tokens.Verify(t.Context(), token)
	require.ErrorIs(t, err, ErrToken, "expired")
}

func TestAuthenticate(t *testing.T) {
	clock := clockwork.NewFakeClock()
	tokens := NewDevTokens(secret, clock)
	token, err := tokens.Issue(Identity{Subject: "ada"})
	require.NoError(t, err)
	sightings := 0
	a := New(clock, func(_ context.Context, id Identity) (Principal, error) {
		sightings++
		return Principal{UserID: uuid.New(), FullName: id.Subject}, nil
	}, tokens)

	guest, err := a.Authenticate(t.Context(), "")
	require.NoError(t, err)
	require.False(t, guest.SignedIn())

	first, err := a.Authenticate(t.Context(), "Bearer "+token)
	require.NoError(t, err)
	require.True(t, first.SignedIn())
	again, err := a.Authenticate(t.Context(), "bearer "+token)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.Equal(t, 1, sightings, "a user is remembered")

	for _, bad := range []string{"Bearer", "Bearer ", "Basic " + token, token, "Bearer nonsense"} {
		_, err := a.Authenticate(t.Context(), bad)
		require.ErrorIs(t, err, ErrToken, bad)
	}
	clock.Advance(31 * 24 * time.Hour)
	_, err = a.Authenticate(t.Context(), "Bearer "+token)
	require.ErrorIs(t, err, ErrToken, "what is remembered ends with the token")
	require.Equal(t, first, From(With(t.Context(), first)))
	require.False(t, From(t.Context()).SignedIn())
}
