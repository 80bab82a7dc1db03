package storage_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

func TestParseMediaURL(t *testing.T) {
	for raw, want := range map[string]string{
		"/media/recordings/room/a.mp4":                              "room/a.mp4",
		"/media/recordings/a.mp4?x=1&y=../..":                       "a.mp4",
		"https://meet.example.org/media/recordings/room/a.mp4":      "room/a.mp4",
		"http://[::1]:8080/media/recordings/a.mp4":                  "a.mp4",
		"/media/recordings/a%20b.mp4":                               "a b.mp4",
		"/media/recordings/%C3%A9.mp4":                              "é.mp4",
		"/media/recordings/a+b.mp4":                                 "a+b.mp4",
		"":                                                          "",
		"/":                                                         "",
		"/media/recordings":                                         "",
		"/media/recordings/":                                        "",
		"/media/recordings/?key=a.mp4":                              "",
		"/media/recordings//a.mp4":                                  "",
		"/media/recordings/a.mp4/":                                  "",
		"/media/recordings/../secret":                               "",
		"/media/recordings/a/../b.mp4":                              "",
		"/media/recordings/./a.mp4":                                 "",
		"/media/recordings/%2e%2e/secret":                           "",
		"/media/recordings/.%2E/secret":                             "",
		"/media/recordings/a%2Fb.mp4":                               "",
		"/media/recordings/a%5Cb.mp4":                               "",
		`/media/recordings/a\b.mp4`:                                 "",
		"/media/recordings/%252e%252e/secret":                       "",
		"/media/recordings/a%2520b.mp4":                             "",
		"/media/recordings/a%25.mp4":                                "",
		"/media/recordings/a%00.mp4":                                "",
		"/media/recordings/a%0Ab.mp4":                               "",
		"/media/recordings/a%FF.mp4":                                "",
		"/media/recordings/a%zz.mp4":                                "",
		"/media/recordings/a.mp4#fragment":                          "",
		"/media/other/a.mp4":                                        "",
		"/media/recordingsa.mp4":                                    "",
		"/x/media/recordings/a.mp4":                                 "",
		"/media/../media/recordings/a.mp4":                          "",
		"//media/recordings/a.mp4":                                  "",
		"media/recordings/a.mp4":                                    "",
		"https://user@meet.example.org/media/recordings/a.mp4":      "",
		"mailto:/media/recordings/a.mp4":                            "a.mp4",
		"/media%2Frecordings/a.mp4":                                 "",
		"/media/recordings/" + strings.Repeat("a/", 2000) + "a.mp4": "",
		"https://meet.example.org:bad/media/recordings/a.mp4":       "",
		"/media/recordings/a.mp4 HTTP/1.1\r\nX-Forwarded-Uri: /media/other/a": "",
	} {
		key, err := storage.ParseMediaURL(raw, storage.MediaPath)
		require.Equal(t, want, key, raw)
		if want == "" {
			require.ErrorIs(t, err, storage.ErrKey, raw)
		} else {
			require.NoError(t, err, raw)
		}
	}
	for _, prefix := range []string{"/videos/", "videos", "/videos", "videos/"} {
		key, err := storage.ParseMediaURL("/videos/a.mp4", prefix)
		require.NoError(t, err)
		require.Equal(t, "a.mp4", key)
	}
}

func TestMediaKey(t *testing.T) {
	const a, b = "/media/recordings/a.mp4", "/media/recordings/b.mp4"
	for _, c := range []struct {
		name string
		h    http.Header
		want string
	}{
		{"nginx", http.Header{"X-Original-Url": {"https://meet.example.org" + a}}, "a.mp4"},
		{"Caddy", http.Header{"X-Forwarded-Uri": {a}}, "a.mp4"},
		{"both alike", http.Header{"X-Original-Url": {"http://x" + a}, "X-Forwarded-Uri": {a}}, "a.mp4"},
		{"one from the visitor", http.Header{"X-Original-Url": {a}, "X-Forwarded-Uri": {b}}, ""},
		{"one is broken", http.Header{"X-Original-Url": {a}, "X-Forwarded-Uri": {""}}, ""},
		{"the other is broken", http.Header{"X-Original-Url": {""}, "X-Forwarded-Uri": {a}}, ""},
		{"twice", http.Header{"X-Original-Url": {a, b}}, ""},
		{"neither", http.Header{}, ""},
	} {
		key, err := storage.MediaKey(c.h, storage.MediaPath)
		require.Equal(t, c.want, key, c.name)
		require.Equal(t, c.want == "", err != nil, c.name)
	}
}

func FuzzParseMediaURL(f *testing.F) {
	for _, raw := range []string{
		"/media/recordings/a.mp4", "https://x/media/recordings/a/b.mp4?q", "/media/recordings/%2e%2e/a", "/media/recordings/%252e", "",
	} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		key, err := storage.ParseMediaURL(raw, storage.MediaPath)
		if err != nil {
			require.Empty(t, key)
			return
		}
		require.NotEmpty(t, key)
		require.NotContains(t, key, "%")
		require.NotContains(t, "/"+key+"/", "/../")
		require.NotContains(t, "/"+key+"/", "//")
		// Whoever decodes it again finds the same.
		again, err := url.PathUnescape(key)
		require.NoError(t, err)
		require.Equal(t, key, again)
	})
}
