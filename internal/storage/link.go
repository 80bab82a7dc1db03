package storage

import (
	"cmp"
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxExpiry is the longest that S3 signs for.
const MaxExpiry = 7 * 24 * time.Hour

// Link says what a signed URL is good for.
type Link struct {
	Expiry time.Duration // from now; at most seven days
	Name   string        // under which it is saved, any text; the key's own if empty
	Inline bool          // to be shown rather than saved
}

func (l Link) check() error {
	if l.Expiry < time.Second || l.Expiry > MaxExpiry {
		return errors.New("a link lives from one second to seven days")
	}
	return nil
}

// maxName is as long as a file's name can be nearly everywhere, with room for
// a "(1)", in bytes.
const maxName = 200

// Disposition is the header Content-Disposition (RFC 6266): the name in the
// characters that all clients read, and then as it is (RFC 5987).
func Disposition(name string, inline bool) string {
	kind := "attachment"
	if inline {
		kind = "inline"
	}
	name = fileName(name)
	plain := strings.Map(asciiName, name)
	if plain == name {
		return mime.FormatMediaType(kind, map[string]string{"filename": plain})
	}
	return fmt.Sprintf("%s; filename=%q; filename*=UTF-8''%s", kind, plain, escapeName(name))
}

// fileName takes out of a title what no file's name may have: separators,
// control characters and those that turn the direction of writing, with
// which a name can look like another.
func fileName(title string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			return -1
		case strings.ContainsRune(`/\:*?"<>|`, r):
			return '-'
		}
		return r
	}, title)
	name = strings.Trim(name, " .")
	if len(name) <= maxName {
		return cmp.Or(name, "recording")
	}
	dot := strings.LastIndexByte(name, '.')
	ext := ""
	if dot > 0 && len(name)-dot <= 10 {
		ext = name[dot:]
		name = name[:dot]
	}
	return strings.TrimRight(strings.ToValidUTF8(name[:maxName-len(ext)], ""), " .") + ext
}

func asciiName(r rune) rune {
	if r >= utf8.RuneSelf || r == '%' || r == '"' || r == '\\' {
		return '_'
	}
	return r
}

// escapeName leaves RFC 5987's attr-char as they are.
func escapeName(name string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(name) {
		if c < utf8.RuneSelf && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.IndexByte("!#$&+-.^_`|~", c) >= 0) {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
	return b.String()
}
