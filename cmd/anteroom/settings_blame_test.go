package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMistakesAreOfTheirOwnSetting: each is said of the setting that it is in, and hides
// no other.
func TestMistakesAreOfTheirOwnSetting(t *testing.T) {
	config := file(t, "anteroom.yaml", enough)
	for _, try := range []map[string]string{
		{"recording-preset": "4k", "recording-sound": "wav", "recording-keys": "{nothing}"},
		{"recording-max-duration": "-1h", "recording-retention": "-1h", "keep-event-bodies": "-1h"},
		{"language": "xx", "time-zone": "Foo/Bar", "mail-url": "ftp://mail.example.org", "mail-from": "nobody"},
		{"sip-uri": "pbx.example.org", "livekit-other-keys": "key:another"},
		{"public-url": "https://meet.example.org/?from=mail"},
		{"storage-url": "s3://recordings?region=x&endpoint=minio:9000"},
		{"storage-url": "s3://recordings?region=x&public_endpoint=files.example.org"},
		{"oidc-client-secret": "another"},
	} {
		t.Run("", func(t *testing.T) {
			var names []string
			for name, value := range try {
				t.Setenv("ANTEROOM_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")), value)
				names = append(names, name)
			}
			_, err := parse(t, "config", "--check", "--config", config)
			requireWrong(t, err, names...)
			require.NotContains(t, err.Error(), "another")
		})
	}
	for name, value := range map[string]string{"sip-uri": "sip:pbx.example.org", "livekit-other-keys": "next:another", "recording-retention": "0"} {
		_, err := parse(t, "config", "--check", "--config", config, "--"+name, value)
		require.NoError(t, err, name)
	}
}
