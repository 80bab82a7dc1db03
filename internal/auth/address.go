package auth

import "strings"

// FoldAddress writes an e-mail address as it is kept and compared: A to Z in
// lower case, and nothing else changed. Letters beyond ASCII may have one of
// ASCII as their lower case (İ, and the sign of the kelvin), and would make one
// person's address another's.
func FoldAddress(address string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, address)
}
