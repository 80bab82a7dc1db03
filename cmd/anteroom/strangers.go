package main

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// strange is what is said of a variable that no setting has.
const strange = "is no setting of Anteroom, and is ignored; `anteroom config` lists them"

// ofKubernetes are the variables that Kubernetes gives every container for each
// Service of its namespace: one called anteroom makes ANTEROOM_PORT, for example.
var ofKubernetes = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// strangers are the variables that look like settings and are none: a setting that
// is misspelt would otherwise be missing without a word. They are no errors, as an
// environment may be for other programs too.
func (s *settings) strangers(model *kong.Application) (names []string) {
	known := map[string]bool{}
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			for _, name := range f.Tag.Envs {
				known[name] = true
			}
		}
		return next(nil)
	})
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "ANTEROOM_") && !known[name] && !ofKubernetes.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
