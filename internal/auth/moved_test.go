package auth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth/authtest"
)

// TestKeysMove: a provider may show its keys elsewhere from one day on.
func TestKeysMove(t *testing.T) {
	op := authtest.StartProvider(t)
	clock := clockwork.NewFakeClockAt(now)
	p := trusting(op.Issuer, clock)
	verify := func() error { _, err := p.Verify(t.Context(), op.Sign(claims(nil))); return err }
	require.NoError(t, verify())
	require.Equal(t, 1, op.Asked(authtest.DiscoveryPath))

	op.Answer(authtest.DiscoveryPath, authtest.Answer{Fields: map[string]any{"jwks_uri": op.Issuer + authtest.MovedKeysPath}})
	op.Answer(authtest.KeysPath, authtest.Answer{Status: http.StatusNotFound})
	op.Rotate(true)
	clock.Advance(11 * time.Second)
	require.NoError(t, verify())
	require.Equal(t, 2, op.Asked(authtest.DiscoveryPath))
	require.NoError(t, verify())
	require.Equal(t, 2, op.Asked(authtest.DiscoveryPath), "known keys cost nothing")

	op.Answer(authtest.DiscoveryPath, authtest.Answer{Status: http.StatusServiceUnavailable})
	op.Rotate(true)
	clock.Advance(11 * time.Second)
	require.NoError(t, verify(), "the keys are where they were, though nobody says so")
}
