package storage

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// MediaPath is where a reverse proxy shows the files of recordings to those
// for whom Anteroom allows it.
const MediaPath = "/media/recordings/"

// Originals are the headers in which reverse proxies say what somebody asked
// them for: nginx by our documentation, Caddy by itself.
var Originals = []string{"X-Original-Url", "X-Forwarded-Uri"}

// MediaKey finds out which file a reverse proxy is asking about. Where
// more than one header speaks they have to agree: a proxy sets one of them and
// may let through the other as a visitor sent it. ErrKey for anything doubtful.
func MediaKey(h http.Header, prefix string) (string, error) {
	key := ""
	for _, name := range Originals {
		values := h.Values(name)
		if len(values) == 0 {
			continue
		}
		k, err := ParseMediaURL(values[0], prefix)
		if err != nil || len(values) > 1 || key != "" && key != k {
			return "", ErrKey
		}
		key = k
	}
	if key == "" {
		return "", ErrKey
	}
	return key, nil
}

// ambiguous is what servers do not decode alike: slashes, backslashes, dots
// and per cents behind a per cent.
var ambiguous = regexp.MustCompile(`(?i)%(?:2f|5c|2e|25)`)

// ParseMediaURL reads
//
//	[ scheme "://" host ] prefix key [ "?" query ]
//
// and gives the key. The key is percent-encoded once at most, and never where
// one server would see a folder and another none; "." and ".." segments, empty
// segments and an empty key are refused.
func ParseMediaURL(raw, prefix string) (string, error) {
	if len(raw) > 3*maxKey {
		return "", ErrKey
	}
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" || u.Fragment != "" || u.User != nil {
		return "", ErrKey
	}
	if u.Scheme == "" && (u.Host != "" || !strings.HasPrefix(raw, "/")) {
		return "", ErrKey
	}
	if ambiguous.MatchString(u.EscapedPath()) {
		return "", ErrKey
	}
	key, found := strings.CutPrefix(u.Path, "/"+strings.Trim(prefix, "/")+"/")
	if !found || checkKey(key) != nil {
		return "", ErrKey
	}
	return key, nil
}
