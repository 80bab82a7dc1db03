package room

import (
	"crypto/rand"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/gosimple/slug"
)

const (
	minSlug = 3
	maxSlug = 60 // leaves room for a suffix within the 80 that may be asked for
)

var separators = regexp.MustCompile("[-_]+")

// slugFor makes a slug of a name in any script, by transliteration. A name that
// leaves too little, and one whose plain slug is taken, gets a random suffix.
func slugFor(name string, suffixed bool) string {
	s := slug.Make(name)
	if len(s) > maxSlug {
		s = s[:maxSlug]
	}
	s = strings.Trim(separators.ReplaceAllString(s, "-"), "-")
	if s == "" {
		s = "room"
		suffixed = true
	}
	if suffixed || len(s) < minSlug || looksLikeID(s) {
		s += "-" + strings.ToLower(rand.Text()[:6])
	}
	return s
}

// looksLikeID says whether a slug could be read as a UUID, dashed or not.
func looksLikeID(s string) bool {
	_, err := uuid.Parse(s)
	return err == nil
}
