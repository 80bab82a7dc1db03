package rpc

import "regexp"

// numbers are what looks like a telephone number: what stays of it, and between
// them what does not.
var numbers = regexp.MustCompile(`(\+?\d)\d{3,}(\d{3})`)

// withoutNumbers hides the middle of every telephone number in a caller's name,
// which often is nothing else.
func withoutNumbers(name string) string { return numbers.ReplaceAllString(name, "$1•••$2") }
