package main

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// configCommand is `anteroom config`. It has the flags of anteroom serve, to check
// them; what it lists is taken from them, too.
type configCommand struct {
	serveFlags `embed:""`
	Check      bool `help:"Check the settings instead: all that is wrong is said, and the exit code is 1."`
	Markdown   bool `help:"List them as docs/configuration.md does." xor:"as"`
	Env        bool `help:"List them as .env.example does." xor:"as"`
}

// Help shows how it is used.
func (configCommand) Help() string {
	return `Examples:
  anteroom config                                     all settings of anteroom serve
  anteroom config --check --config /etc/anteroom.yaml     says what is wrong, and connects to nobody
  anteroom config --env > .env                        a file to fill in, for a container's environment`
}

// anyway has what is wrong said only when that is asked for.
func (c *configCommand) anyway() bool { return !c.Check }

// Run lists the settings.
func (c *configCommand) Run(parsed *kong.Context) error {
	if c.Check {
		for _, name := range notSettings(parsed.Model) {
			fmt.Fprintf(os.Stderr, "%s is in the environment and is no setting: if it is to be one, `anteroom config` lists them\n", name)
		}
		_, err := fmt.Println("the settings are right")
		return err
	}
	write := writeList
	switch {
	case c.Markdown:
		write = writeMarkdown
	case c.Env:
		write = writeEnv
	}
	return write(os.Stdout, settingsOf(parsed.Model))
}

// setting is what people are told of one.
type setting struct {
	Name, Env, Type, Default, Help, Group string
	Secret                                bool
}

// settingsOf are those of anteroom serve, in the order of its flags.
func settingsOf(model *kong.Application) (all []setting) {
	for _, command := range model.Children {
		if command.Name != "serve" {
			continue
		}
		for _, flag := range command.Flags {
			if isSetting(flag) && flag.PlaceHolder != fileTwin {
				all = append(all, settingOf(flag))
			}
		}
	}
	return all
}

func settingOf(flag *kong.Flag) setting {
	s := setting{
		Name: flag.Name, Env: flag.Tag.Envs[0], Type: typeOf(flag), Default: flag.Default,
		Help: flag.Help, Secret: flag.Tag.Has(secretTag),
	}
	if flag.Group != nil {
		s.Group = flag.Group.Title
	}
	if s.Default == "" && s.Type == "yes or no" {
		s.Default = "false"
	}
	return s
}

func typeOf(flag *kong.Flag) string {
	switch t := flag.Target.Type(); {
	case flag.Tag.Has(choiceTag):
		return strings.ReplaceAll(flag.Tag.Get(choiceTag), ",", " or ")
	case t == reflect.TypeFor[time.Duration]():
		return "duration, as 1h30m"
	case t.Kind() == reflect.Bool:
		return "yes or no"
	case t.Kind() == reflect.Int:
		return "number"
	case t.Kind() == reflect.Float64:
		return "number, also with a fraction"
	case t.Kind() == reflect.Slice:
		return "list of " + flag.PlaceHolder
	}
	return flag.PlaceHolder
}

// groups are settings by their group, in the order of the first of each.
func groups(all []setting) (titles []string, byTitle map[string][]setting) {
	byTitle = map[string][]setting{}
	for _, s := range all {
		if !slices.Contains(titles, s.Group) {
			titles = append(titles, s.Group)
		}
		byTitle[s.Group] = append(byTitle[s.Group], s)
	}
	return titles, byTitle
}

func writeList(w io.Writer, all []setting) error {
	titles, byTitle := groups(all)
	for _, title := range titles {
		if _, err := fmt.Fprintf(w, "%s\n", title); err != nil {
			return err
		}
		for _, s := range byTitle[title] {
			kind := s.Type
			if s.Default != "" {
				kind += "; " + s.Default
			}
			if s.Secret {
				kind += "; or a file: --" + s.Name + fileSuffix + ", " + s.Env + "_FILE"
			}
			if _, err := fmt.Fprintf(w, "  --%s, %s (%s)\n      %s\n", s.Name, s.Env, kind, s.Help); err != nil {
				return err
			}
		}
	}
	return nil
}

const markdownIntroduction = `# Configuration

<!-- Written by make generate from the flags of anteroom serve: change those. -->

All settings of ` + "`anteroom serve`" + `. The other commands take those that they need; ` + "`anteroom dev`" + ` needs none.

A setting is taken from its flag, else from its variable in the environment, else from the file that ` + "`--config FILE`" + ` or
` + "`ANTEROOM_CONFIG`" + ` names, else it has its default. The file is YAML, with the flags' names without dashes in front as keys:

    listen: :8080
    livekit-url: http://livekit:7880
    dial-in-numbers: [+33199001234=Paris]
    database-url-file: /run/secrets/database-url

A *secret* can be in a file of its own: the flag, the variable and the key have a twin that ends in ` + "`-file`" + ` or ` + "`_FILE`" + ` and names it. All that
is wrong is said at once; ` + "`anteroom config --check`" + ` says it without starting anything.
`

func writeMarkdown(w io.Writer, all []setting) error {
	if _, err := io.WriteString(w, markdownIntroduction); err != nil {
		return err
	}
	titles, byTitle := groups(all)
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, title := range titles {
		if _, err := fmt.Fprintf(w, "\n## %s\n\n| flag and key | variable | value | default | meaning |\n|---|---|---|---|---|\n", title); err != nil {
			return err
		}
		for _, s := range byTitle[title] {
			kind, value := s.Type, ""
			if s.Secret {
				kind += ", *secret*"
			}
			if s.Default != "" {
				value = "`" + s.Default + "`"
			}
			if _, err := fmt.Fprintf(w, "| `--%s` | `%s` | %s | %s | %s |\n", s.Name, s.Env, cell.Replace(kind), cell.Replace(value), cell.Replace(s.Help)); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeEnv(w io.Writer, all []setting) error {
	const introduction = "# Settings of anteroom serve, for an environment: docs/configuration.md explains them.\n" +
		"# Written by make generate: change the flags. What is commented out has its default.\n"
	if _, err := io.WriteString(w, introduction); err != nil {
		return err
	}
	titles, byTitle := groups(all)
	for _, title := range titles {
		if _, err := fmt.Fprintf(w, "\n## %s\n", title); err != nil {
			return err
		}
		for _, s := range byTitle[title] {
			line := "#" + s.Env + "=" + s.Default
			if s.Secret {
				line += "\n#" + s.Env + "_FILE="
			}
			if _, err := fmt.Fprintf(w, "\n# %s\n%s\n", s.Help, line); err != nil {
				return err
			}
		}
	}
	return nil
}
