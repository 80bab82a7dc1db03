package livekit

import (
	"bytes"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// redacted takes the place of a secret.
const redacted = "redacted"

// verdict is what becomes of a field's value.
type verdict uint8

const (
	keep   verdict = iota
	hide           // all of it is secret
	shut           // a URL, of which only the scheme and the host are kept
	shutIn         // a text, whose URLs are shut
)

// secretNames are parts of the names of fields that hold secrets, lower-case and
// without underscores: the TURN password of rooms, and what egress and ingress
// requests carry for stores, streams and their own webhooks. Parts, because a
// later LiveKit may have fields that we do not know yet.
var secretNames = []string{
	"password", "secret", "credential", "token", "accesskey", "accountkey", "accountname",
	"signingkey", "streamkey", "apikey", "privatekey", "externalid", "authorization",
}

// judge decides by a field's name. Streams carry their key in the URL's path, web
// pages theirs in the query, and an error may repeat either.
func judge(name string) verdict {
	// protojson takes camelCase and snake_case.
	name = strings.ToLower(strings.ReplaceAll(name, "_", ""))
	switch {
	case slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) }):
		return hide
	case strings.HasSuffix(name, "url"), strings.HasSuffix(name, "urls"):
		return shut
	case name == "error", name == "details", name == "endpoint":
		return shutIn
	}
	return keep
}

// verdicts are those of the names that LiveKit's events have.
var verdicts = verdictsOf((&livekit.WebhookEvent{}).ProtoReflect().Descriptor(), map[string]verdict{},
	map[protoreflect.FullName]bool{})

func verdictsOf(d protoreflect.MessageDescriptor, of map[string]verdict, seen map[protoreflect.FullName]bool) map[string]verdict {
	if seen[d.FullName()] {
		return of
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		of[f.JSONName()], of[f.TextName()] = judge(f.JSONName()), judge(f.TextName())
		if f.Message() != nil {
			verdictsOf(f.Message(), of, seen)
		}
	}
	return of
}

// sanitise gives JSON that was found valid without its secrets: the same bytes
// when there are none.
func sanitise(body []byte) []byte {
	s := scrubber{in: body}
	s.value(keep)
	if s.out == nil {
		return body
	}
	return append(s.out, body[s.copied:]...)
}

// scrubber reads JSON once and copies what lies between the secrets. As the body
// of an event is on the way of every webhook, it is not decoded for that.
type scrubber struct {
	in     []byte
	at     int // what is read next
	out    []byte
	copied int // as far as out has the input
}

// value reads a value. Elements of a list are judged like the list.
func (s *scrubber) value(v verdict) {
	s.space()
	start, out, copied := s.at, len(s.out), s.copied
	switch s.peek() {
	case '{':
		s.members()
	case '[':
		s.elements(v)
	case '"':
		s.text()
	default:
		s.literal()
	}
	switch raw := s.in[start:s.at]; {
	case v == hide && string(raw) != `""` && string(raw) != "null":
		s.out, s.copied = s.out[:out], copied
		s.replace(start, redacted)
	case v == shut && raw[0] == '"':
		s.change(start, raw, origin)
	case v == shutIn && raw[0] == '"':
		s.change(start, raw, withoutURLs)
	}
}

func (s *scrubber) members() {
	for s.at++; s.more('}'); {
		start := s.at
		s.text()
		v := verdictOf(s.in[start:s.at])
		s.space()
		s.at++ // the colon
		s.value(v)
	}
}

func (s *scrubber) elements(v verdict) {
	for s.at++; s.more(']'); {
		s.value(v)
	}
}

// more goes to the next member or element, or behind the end.
func (s *scrubber) more(end byte) bool {
	if s.space(); s.peek() == ',' {
		s.at++
		s.space()
	}
	switch s.peek() {
	case end:
		s.at++
		return false
	case 0:
		return false
	}
	return true
}

// text reads a string with its quotes.
func (s *scrubber) text() {
	for s.at++; s.peek() != '"' && s.peek() != 0; s.at++ {
		if s.peek() == '\\' {
			s.at++
		}
	}
	s.at = min(s.at+1, len(s.in))
}

// literal reads a number, or a word.
func (s *scrubber) literal() {
	end := bytes.IndexAny(s.in[s.at:], ",]} \t\r\n")
	if end < 0 {
		end = len(s.in) - s.at
	}
	s.at += end
}

func (s *scrubber) space() {
	for c := s.peek(); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = s.peek() {
		s.at++
	}
}

// peek is 0 at the end, which valid JSON has nowhere else.
func (s *scrubber) peek() byte {
	if s.at >= len(s.in) {
		return 0
	}
	return s.in[s.at]
}

// change puts another text into the place of a string.
func (s *scrubber) change(start int, raw []byte, to func(string) string) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		s.replace(start, redacted)
	} else if changed := to(text); changed != text {
		s.replace(start, changed)
	}
}

// replace puts a text into the place of what was read since start.
func (s *scrubber) replace(start int, text string) {
	s.out = append(s.out, s.in[s.copied:start]...)
	quoted, _ := json.Marshal(text) // of a string it does not fail
	s.out = append(s.out, quoted...)
	s.copied = s.at
}

// verdictOf judges a name as it stands in the JSON, with its quotes.
func verdictOf(quoted []byte) verdict {
	if v, ok := verdicts[string(bytes.Trim(quoted, `"`))]; ok {
		return v
	}
	var name string
	if json.Unmarshal(quoted, &name) != nil {
		return hide
	}
	return judge(name)
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

// inText is a URL in the midst of a text.
var inText = regexp.MustCompile(`\w+://[^\s"\'<>]+`)

func withoutURLs(text string) string { return inText.ReplaceAllStringFunc(text, origin) }
