package access

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

func TestEveryProcedureIsInTheTable(t *testing.T) {
	seen := map[string]bool{}
	protoregistry.GlobalFiles.RangeFilesByPackage("anteroom.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				name := "/" + string(s.FullName()) + "/" + string(s.Methods().Get(j).Name())
				seen[name] = true
				require.NotEqual(t, Nobody, Calls(name), "%s is not in the access table", name)
			}
		}
		return true
	})
	require.NotEmpty(t, seen)
	for name := range procedures {
		require.True(t, seen[name], "%s is in the access table but in no proto", name)
	}
}

func TestWhoAdmits(t *testing.T) {
	for _, c := range []struct {
		who                   Who
		guest, user, operator bool
	}{
		{Nobody, false, false, false},
		{Anyone, true, true, true},
		{SignedIn, false, true, true},
		{Operator, false, false, true},
		{Provider, true, true, true},
	} {
		require.Equal(t, c.guest, c.who.Admits(false, false), "%d guest", c.who)
		require.Equal(t, c.user, c.who.Admits(true, false), "%d user", c.who)
		require.Equal(t, c.operator, c.who.Admits(true, true), "%d operator", c.who)
	}
	require.False(t, Operator.Admits(false, true), "an operator is signed in")
}

func TestMay(t *testing.T) {
	for _, c := range []struct {
		action   Action
		least    Role
		operator bool
	}{
		{ReadRoom, None, true},
		{EnterRoom, Viewer, false},
		{ReadLive, Viewer, true},
		{ReadSettings, Member, true},
		{UpdateRoom, Admin, true},
		{RotatePin, Admin, true},
		{ReadAccesses, Admin, true},
		{ManageAccess, Admin, true},
		{ManageOwners, Owner, true},
		{DeleteRoom, Owner, true},
		{ReadMeetings, Member, true},
		{ReadNumbers, Admin, true},
		{ReadUsage, Owner, true},
		{RecordRoom, Admin, false},
		{ReadConsents, Admin, true},
		{ReadRecording, Member, true},
		{PlayRecording, Member, false},
		{SaveRecording, Admin, false},
		{ReadRecordingAccesses, Admin, true},
		{ManageRecordingAccess, Admin, false},
		{ManageRecordingOwners, Owner, false},
		{KeepRecording, Owner, true},
		{DeleteRecording, Owner, true},
		{ReportProcessing, Owner, true},
	} {
		for r := None; r <= Owner; r++ {
			require.Equal(t, r >= c.least, May(r, false, c.action), "%s action %d", r, c.action)
		}
		require.Equal(t, c.operator || c.least == None, May(None, true, c.action), "operator action %d", c.action)
	}
	require.False(t, May(Owner, false, SettleRoom))
	require.True(t, May(None, true, SettleRoom))
	require.False(t, May(Owner, true, actions), "an action outside the table is refused")
}

func TestRoleWords(t *testing.T) {
	for r := None; r <= Owner; r++ {
		require.Equal(t, r, ByName(r.String()))
	}
	require.Equal(t, None, ByName("emperor"))
	require.False(t, Viewer.Publishes())
	require.True(t, Guest.Publishes())
}
