package webhook

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mutants are rules that somebody might well have written, each in the place of
// the right one. They are all built into one test binary, where mutant says which
// of them is on.
var mutants = []struct{ name, file, right, wrong string }{
	{"no rank", "state.go",
		"if s.end != nil {",
		"if s.end != nil && (mutant != `no rank` || s.missed == nil || s.missed.Before(*s.end)) {"},
	{"old SID accepted", "account.go",
		"m.is = mergeMeeting(m.is, e)",
		"for _, o := range a.meetings { if o == m || mutant == `old SID accepted` && o.roomID == room.ID { o.is = mergeMeeting(o.is, e) } }"},
	{"egress counted as a person", "state.go",
		"	switch e.Kind {\n	case video.ParticipantJoined:",
		"	if mutant == `egress counted as a person` && f.kind == video.RecorderKind { f.kind = video.Web }\n	switch e.Kind {\n	case video.ParticipantJoined:"},
}

// TestMutantsAreFound: TestTheAccountIsTrue fails with each mutant, soon and
// whatever the seed, and passes with none.
func TestMutantsAreFound(t *testing.T) {
	binary := buildMutants(t)
	for _, m := range append([]string{"none"}, names()...) {
		t.Run(m, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			run := exec.CommandContext(ctx, binary, "-test.run", "^TestTheAccountIsTrue$", "-test.v",
				"-rapid.checks=500", "-rapid.shrinktime=1ms", "-rapid.nofailfile")
			run.Env = append(os.Environ(), "ANTEROOM_TEST_MUTANT="+m)
			output, err := run.CombinedOutput()
			require.Equal(t, m == "none", err == nil, "%s", output)
			if m != "none" {
				require.Contains(t, string(output), "[rapid] failed after")
			}
		})
	}
}

func names() (names []string) {
	for _, m := range mutants {
		names = append(names, m.name)
	}
	return names
}

// buildMutants builds this package's tests with the mutants laid over the sources.
func buildMutants(t *testing.T) (binary string) {
	t.Helper()
	rules, err := filepath.Abs("../meeting")
	require.NoError(t, err)
	dir := t.TempDir()
	overlay := map[string]string{}
	replace := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		overlay[filepath.Join(rules, name)] = path
	}
	replace("mutant.go", "package meeting\n\nimport \"os\"\n\nvar mutant = os.Getenv(`ANTEROOM_TEST_MUTANT`)\n")
	sources := map[string]string{}
	for _, m := range mutants {
		if sources[m.file] == "" {
			text, err := os.ReadFile(filepath.Join(rules, m.file))
			require.NoError(t, err)
			sources[m.file] = string(text)
		}
		require.Equal(t, 1, strings.Count(sources[m.file], m.right), "%s: its rule is elsewhere now", m.name)
		sources[m.file] = strings.Replace(sources[m.file], m.right, m.wrong, 1)
	}
	for file, text := range sources {
		replace(file, text)
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	list := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(list, text, 0o600))
	binary = filepath.Join(dir, "mutants.test")
	args := append([]string{"test", "-c", "-vet=off", "-overlay", list, "-o", binary}, sameFlags()...)
	output, err := exec.CommandContext(t.Context(), "go", append(args, ".")...).CombinedOutput()
	require.NoError(t, err, "%s", output)
	return binary
}

// sameFlags are those that this test was built with, so that the rest need not be
// built anew.
func sameFlags() (flags []string) {
	info, _ := debug.ReadBuildInfo()
	for _, s := range info.Settings {
		if s.Key == "-race" || s.Key == "-tags" || s.Key == "-trimpath" {
			flags = append(flags, s.Key+"="+s.Value)
		}
	}
	return flags
}
