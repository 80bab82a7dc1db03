package sip

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent/dispatchrule"
	"github.com/anteroom-dev/anteroom/internal/video"
)

func TestNext(t *testing.T) {
	yes, no := wish{true, "1234"}, wish{}
	for _, c := range []struct {
		name  string
		wish  wish
		facts ruleFacts
		check bool
		want  step
	}{
		{"nobody, nothing", no, ruleFacts{dispatchrule.StatusAbsent, "", false}, false, doNothing},
		{"somebody, nothing", yes, ruleFacts{dispatchrule.StatusAbsent, "", false}, false, create},
		{"somebody, there", yes, ruleFacts{dispatchrule.StatusPresent, "1234", false}, false, doNothing},
		{"somebody, old PIN", yes, ruleFacts{dispatchrule.StatusPresent, "9999", false}, false, remove},
		{"nobody, there", no, ruleFacts{dispatchrule.StatusPresent, "1234", false}, false, remove},
		{"somebody, unknown", yes, ruleFacts{dispatchrule.StatusCreating, "", false}, false, compare},
		{"nobody, unknown", no, ruleFacts{dispatchrule.StatusCreating, "", false}, false, compare},
		{"somebody, on its way", yes, ruleFacts{dispatchrule.StatusCreating, "1234", true}, false, doNothing},
		{"somebody, on its way with an old PIN", yes, ruleFacts{dispatchrule.StatusCreating, "9999", true}, false, compare},
		{"somebody, was on its way", yes, ruleFacts{dispatchrule.StatusCreating, "1234", false}, false, compare},
		{"nobody any more, on its way", no, ruleFacts{dispatchrule.StatusCreating, "1234", true}, false, compare},
		{"nobody, going", no, ruleFacts{dispatchrule.StatusPresent, "", true}, false, doNothing},
		{"somebody again, going", yes, ruleFacts{dispatchrule.StatusPresent, "", true}, false, remove},
		{"to be sure", no, ruleFacts{dispatchrule.StatusAbsent, "", false}, true, compare},
	} {
		require.Equal(t, c.want, next(c.wish, c.facts, c.check), c.name)
	}
}

func TestDiffers(t *testing.T) {
	ours, twin, other := video.Rule{ID: "SDR_1", PIN: "1234"}, video.Rule{ID: "SDR_2", PIN: "1234"}, video.Rule{ID: "SDR_1", PIN: "9999"}
	present, absent := ruleFacts{status: dispatchrule.StatusPresent, digits: "1234"}, ruleFacts{status: dispatchrule.StatusAbsent}
	for _, c := range []struct {
		name  string
		facts ruleFacts
		there []video.Rule
		want  string
	}{
		{"as noted", present, []video.Rule{ours}, ""},
		{"none, as noted", absent, nil, ""},
		{"gone", present, nil, RuleMissing},
		{"not noted", absent, []video.Rule{ours}, RuleSuperfluous},
		{"a second one", present, []video.Rule{ours, twin}, RuleSuperfluous},
		{"another one", present, []video.Rule{twin}, RuleSuperfluous},
		{"another PIN", present, []video.Rule{other}, RuleSuperfluous},
	} {
		require.Equal(t, c.want, differs(c.facts, "SDR_1", c.there), c.name)
	}
}

// TestStepsLeadToTheWish: from any state, steps that succeed end at the wish
// within three.
func TestStepsLeadToTheWish(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := wish{wanted: rapid.Bool().Draw(t, "wanted"), digits: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "pin")}
		f := ruleFacts{
			rapid.SampledFrom([]dispatchrule.Status{dispatchrule.StatusAbsent, dispatchrule.StatusCreating, dispatchrule.StatusPresent}).Draw(t, "status"),
			rapid.SampledFrom([]string{"1", "2"}).Draw(t, "rule's"), false,
		}
		found := rapid.Bool().Draw(t, "a lost answer had made it")
		for range 3 {
			switch next(w, f, false) {
			case create:
				f = ruleFacts{dispatchrule.StatusPresent, w.digits, false}
			case remove:
				f = ruleFacts{dispatchrule.StatusAbsent, "", false}
			case compare:
				f = ruleFacts{dispatchrule.StatusAbsent, "", false}
				if w.wanted && found {
					f = ruleFacts{dispatchrule.StatusPresent, w.digits, false}
				}
			case doNothing:
			}
		}
		if next(w, f, false) != doNothing || (f.status == dispatchrule.StatusPresent) != w.wanted {
			t.Fatalf("%+v does not become %+v", f, w)
		}
	})
}

func TestRandomDigits(t *testing.T) {
	seen := map[byte]int{}
	for length := MinPinLength; length <= MaxPinLength; length++ {
		for range 200 {
			digits := randomDigits(length)
			require.Regexp(t, regexp.MustCompile("^[0-9]+$"), digits)
			require.Len(t, digits, length)
			seen[digits[0]]++
		}
	}
	require.Len(t, seen, 10, "a PIN may begin with any digit")
}

func TestGrouped(t *testing.T) {
	for in, want := range map[string]string{
		"1234": "1234", "12345": "123 45", "123456": "123 456", "1234567": "123 4567", "1234567890": "123 456 7890", "1234567890123456": "123 456 789 012 3456",
	} {
		require.Equal(t, want, grouped(in))
	}
}

func TestParseNumber(t *testing.T) {
	n, err := ParseNumber("+33199001234=Paris, main")
	require.NoError(t, err)
	require.Equal(t, Number{E164: "+33199001234", Country: "FR", Label: "Paris, main"}, n)
	n, err = ParseNumber("+1 800-555-0199")
	require.NoError(t, err)
	require.True(t, n.TollFree)
	require.Equal(t, "+18005550199", n.E164)
	for _, bad := range []string{"", "0199001234", "+33", "hello", "=Paris"} {
		_, err := ParseNumber(bad)
		require.ErrorIs(t, err, ErrNumber, bad)
	}
}

func TestConfigCheck(t *testing.T) {
	require.NoError(t, Config{On: true, PinLength: 10}.Check())
	require.NoError(t, Config{PinLength: 3}.Check(), "no telephony, no matter")
	for _, length := range []int{0, 3, 17} {
		require.ErrorIs(t, Config{On: true, PinLength: length}.Check(), ErrPinLength)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"+33199001234=Paris", "", "=", "+", "tel:+1;ext=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseNumber(s); err == nil && !regexp.MustCompile(`^\+[0-9]{4,17}$`).MatchString(n.E164) {
			t.Fatalf("%q became %q", s, n.E164)
		}
	})
}
