package fault

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReasonsDecideIdentity(t *testing.T) {
	full := New(Exhausted, "room_full", "the room is full")
	wrapped := fmt.Errorf("join room: %w", full.With("max", "2").Because(errors.New("counted 2")))
	require.ErrorIs(t, wrapped, full)
	require.NotErrorIs(t, wrapped, New(Exhausted, "other", "the room is full"))
	require.Equal(t, Exhausted, KindOf(wrapped))
	require.Equal(t, Internal, KindOf(errors.New("plain")))
}

func TestCopiesLeaveTheSentinelAlone(t *testing.T) {
	base := New(NotFound, "room_not_found", "room not found")
	a := base.With("room", "a")
	b := a.With("room", "b").Saying("no such room")
	require.Empty(t, base.Metadata)
	require.Equal(t, "a", a.Metadata["room"])
	require.Equal(t, "b", b.Metadata["room"])
	require.Equal(t, "room not found", a.Error())
	require.Equal(t, "no such room: boom", b.Because(errors.New("boom")).Error())
}
