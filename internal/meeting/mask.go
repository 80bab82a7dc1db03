package meeting

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
)

var (
	// number is a telephone number in a text, with what people write between digits.
	number   = regexp.MustCompile(`\+?\d(?:[ .()/-]*\d){3,}`)
	notDigit = regexp.MustCompile(`\D`)
)

// mask hides most of a caller's number, which is part of the identity and often
// of the name too. Whose kind nobody has said yet may be a caller, unless it is
// a user.
func mask(p *ent.Participation) {
	_, err := uuid.Parse(p.Identity)
	if isUser := err == nil; isUser || p.Kind != nil && *p.Kind != participation.KindPhone {
		return
	}
	p.PhoneNumber, p.Identity, p.DisplayName = Masked(p.PhoneNumber), Masked(p.Identity), Masked(p.DisplayName)
}

// Masked hides the middle of the numbers in a text: +3•••678. Of a short one,
// an extension, its end is all that is shown.
func Masked(text string) string {
	return number.ReplaceAllStringFunc(text, func(found string) string {
		plus := ""
		if strings.HasPrefix(found, "+") {
			plus = "+"
		}
		digits := notDigit.ReplaceAllString(found, "")
		if len(digits) < 7 {
			return "•••" + digits[len(digits)-1:]
		}
		return plus + digits[:1] + "•••" + digits[len(digits)-3:]
	})
}
