// Package mutanttest sees that a test finds rules that somebody might well have
// written, each in the place of the right one. They are all built into one test
// binary, where the variable mutant says which of them is on.
package mutanttest

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runLimit bounds a run of the test.
const runLimit = time.Minute

// Mutant is a wrong rule: where in a file the right one is written, and what the
// wrong one is.
type Mutant = struct{ Name, File, Right, Wrong string }

// Find has a property of the calling package, of which a pattern says where it runs,
// put in so many cases to the mutants of the package in dir: it fails with each, soon and whatever the
// seed, and passes with none.
func Find(t *testing.T, dir, pattern string, cases int, mutants []Mutant) {
	t.Helper()
	binary := build(t, dir, mutants)
	for _, m := range append([]Mutant{{Name: "none"}}, mutants...) {
		t.Run(m.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), runLimit)
			defer cancel()
			run := exec.CommandContext(ctx, binary, "-test.run", pattern, "-test.v",
				"-rapid.checks="+strconv.Itoa(cases), "-rapid.shrinktime=1ms", "-rapid.nofailfile")
			run.Env = append(os.Environ(), "ANTEROOM_TEST_MUTANT="+m.Name)
			output, err := run.CombinedOutput()
			require.Equal(t, m.Name == "none", err == nil, "%s", output)
			if m.Name != "none" {
				require.Contains(t, string(output), "[rapid] failed after")
			}
		})
	}
}

// build builds the calling package's tests with the mutants laid over the sources.
func build(t *testing.T, dir string, mutants []Mutant) (binary string) {
	t.Helper()
	rules, err := filepath.Abs(dir)
	require.NoError(t, err)
	written, overlay := t.TempDir(), map[string]string{}
	replace := func(name, text string) {
		path := filepath.Join(written, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		overlay[filepath.Join(rules, name)] = path
	}
	replace("mutant.go", "package "+filepath.Base(rules)+"\n\nimport \"os\"\n\nvar mutant = os.Getenv(`ANTEROOM_TEST_MUTANT`)\n")
	sources := map[string]string{}
	for _, m := range mutants {
		if sources[m.File] == "" {
			text, err := os.ReadFile(filepath.Join(rules, m.File))
			require.NoError(t, err)
			sources[m.File] = string(text)
		}
		require.Equal(t, 1, strings.Count(sources[m.File], m.Right), "%s: its rule is elsewhere now", m.Name)
		sources[m.File] = strings.Replace(sources[m.File], m.Right, m.Wrong, 1)
	}
	for file, text := range sources {
		replace(file, text)
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	list := filepath.Join(written, "overlay.json")
	require.NoError(t, os.WriteFile(list, text, 0o600))
	binary = filepath.Join(written, "mutants.test")
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
