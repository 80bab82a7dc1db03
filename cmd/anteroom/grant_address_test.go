package main

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

// TestAnAddressIsWhoHasItNow: users of an identity provider that is no longer
// configured cannot come, so no address is theirs.
func TestAnAddressIsWhoHasItNow(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		st := s.setStage()
		founder := s.as("founder")
		room := s.room(founder, restricted).GetId()
		grant := func() (inRoom *anteroomv1.Access, ofRecording *anteroomv1.RecordingAccess) {
			t.Helper()
			resp, err := founder.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
				Recording: st.rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER,
				Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: "Kim@example.org"},
			})
			require.NoError(t, err)
			return founder.grantTo(t, room, "Kim@example.org", anteroomv1.Role_ROLE_MEMBER), resp.GetAccess()
		}
		s.app.db.User.Create().SetID(uuid.Must(uuid.NewV7())).SetIssuer("https://before.example.org").SetSubject("kim").SetEmail("kim@example.org").
			SetFirstSeenTime(time.Now()).SetUpdateTime(time.Now()).ExecX(t.Context())
		inRoom, ofRecording := grant()
		require.Empty(t, inRoom.GetUser(), "it waits for who has the address")
		require.Empty(t, ofRecording.GetUser())
		kim := s.as("kim")
		s.join(kim, room)
		_, err := kim.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: st.rec.GetId()})
		require.NoError(t, err)

		_, err = founder.RevokeAccess(t.Context(), &anteroomv1.RevokeAccessRequest{Access: inRoom.GetId()})
		require.NoError(t, err)
		_, err = founder.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: ofRecording.GetId()})
		require.NoError(t, err)
		inRoom, ofRecording = grant()
		require.Equal(t, kim.id(t), inRoom.GetUser(), "now it is known who has it")
		require.Equal(t, kim.id(t), ofRecording.GetUser())
	})
}
