package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// choiceTag marks a flag with the values that it can have. Kong's own enum would
// end the parse at the first that is none of them.
const choiceTag = "choice"

// noChoice is the problem of a value that is none of those that there are.
func noChoice(flag *kong.Flag) []problem {
	choices := flag.Tag.Get(choiceTag)
	if choices == "" || slices.Contains(strings.Split(choices, ","), flag.Target.String()) {
		return nil
	}
	return []problem{wrong(flag.Name, "this is to be one of %s, not %q", choices, flag.Target.String())}
}

// ofKubernetes are the variables that Kubernetes gives every container for each
// Service of its namespace: one called anteroom makes ANTEROOM_PORT, for example.
var ofKubernetes = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
