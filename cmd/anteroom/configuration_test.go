package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPagesOfTheSettingsAreUpToDate(t *testing.T) {
	var c cli
	parser, err := newParser(t.Context(), &c, newSettings())
	require.NoError(t, err)
	all := settingsOf(parser.Model)
	for path, write := range map[string]func(io.Writer, []setting) error{
		"../../docs/configuration.md": writeMarkdown, "../../.env.example": writeEnv,
	} {
		var want bytes.Buffer
		require.NoError(t, write(&want, all))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want.String(), string(got), "run make generate")
	}
	for _, s := range all {
		require.NotEmpty(t, s.Help, s.Name)
		require.NotEmpty(t, s.Group, s.Name)
		require.NotEmpty(t, s.Type, s.Name)
		require.Equal(t, "ANTEROOM_"+strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_")), s.Env)
	}
}

func TestConfigLists(t *testing.T) {
	out, said, err := runs(t, map[string]string{"ANTEROOM_PIN_LENGTH": "x"}, "config")
	require.NoError(t, err, said)
	require.Contains(t, out, "  --livekit-api-secret, ANTEROOM_LIVEKIT_API_SECRET (SECRET; or a file: --livekit-api-secret-file, ANTEROOM_LIVEKIT_API_SECRET_FILE)\n")

	_, said, err = runs(t, map[string]string{"ANTEROOM_PIN_LENGTH": "x"}, "config", "--check")
	require.Error(t, err)
	require.Contains(t, said, "--pin-length, ANTEROOM_PIN_LENGTH: ")
	out, said, err = runs(t, nil, "config", "--check", "--config", file(t, "anteroom.yaml", enough))
	require.NoError(t, err, said)
	require.Equal(t, "the settings are right\n", out)
}

func TestHelpSaysDefaults(t *testing.T) {
	out, _, err := runs(t, nil, "storage", "audit", "--help")
	require.NoError(t, err)
	require.Contains(t, out, "Default: 1h.")
}

// TestEveryCommandHasExamples looks at the help of each.
func TestEveryCommandHasExamples(t *testing.T) {
	var c cli
	parser, err := newParser(t.Context(), &c, newSettings())
	require.NoError(t, err)
	for _, leaf := range parser.Model.Leaves(false) {
		require.Contains(t, leaf.Detail, "Examples:\n", leaf.FullPath())
	}
}
