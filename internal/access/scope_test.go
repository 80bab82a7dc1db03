package access

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryProcedureSaysWhichScopeOpensIt(t *testing.T) {
	for name, who := range procedures {
		scope, ok := opened[name]
		if who == Provider {
			require.False(t, ok, "%s is for providers: no key opens it", name)
			continue
		}
		require.True(t, ok, "%s is not in the table of scopes", name)
		require.True(t, scope == everyKey || scope == noKey || slices.Contains(Scopes, scope), "%s has an unknown scope %s", name, scope)
		require.NotEqual(t, Operating, scope, "what operators do needs a scope of its own as well")
	}
	for name := range opened {
		require.Contains(t, procedures, name, "in the table of scopes alone")
	}
}

// TestScopesOpenWhatTheyName: each scope opens its own procedures and no other.
func TestScopesOpenWhatTheyName(t *testing.T) {
	used := map[Scope]bool{Operating: true}
	for name, scope := range opened {
		used[scope] = true
		for _, held := range Scopes {
			_, ok := Opens(name, []string{string(held)})
			require.Equal(t, scope == everyKey || scope == held, ok, "%s by %s", name, held)
		}
		_, ok := Opens(name, nil)
		require.Equal(t, scope == everyKey, ok, "%s by none", name)
		for _, trick := range []string{"*", "-", ""} {
			_, ok = Opens(name, []string{trick})
			require.Equal(t, scope == everyKey, ok, "%s by %q", name, trick)
		}
	}
	for _, s := range Scopes {
		require.True(t, used[s], "%s opens nothing", s)
	}
	_, ok := Opens(prefix+"RoomService/NoSuchThing", []string{string(RoomsRead), string(Operating), ""})
	require.False(t, ok)
	lacks, _ := Opens(prefix+"RoomService/CreateRoom", []string{"rooms:read"})
	require.Equal(t, RoomsWrite, lacks)
}
