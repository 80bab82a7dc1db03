package main

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

// filledIn are the values that somebody writes into deploy/compose/.env.
var filledIn = map[string]string{
	"DOMAIN": "meet.example.org", "LIVEKIT_DOMAIN": "livekit.example.org", "ANTEROOM_SECRET": strings.Repeat("0123456789", 4),
	"LIVEKIT_API_KEY": "anteroom", "LIVEKIT_API_SECRET": strings.Repeat("s", 32), "POSTGRES_PASSWORD": "p", "MINIO_PASSWORD": "m",
	"OIDC_ISSUER": "https://id.example.org", "OIDC_CLIENT_ID": "anteroom", "OIDC_CLIENT_SECRET": "c",
	"OIDC_OPERATOR_CLAIM": "groups", "OIDC_OPERATOR_VALUE": "anteroom-operators", "DIAL_IN_NUMBERS": "+33199001234=Paris",
}

var variable = regexp.MustCompile(`\$\{(\w+)(:-[^}]*)?\}`)

// TestComposeSettings: the settings in the compose file are settings that there
// are, and fit together; also where those that may be empty are.
func TestComposeSettings(t *testing.T) {
	var compose struct {
		Common struct {
			Environment map[string]string
		} `yaml:"x-anteroom"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(textOf(t, "../../deploy/compose/compose.yaml")), &compose))
	require.NotEmpty(t, compose.Common.Environment)
	example := textOf(t, "../../deploy/compose/example.env")
	for name, optional := range map[string]bool{"all": false, "least": true} {
		t.Run(name, func(t *testing.T) {
			for env, value := range compose.Common.Environment {
				for _, found := range variable.FindAllStringSubmatch(value, -1) {
					require.Contains(t, example, found[1]+"=", "example.env")
				}
				t.Setenv(env, variable.ReplaceAllStringFunc(value, func(v string) string {
					found := variable.FindStringSubmatch(v)
					if optional && found[2] != "" {
						return strings.TrimPrefix(found[2], ":-")
					}
					require.Contains(t, filledIn, found[1])
					return filledIn[found[1]]
				}))
			}
			_, err := parse(t, "config", "--check")
			require.NoError(t, err)
		})
	}
	requireKnown(t, compose.Common.Environment)
}

// TestComposeLinks: the links to recordings are for browsers, which see the proxy alone.
func TestComposeLinks(t *testing.T) {
	var compose struct {
		Common struct {
			Environment map[string]string
		} `yaml:"x-anteroom"`
	}
	text := textOf(t, "../../deploy/compose/compose.yaml")
	require.NoError(t, yaml.Unmarshal([]byte(text), &compose))
	store, err := storage.Open(t.Context(), storage.Config{
		URL:       strings.ReplaceAll(compose.Common.Environment["ANTEROOM_STORAGE_URL"], "${DOMAIN}", filledIn["DOMAIN"]),
		AccessKey: "anteroom", SecretKey: "m", Clock: clockwork.NewRealClock(),
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	link, err := store.SignedURL(t.Context(), "a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	u, err := url.Parse(link)
	require.NoError(t, err)
	require.Equal(t, "https://"+filledIn["DOMAIN"], u.Scheme+"://"+u.Host)
	bucket, isIn := strings.CutSuffix(u.Path, "a.mp4")
	require.True(t, isIn, link)
	proxy := textOf(t, "../../deploy/compose/Caddyfile")
	require.Contains(t, proxy, "path "+bucket+"*\n")
	require.Contains(t, proxy, "uri replace "+storage.MediaPath+" "+bucket+" 1\n")
	require.Contains(t, text, "store"+strings.TrimSuffix(bucket, "/")+"\"")
}

// requireKnown checks that each variable is a setting's.
func requireKnown(t *testing.T, variables map[string]string) {
	t.Helper()
	pages := textOf(t, "../../.env.example")
	for env := range variables {
		require.Contains(t, pages, env+"=")
	}
}

// TestChartSettings: the settings in the chart's examples are settings that there
// are, and fit together with the secrets that they name.
func TestChartSettings(t *testing.T) {
	paths, err := filepath.Glob("../../deploy/helm/values/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	secrets := map[string]string{
		"secret": strings.Repeat("0123456789", 4), "database-url": "postgres://anteroom@db/anteroom", "livekit-api-secret": "s",
		"oidc-client-secret": "c", "storage-access-key": "k", "storage-secret-key": "s",
	}
	var defaults, values struct {
		Settings map[string]any
		Secret   struct{ Keys []string }
	}
	require.NoError(t, yaml.Unmarshal([]byte(textOf(t, "../../deploy/helm/anteroom/values.yaml")), &defaults))
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			values.Settings, values.Secret.Keys = nil, defaults.Secret.Keys
			require.NoError(t, yaml.Unmarshal([]byte(textOf(t, path)), &values))
			for _, key := range values.Secret.Keys {
				require.Contains(t, secrets, key)
				t.Setenv("ANTEROOM_"+strings.ToUpper(strings.ReplaceAll(key, "-", "_"))+"_FILE", file(t, key, secrets[key]))
			}
			text, err := yaml.Marshal(values.Settings)
			require.NoError(t, err)
			config := file(t, "anteroom.yaml", string(text))
			_, err = parse(t, "config", "--check", "--config", config)
			require.NoError(t, err)
		})
	}
}
