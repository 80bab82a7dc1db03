package auth

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhoIsAnOperator(t *testing.T) {
	const claims = `{"role": "admin", "flag": true, "off": false, "groups": ["staff", "admin"], "nested": {"roles": ["admin"], "deep": {"er": "admin"}},
		"https://example.org/roles": ["admin"], "a.b": {"c.d": "admin"}, "byName": {"admin": {"org": "x"}}, "number": 7, "words": "staff admin", "null": null}`
	var c map[string]any
	require.NoError(t, json.Unmarshal([]byte(claims), &c))
	for path, yes := range map[string]bool{
		"role": true, "groups": true, "nested.roles": true, "nested.deep.er": true, "https://example.org/roles": true, "a.b.c.d": true, "byName": true,
		"flag": false, "off": false, "number": false, "words": false, "null": false, "missing": false, "nested": false, "nested.missing": false,
		"": false, ".": false, "role.x": false, "nested.": false,
	} {
		require.Equal(t, yes, Operators{path, []string{"owner", "admin"}}.Among(c), path)
	}
	require.True(t, Operators{"flag", []string{"true"}}.Among(c))
	require.False(t, Operators{"off", []string{"true"}}.Among(c))
	require.False(t, Operators{"role", nil}.Among(c))
	require.False(t, Operators{"role", []string{"Admin", "adm", ""}}.Among(c))
}

func TestIdentityOfClaims(t *testing.T) {
	for name, c := range map[string]struct {
		claims string
		want   Identity
	}{
		"all":                     {`{"email":"A@B.org","email_verified":true,"name":" Zoë ","locale":"pt_BR","zoneinfo":"Europe/Paris"}`, Identity{Email: "a@b.org", FullName: "Zoë", Language: "pt-BR", TimeZone: "Europe/Paris"}},
		"unchecked address":       {`{"email":"a@b.org","email_verified":false}`, Identity{EmailUnchecked: true}},
		"unchecked, in words":     {`{"email":"a@b.org","email_verified":"false"}`, Identity{EmailUnchecked: true}},
		"nothing said of it":      {`{"email":"a@b.org"}`, Identity{Email: "a@b.org"}},
		"a dotted capital I":      {`{"email":"ceo@vict\u0130m.org"}`, Identity{Email: "ceo@vict\u0130m.org"}},
		"the sign of the kelvin":  {`{"email":"\u212Aay@B.org"}`, Identity{Email: "\u212Aay@b.org"}},
		"no address":              {`{"email":"nobody"}`, Identity{}},
		"a line in the address":   {`{"email":"a@b.org\nx"}`, Identity{}},
		"parts of a name":         {`{"given_name":"Ada","family_name":"L"}`, Identity{FullName: "Ada L"}},
		"user name":               {`{"preferred_username":"ada"}`, Identity{FullName: "ada"}},
		"control characters":      {`{"name":"A\u0000d\na"}`, Identity{FullName: "Ada"}},
		"turned around":           {`{"name":"\u202EA\u2066d\u200Ba\uFEFF"}`, Identity{FullName: "Ada"}},
		"long name":               {`{"name":"` + strings.Repeat("é", 300) + `"}`, Identity{FullName: strings.Repeat("é", 200)}},
		"no language, no zone":    {`{"locale":"klingon!","zoneinfo":"Mars/Olympus"}`, Identity{}},
		"zones that are none":     {`{"zoneinfo":"Local"}`, Identity{}},
		"a zone out of its place": {`{"zoneinfo":"../../etc/passwd"}`, Identity{}},
		"other types":             {`{"email":7,"name":["x"],"locale":{},"zoneinfo":true}`, Identity{}},
	} {
		var claims map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.claims), &claims), name)
		claims["sub"] = "x"
		c.want.Subject = "x"
		got, err := Operators{}.identity(claims)
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
}

// TestAnUncheckedAddressMakesNoOperator: anybody may claim any address.
func TestAnUncheckedAddressMakesNoOperator(t *testing.T) {
	byAddress := Operators{"email", []string{"ada@example.org"}}
	for verified, operator := range map[any]bool{true: true, false: false, "false": false} {
		id, err := byAddress.identity(map[string]any{"sub": "x", "email": "ada@example.org", "email_verified": verified})
		require.NoError(t, err)
		require.Equal(t, operator, id.Operator, "%v", verified)
	}
}

func FuzzIdentity(f *testing.F) {
	f.Add(`{"sub":"x","name":"a","roles":{"b":["c"]}}`, "roles.b")
	f.Fuzz(func(t *testing.T, text, path string) {
		var claims map[string]any
		if json.Unmarshal([]byte(text), &claims) != nil {
			return
		}
		id, err := Operators{path, []string{"c"}}.identity(claims)
		if err != nil {
			return
		}
		for _, s := range []string{id.Subject, id.Email, id.FullName, id.Language, id.TimeZone} {
			require.LessOrEqual(t, len([]rune(s)), maxSubject)
			require.NotContains(t, s, "\x00")
		}
	})
}
