package videotest

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

type dialerSuite struct {
	Harness
	dialer video.Dialer
}

func (s dialerSuite) run(t *testing.T) {
	t.Run("create, list, delete", s.lifecycle)
	t.Run("one PIN, one rule", s.conflict)
	t.Run("incomplete rules", s.incomplete)
	t.Run("foreign rules", s.foreign)
	t.Run("unreachable", s.unreachable)
}

func newRule(pin string) video.Rule {
	return video.Rule{RoomName: uuid.NewString(), RoomID: uuid.NewString(), PIN: pin}
}

// create makes a rule that the test's end takes away.
func (s dialerSuite) create(t *testing.T, r video.Rule) video.Rule {
	t.Helper()
	id, err := s.dialer.CreateRule(t.Context(), r)
	require.NoError(t, err)
	require.NotEmpty(t, id)
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() { require.NoError(t, s.dialer.DeleteRule(ctx, id)) })
	r.ID = id
	return r
}

func (s dialerSuite) list(t *testing.T) []video.Rule {
	t.Helper()
	rules, err := s.dialer.ListRules(t.Context())
	require.NoError(t, err)
	return rules
}

func (s dialerSuite) lifecycle(t *testing.T) {
	require.Empty(t, s.list(t))
	first, second := s.create(t, newRule("0123456789")), s.create(t, newRule("0123456780"))
	require.ElementsMatch(t, []video.Rule{first, second}, s.list(t))

	require.NoError(t, s.dialer.DeleteRule(t.Context(), first.ID))
	require.Equal(t, []video.Rule{second}, s.list(t))
	require.NoError(t, s.dialer.DeleteRule(t.Context(), first.ID))
	require.NoError(t, s.dialer.DeleteRule(t.Context(), second.ID))
	require.Empty(t, s.list(t))
}

func (s dialerSuite) conflict(t *testing.T) {
	first := s.create(t, newRule("0123456789"))
	id, err := s.dialer.CreateRule(t.Context(), newRule("0123456789"))
	require.ErrorIs(t, err, video.ErrRuleExists)
	require.NotContains(t, err.Error(), "0123456789", "a PIN in an error")
	require.Empty(t, id)
	require.Equal(t, []video.Rule{first}, s.list(t))

	require.NoError(t, s.dialer.DeleteRule(t.Context(), first.ID))
	s.create(t, newRule("0123456789"))
}

func (s dialerSuite) incomplete(t *testing.T) {
	for _, r := range []video.Rule{{RoomName: "a", RoomID: "a"}, {RoomID: "a", PIN: "0123456789"}} {
		_, err := s.dialer.CreateRule(t.Context(), r)
		require.ErrorIs(t, err, video.ErrRefused)
	}
	require.Empty(t, s.list(t))
}

func (s dialerSuite) foreign(t *testing.T) {
	id := s.AddForeignRule(t, "0123456789")
	rules := s.list(t)
	require.Len(t, rules, 1)
	require.Equal(t, id, rules[0].ID)
	require.Equal(t, "0123456789", rules[0].PIN)
	require.Empty(t, rules[0].RoomID)

	_, err := s.dialer.CreateRule(t.Context(), newRule("0123456789"))
	require.ErrorIs(t, err, video.ErrRuleExists)
	require.NoError(t, s.dialer.DeleteRule(t.Context(), id))
}

func (s dialerSuite) unreachable(t *testing.T) {
	dialer := s.Unreachable.(video.Dialer)
	_, err := dialer.CreateRule(t.Context(), newRule("0123456789"))
	require.ErrorIs(t, err, video.ErrUnavailable)
	_, err = dialer.ListRules(t.Context())
	require.ErrorIs(t, err, video.ErrUnavailable)
	require.ErrorIs(t, dialer.DeleteRule(t.Context(), "nothing"), video.ErrUnavailable)
}
