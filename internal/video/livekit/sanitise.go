package livekit

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// redacted takes the place of a secret.
const redacted = "redacted"

// secretNames are parts of the names of fields that hold secrets, lower-case and
// without underscores: the TURN password of rooms, and what egress and ingress
// requests carry for stores, streams and their own webhooks. Parts, because a
// later LiveKit may have fields that we do not know yet.
var secretNames = []string{
	"password", "secret", "credential", "token", "accesskey", "accountkey", "accountname",
	"signingkey", "streamkey", "apikey", "privatekey", "externalid", "authorization",
}

// sanitise gives the JSON without its secrets. Of URLs only the scheme and the
// host are kept: streams carry their key in the path, web pages theirs in the query.
func sanitise(body []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(clean("", value))
}

// clean walks the value of a field. Elements of a list are named like the list.
func clean(name string, value any) any {
	if isSecret(name) && value != nil && value != "" {
		return redacted
	}
	switch v := value.(type) {
	case map[string]any:
		for key, member := range v {
			v[key] = clean(fold(key), member)
		}
	case []any:
		for i, element := range v {
			v[i] = clean(name, element)
		}
	case string:
		if strings.HasSuffix(name, "url") || strings.HasSuffix(name, "urls") {
			return origin(v)
		}
	}
	return value
}

func isSecret(name string) bool {
	return slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) })
}

// fold makes camelCase and snake_case the same, as protojson takes both.
func fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// origin is the scheme and the host of a URL. LiveKit also takes mux://KEY and
// twitch://KEY, so the host of a scheme that we do not know is not kept.
func origin(raw string) string {
	if raw == "" {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || !slices.Contains(hostSchemes, u.Scheme) {
		return redacted
	}
	return u.Scheme + "://" + u.Host
}

var hostSchemes = []string{"http", "https", "ws", "wss", "rtmp", "rtmps", "srt"}
