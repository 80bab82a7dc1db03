package auth

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

const (
	maxSubject = 255 // OpenID Connect allows no more
	maxText    = 200 // characters of a name
	maxEmail   = 254
)

// Operators says which claim makes an operator.
type Operators struct {
	// Claim is its name; within objects, names with dots between them, as
	// realm_access.roles. Empty is no operators.
	Claim string
	// Values are those of which one makes an operator: the claim is it, or holds
	// it in a list, or as the name of a field.
	Values []string
}

// Among says whether claims make somebody an operator.
func (o Operators) Among(claims map[string]any) bool {
	value, ok := lookUp(claims, o.Claim)
	return ok && slices.ContainsFunc(o.Values, func(wanted string) bool { return holds(value, wanted) })
}

// lookUp finds a claim by its path. A name may have dots in it, as those that
// are URLs do.
func lookUp(claims map[string]any, path string) (any, bool) {
	if value, ok := claims[path]; ok {
		return value, true
	}
	for i, c := range path {
		if c != '.' {
			continue
		}
		if inner, ok := claims[path[:i]].(map[string]any); ok {
			if value, ok := lookUp(inner, path[i+1:]); ok {
				return value, true
			}
		}
	}
	return nil, false
}

func holds(value any, wanted string) bool {
	switch v := value.(type) {
	case string:
		return v == wanted
	case bool:
		return v && wanted == "true"
	case []any:
		return slices.Contains(v, any(wanted))
	case map[string]any:
		_, ok := v[wanted]
		return ok
	}
	return false
}

// identity reads what claims say of somebody; what is not fit to be stored is
// left out.
func (o Operators) identity(claims map[string]any) (Identity, error) {
	id := Identity{
		Issuer: str(claims, "iss"), Subject: str(claims, "sub"),
		Email: email(claims), EmailUnchecked: unchecked(claims), FullName: fullName(claims),
		Language: languageOf(str(claims, "locale")), TimeZone: timeZone(str(claims, "zoneinfo")),
	}
	if id.Subject == "" || len(id.Subject) > maxSubject || plain(id.Subject, maxSubject) != id.Subject {
		return Identity{}, ErrToken.With("why", "subject")
	}
	if o.Claim == "email" && id.Email == "" {
		return id, nil // nobody becomes an operator by an address that nobody has checked
	}
	id.Operator = o.Among(claims)
	return id, nil
}

func str(claims map[string]any, name string) string {
	s, _ := claims[name].(string)
	return s
}

// unchecked is whether the provider says that nobody has checked the address;
// some say so in words.
func unchecked(claims map[string]any) bool {
	v := claims["email_verified"]
	return v == false || v == "false"
}

// email is an address that the provider does not say to be unchecked.
func email(claims map[string]any) string {
	if unchecked(claims) {
		return ""
	}
	address := FoldAddress(str(claims, "email"))
	if len(address) > maxEmail || !strings.Contains(address, "@") || plain(address, maxEmail) != address {
		return ""
	}
	return address
}

func fullName(claims map[string]any) string {
	for _, name := range []string{
		str(claims, "name"), str(claims, "given_name") + " " + str(claims, "family_name"), str(claims, "preferred_username"),
	} {
		if name = plain(name, maxText); name != "" {
			return name
		}
	}
	return ""
}

// plain drops what cannot be printed, and what cannot be seen and turns around or
// hides what is beside it; it cuts what is too long.
func plain(s string, most int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}

func languageOf(locale string) string {
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und || len(tag.String()) > 35 {
		return ""
	}
	return tag.String()
}

func timeZone(name string) string {
	if name == "" || name == "Local" || len(name) > 64 {
		return ""
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	return name
}
