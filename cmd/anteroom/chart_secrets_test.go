package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestChartTakesNoSecretAsASetting: what is in a ConfigMap anybody reads who may look
// at the namespace.
func TestChartTakesNoSecretAsASetting(t *testing.T) {
	var schema struct {
		Properties struct {
			Settings struct {
				Properties map[string]map[string]any
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(textOf(t, "../../deploy/helm/anteroom/values.schema.json")), &schema))
	taken := schema.Properties.Settings.Properties
	for _, s := range settingsOf(commandTree(t).Model) {
		if s.Secret {
			require.Contains(t, taken[s.Name], "not", s.Name)
		}
	}
	require.Contains(t, taken["listen"], "not", "the chart's ports are what they are")
}
