package sip

import (
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrNumber says that a configured dial-in number is none.
var ErrNumber = fault.New(fault.Invalid, "dial_in_number_invalid", "a dial-in number is written as +33123456789 or +33123456789=Paris")

// Number is a telephone number that leads to the rooms.
type Number struct {
	E164     string
	Country  string // ISO 3166-1 alpha-2; "" for numbers of no country
	Label    string
	TollFree bool
}

// ParseNumber reads a number as it is configured: E.164, and after an equals
// sign a label. The country and whether it is free to call follow from it.
func ParseNumber(s string) (Number, error) {
	e164, label, _ := strings.Cut(s, "=")
	parsed, err := phonenumbers.Parse(strings.TrimSpace(e164), "")
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return Number{}, ErrNumber.Saying(fmt.Sprintf("%q is not a dial-in number: write it as +33123456789 or +33123456789=Paris", s))
	}
	n := Number{E164: phonenumbers.Format(parsed, phonenumbers.E164), Label: strings.TrimSpace(label)}
	n.TollFree = phonenumbers.GetNumberType(parsed) == phonenumbers.TOLL_FREE
	if region := phonenumbers.GetRegionCodeForNumber(parsed); len(region) == 2 && region != "ZZ" {
		n.Country = region
	}
	return n, nil
}

// DialIn is how to reach a room by telephone.
type DialIn struct {
	Numbers      []Number
	Pin          string // secret to who may not enter
	FormattedPin string
	URI          string // SIP; "" without a trunk's address
	TelURI       string // RFC 3966; "" without a number
}

func (c Config) dialIn(digits string) DialIn {
	d := DialIn{Numbers: c.Numbers, Pin: digits, FormattedPin: grouped(digits), URI: c.URI}
	if len(c.Numbers) > 0 {
		// A comma is the dialler's pause of two seconds, as phones have it;
		// the pound sign must be escaped in a URI.
		d.TelURI = fmt.Sprintf("tel:%s,,%s%%23", c.Numbers[0].E164, digits)
	}
	return d
}

// grouped writes digits in threes, for reading aloud; a last group of one joins
// the group before it.
func grouped(digits string) string {
	var groups []string
	for len(digits) > 4 {
		groups = append(groups, digits[:3])
		digits = digits[3:]
	}
	return strings.Join(append(groups, digits), " ")
}
