package recording

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	"github.com/anteroom-dev/anteroom/ent/schema"
)

func TestGrantsOf(t *testing.T) {
	now := time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { u := now.Add(d); return &u }
	starter, owner, member, mail := uuid.New(), uuid.New(), uuid.New(), "later@example.org"
	held := []*ent.Access{
		{UserID: &member, Role: entaccess.RoleMember, ExpireTime: at(time.Hour)},
		{UserID: &owner, Role: entaccess.RoleOwner},
		{Email: &mail, Role: entaccess.RoleAdmin},
	}
	owners := []granted{{userID: &starter, role: recordingaccess.RoleOwner}, {userID: &owner, role: recordingaccess.RoleOwner}}
	members := func(member_, mail_ *time.Time) []granted {
		return []granted{
			{userID: &member, role: recordingaccess.RoleMember, until: member_}, {email: &mail, role: recordingaccess.RoleAdmin, until: mail_},
		}
	}
	meeting := uuid.New()
	for name, c := range map[string]struct {
		settings schema.RoomSettings
		rec      ent.Recording
		want     []granted
	}{
		"nothing said": {schema.RoomSettings{}, ent.Recording{StarterID: &starter}, owners},
		"owners":       {schema.RoomSettings{RecordingAudience: AudienceOwners}, ent.Recording{StarterID: &starter}, owners},
		"by itself":    {schema.RoomSettings{}, ent.Recording{}, owners[1:]},
		"members, no longer than they are": {
			schema.RoomSettings{RecordingAudience: AudienceMembers}, ent.Recording{StarterID: &starter, MeetingID: &meeting},
			append(owners[:2:2], members(at(time.Hour), nil)...),
		},
		"for a while": {
			schema.RoomSettings{RecordingAudience: AudienceAttendees, RecordingAudienceDuration: 30 * time.Minute},
			ent.Recording{StarterID: &starter, MeetingID: &meeting},
			append(append(owners[:2:2], members(at(30*time.Minute), at(30*time.Minute))...), granted{everyone: true, role: recordingaccess.RoleMember, until: at(30 * time.Minute)}),
		},
		"for longer": {
			schema.RoomSettings{RecordingAudience: AudienceMembers, RecordingAudienceDuration: 2 * time.Hour}, ent.Recording{StarterID: &starter},
			append(owners[:2:2], members(at(time.Hour), at(2*time.Hour))...),
		},
	} {
		require.Equal(t, c.want, grantsOf(c.settings, &c.rec, held, now), name)
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 3, 1, 22, 30, 0, 0, time.UTC)
	for _, c := range []struct{ installation, room, want time.Duration }{
		{0, 0, 0}, {time.Hour, 0, time.Hour}, {0, time.Minute, time.Minute}, {time.Hour, time.Minute, time.Minute}, {time.Minute, time.Hour, time.Hour},
	} {
		r := &Recordings{config: Config{Retention: c.installation}}
		got := r.expiry(schema.RoomSettings{RecordingRetention: c.room}, now)
		if c.want == 0 {
			require.Nil(t, got)
			continue
		}
		require.Equal(t, now.Add(c.want), *got)
	}
}
