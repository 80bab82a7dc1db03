package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// problem is what is wrong with a setting, and what to do.
type problem struct {
	setting string // the flag's name without dashes, or a key of the file
	text    string
}

// wrong makes a problem.
func wrong(setting, format string, args ...any) problem {
	return problem{setting, fmt.Sprintf(format, args...)}
}

// problemsIn makes a problem of each error that was joined. Which setting it is
// about stands at its beginning, as --name, or is the one that is likely.
func problemsIn(err error, likely string) (found []problem) {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			found = append(found, problemsIn(e, likely)...)
		}
		return found
	}
	text := err.Error()
	first, rest, _ := strings.Cut(text, " ")
	if name, isName := strings.CutPrefix(first, "--"); isName {
		likely = strings.TrimSuffix(name, ":")
		if name != likely {
			text = rest
		}
	}
	return []problem{{likely, text}}
}

// checked is a command that knows what is wrong with its settings as a whole.
type checked interface{ problems() []problem }

// unchecked is a command that runs whatever is wrong with its settings.
type unchecked interface{ anyway() bool }

// check says all that is wrong with the settings of the command that was chosen.
func (s *settings) check(c *kong.Context) error {
	command := c.Selected().Target.Addr().Interface()
	if u, ok := command.(unchecked); ok && u.anyway() {
		return nil
	}
	flags := map[string]*kong.Flag{}
	var all problems
	for _, p := range c.Path {
		for _, flag := range p.Flags {
			flags[flag.Name] = flag
			all = append(all, twice(c, flag, s.twins[flag])...)
			if err := s.heard[flag.Value].err; err != nil {
				all = append(all, wrong(flag.Name, "%v", err))
			}
			all = append(all, noChoice(flag)...)
		}
	}
	all = append(all, s.found...)
	if k, ok := command.(checked); ok {
		for _, p := range k.problems() {
			if !slices.ContainsFunc(all, func(q problem) bool { return q.setting == p.setting || q.setting == p.setting+fileSuffix }) {
				all = append(all, p)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	for _, name := range notSettings(c.Model) {
		all = append(all, wrong(name, "is in the environment and is no setting: is it misspelt?"))
	}
	for i, p := range all {
		all[i].setting = called(flags[p.setting], p.setting)
	}
	return all
}

// twice finds a secret that the command line says both as it is and by a file.
func twice(c *kong.Context, flag, twin *kong.Flag) []problem {
	said := func(f *kong.Flag) bool {
		return slices.ContainsFunc(c.Path, func(p *kong.Path) bool { return f != nil && p.Flag == f && !p.Resolved })
	}
	if said(flag) && said(twin) {
		return []problem{wrong(flag.Name, "--%s and --%s are both said: keep one", flag.Name, twin.Name)}
	}
	return nil
}

// called is how a setting is named to people: by its flag and its variable.
func called(flag *kong.Flag, name string) string {
	if flag == nil {
		return name
	}
	return strings.Join(append([]string{"--" + name}, flag.Tag.Envs...), ", ")
}

// problems is an error of one line for each.
type problems []problem

// Error names them all.
func (p problems) Error() string {
	lines := []string{"these settings are wrong:"}
	if len(p) == 1 {
		lines[0] = "this setting is wrong:"
	}
	slices.SortStableFunc(p, func(a, b problem) int { return strings.Compare(a.setting, b.setting) })
	for _, q := range slices.Compact(p) {
		lines = append(lines, "  "+q.setting+": "+q.text)
	}
	return strings.Join(append(lines, "`anteroom config` lists all settings; docs/configuration.md is the same as a page"), "\n")
}
