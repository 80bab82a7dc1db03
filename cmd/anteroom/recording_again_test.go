package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

// TestLookedAtAgain: what was not to be recorded by itself is looked at when that
// changes.
func TestLookedAtAgain(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("made a host inside", s.madeHost)
		t.Run("declined and never came", s.neverCame)
	})
}

// madeHost: who is in and is made an admin is a host from then on.
func (s *studio) madeHost(t *testing.T) {
	s = s.in(t)
	owner, other := s.as("made-owner"), s.as("made-host")
	room := s.room(owner, public, with(&anteroomv1.RoomSettings{
		RecordingPolicy: automatic, RecordingMode: audio, RecordingTrigger: anteroomv1.RecordingTrigger_RECORDING_TRIGGER_HOST,
	}))
	defer s.enter(other, room)()
	s.quiet()
	require.Empty(t, s.listed(owner, room), "nobody in it runs the room")
	_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_MEMBER, Grantee: &anteroomv1.GrantAccessRequest_User{User: other.id(t)},
	})
	require.NoError(t, err)
	s.quiet()
	require.Empty(t, s.listed(owner, room), "a member does not")
	got, err := owner.ListAccesses(t.Context(), &anteroomv1.ListAccessesRequest{Room: room.GetId()})
	require.NoError(t, err)
	for _, held := range got.GetAccesses() {
		if held.GetRole() == anteroomv1.Role_ROLE_MEMBER {
			_, err = owner.UpdateAccess(t.Context(), &anteroomv1.UpdateAccessRequest{Access: held.GetId(), Role: anteroomv1.Role_ROLE_ADMIN})
			require.NoError(t, err)
		}
	}
	s.until(owner, s.running(owner, room).GetId(), active)
}

// neverCame: who declined at the door is waited for, and then it begins.
func (s *studio) neverCame(t *testing.T) {
	s = s.in(t)
	yes := true
	owner, guest := s.as("never-owner"), s.guest()
	room := s.room(owner, public, with(&anteroomv1.RoomSettings{
		ConsentRequired: &yes, RecordingPolicy: automatic, RecordingMode: audio,
		RecordingTrigger: anteroomv1.RecordingTrigger_RECORDING_TRIGGER_SECOND_PERSON,
	}))
	defer s.enter(owner, room)()
	pass := s.join(guest, room.GetId())
	s.says(guest, pass.GetTicket(), room, declined)
	defer s.enter(s.as("never-second"), room)()
	s.quiet()
	require.Empty(t, s.listed(owner, room), "they are about to come")
	s.clock().Advance(15 * time.Minute)
	s.due("recording.comply")
	s.until(owner, s.running(owner, room).GetId(), active)
}
