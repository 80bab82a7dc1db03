package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// top is the repository's folder.
const top = "../.."

// documents are the pages that people read, and with deploy what they install with.
func documents(t *testing.T, endings ...string) []string {
	t.Helper()
	found := []string{top + "/README.md", top + "/CONTRIBUTING.md"}
	for _, folder := range []string{top + "/docs", top + "/deploy"} {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "dist") {
				return fs.SkipDir
			}
			if err == nil && !entry.IsDir() && slices.ContainsFunc(endings, func(e string) bool { return strings.HasSuffix(path, e) }) {
				found = append(found, path)
			}
			return err
		}))
	}
	require.Greater(t, len(found), 10)
	return found
}

// commandTree is the program's command line.
func commandTree(t *testing.T) *kong.Kong {
	t.Helper()
	var c cli
	parser, err := newParser(t.Context(), &c, newSettings())
	require.NoError(t, err)
	return parser
}

// allFlags are the flags of all commands.
func allFlags(t *testing.T) []*kong.Flag {
	t.Helper()
	return flagsOf(commandTree(t).Model)
}

var (
	fence    = regexp.MustCompile("^ *```")
	span     = regexp.MustCompile("`([^`]+)`")
	comment  = regexp.MustCompile(`\s+#.*| {3,}\S.*`) // after a command: # in pages, a column in the help
	ourOwn   = regexp.MustCompile(`^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:bin/|.* /)?anteroom( .*)?$`)
	shellEnd = regexp.MustCompile(`\s(?:\||>|&&|;)\s?.*`)
	argument = regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"'])+`)
	quote    = strings.NewReplacer(`"`, "", "'", "")
)

// codeLines are the lines of a page's blocks of code; all lines of what is no page.
func codeLines(path, text string) (lines []string) {
	fenced := !strings.HasSuffix(path, ".md")
	for line := range strings.Lines(text) {
		if fence.MatchString(line) {
			fenced = !fenced
		} else if fenced || strings.HasPrefix(line, "    ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// spans are what stands in backquotes outside of such blocks.
func spans(text string) (all []string) {
	fenced := false
	for line := range strings.Lines(text) {
		if fence.MatchString(line) {
			fenced = !fenced
		}
		if fenced || strings.HasPrefix(line, "    ") {
			continue
		}
		for _, found := range span.FindAllStringSubmatch(line, -1) {
			all = append(all, found[1])
		}
	}
	return all
}

// argumentsIn are the arguments in a line for a shell, if it runs a program of that name.
func argumentsIn(line string) (args []string) {
	line = shellEnd.ReplaceAllString(comment.ReplaceAllString(line, ""), "")
	for _, w := range argument.FindAllString(line, -1) {
		args = append(args, quote.Replace(w))
	}
	return args
}

// ours are the arguments of `anteroom`, where a line calls it.
func ours(line string) ([]string, bool) {
	found := ourOwn.FindStringSubmatch(comment.ReplaceAllString(line, ""))
	if found == nil {
		return nil, false
	}
	return argumentsIn(found[1]), true
}

// requireCommand checks that the program understands a command line; one in the
// midst of a sentence need not be whole.
func requireCommand(t *testing.T, args []string, whole bool, where string) {
	t.Helper()
	if slices.Contains(args, "--help") {
		args, whole = slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a == "--help" }), false
	}
	if whole {
		_, err := commandTree(t).Parse(args)
		require.NoError(t, err, "%s: anteroom %s", where, strings.Join(args, " "))
		return
	}
	traced, err := kong.Trace(commandTree(t), args)
	require.NoError(t, err)
	require.NoError(t, traced.Error, "%s: anteroom %s", where, strings.Join(args, " "))
}

// TestCommandsOfThePagesAreUnderstood: those of the program that pages show, and
// its own help. None is run.
func TestCommandsOfThePagesAreUnderstood(t *testing.T) {
	t.Parallel() // it waits more than it works
	n := 0
	for _, path := range documents(t, ".md", ".txt") {
		text := textOf(t, path)
		for _, line := range codeLines(path, text) {
			if args, is := ours(line); is {
				n++
				requireCommand(t, args, true, path)
			}
		}
		for _, said := range spans(text) {
			if args, is := ours(said); is {
				n++
				requireCommand(t, args, false, path)
			}
		}
	}
	for _, leaf := range commandTree(t).Model.Leaves(false) {
		examples, _, _ := strings.Cut(strings.TrimPrefix(leaf.Detail, "Examples:\n"), "\n\n")
		for line := range strings.Lines(examples) {
			if args, is := ours(strings.TrimSpace(line)); is {
				n++
				requireCommand(t, args, true, "help of "+leaf.FullPath())
			}
		}
	}
	require.Greater(t, n, 60, "commands were found")
}

// TestFlagsAndKeysOfThePagesExist: `--flags` in sentences, and keys of our file of
// settings, which are those with a hyphen: LiveKit's have underscores.
func TestFlagsAndKeysOfThePagesExist(t *testing.T) {
	flags := map[string]bool{"no-telephony": true}
	for _, f := range allFlags(t) {
		flags[f.Name] = true
	}
	key, flag := regexp.MustCompile(`^([a-z]+(?:-[a-z]+)+): `), regexp.MustCompile(`^--([a-z][a-z0-9-]*)`)
	for _, path := range documents(t, ".md") {
		text := textOf(t, path)
		for _, line := range codeLines(path, text) {
			if found := key.FindStringSubmatch(line); found != nil {
				require.True(t, flags[found[1]], "%s: there is no setting %s", path, found[1])
			}
		}
		if strings.HasSuffix(path, "performance.md") {
			continue // those of the benchmarks
		}
		for _, said := range spans(text) {
			if found := flag.FindStringSubmatch(said); found != nil {
				require.True(t, flags[found[1]], "%s: there is no flag %s", path, found[0])
			}
		}
	}
}

// notThePrograms are variables that no command of the program takes as a setting.
var notThePrograms = map[string]string{
	"ANTEROOM_IMAGE":             "compose.yaml's own",
	"ANTEROOM_URL":               "of the example of a frontend: VITE_ANTEROOM_URL",
	"ANTEROOM_TEST_POSTGRES_URL": "of the tests",
}

// TestVariablesOfThePagesExist looks at all ANTEROOM_… in pages and in deploy.
func TestVariablesOfThePagesExist(t *testing.T) {
	known := maps.Clone(notThePrograms)
	for _, f := range allFlags(t) {
		for _, env := range f.Envs {
			known[env] = f.Name
		}
	}
	name := regexp.MustCompile(`ANTEROOM_[A-Z0-9_]*[A-Z0-9]`)
	for _, path := range documents(t, "") {
		for _, found := range name.FindAllString(textOf(t, path), -1) {
			require.Contains(t, known, found, path)
		}
	}
}

// TestTargetsOfThePagesExist looks at what is made by make.
func TestTargetsOfThePagesExist(t *testing.T) {
	targets := map[string]bool{}
	for _, rule := range regexp.MustCompile(`(?m)^((?:[a-z-]+ ?)+):`).FindAllStringSubmatch(textOf(t, top+"/Makefile"), -1) {
		for target := range strings.FieldsSeq(rule[1]) {
			targets[target] = true
		}
	}
	for _, path := range documents(t, ".md") {
		text := textOf(t, path)
		for _, line := range append(codeLines(path, text), spans(text)...) {
			args := argumentsIn(line)
			if len(args) < 2 || args[0] != "make" {
				continue
			}
			for _, target := range args[1:] {
				if !strings.Contains(target, "=") {
					require.True(t, targets[target], "%s: make %s", path, target)
				}
			}
		}
	}
}

// TestCommandsOfDeployAreUnderstood looks at what containers of the program are told.
func TestCommandsOfDeployAreUnderstood(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Image   string    `yaml:"image"`
			Command yaml.Node `yaml:"command"`
		} `yaml:"services"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(textOf(t, top+"/deploy/compose/compose.yaml")), &compose))
	n := 0
	for name, service := range compose.Services {
		if strings.Contains(service.Image, "ANTEROOM_IMAGE") {
			var args []string
			require.NoError(t, service.Command.Decode(&args), name)
			requireCommand(t, args, true, name)
			n++
		}
	}
	require.Equal(t, 3, n, "services of the compose file")
	list := regexp.MustCompile(`(?m)^\s*(?:args: |CMD )(\[.*\])$`)
	for _, path := range documents(t, ".yaml", "Dockerfile") {
		for _, found := range list.FindAllStringSubmatch(textOf(t, path), -1) {
			var args []string
			require.NoError(t, yaml.Unmarshal([]byte(found[1]), &args))
			requireCommand(t, args, true, path)
			n++
		}
	}
	require.Equal(t, 6, n, "with those of the chart and of the image")
}

var (
	pageLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	notSlug  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the headings of a page as its links name them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(text) {
		if heading := strings.TrimLeft(line, "#"); heading != line && strings.HasPrefix(heading, " ") {
			slug := strings.ToLower(notSlug.ReplaceAllString(strings.TrimSpace(heading), ""))
			all[strings.ReplaceAll(slug, " ", "-")] = true
		}
	}
	return all
}

// TestLinksOfThePagesLead follows those within the repository, to the heading.
func TestLinksOfThePagesLead(t *testing.T) {
	n := 0
	for _, path := range documents(t, ".md") {
		for _, found := range pageLink.FindAllStringSubmatch(textOf(t, path), -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			n++
			target, anchor, _ := strings.Cut(found[1], "#")
			file := path
			if target != "" {
				file = filepath.Join(filepath.Dir(path), target)
			}
			_, err := os.Stat(file)
			require.NoError(t, err, "%s links to %s", path, found[1])
			if anchor != "" {
				require.True(t, anchors(textOf(t, file))[anchor], "%s links to %s: there is no such heading", path, found[1])
			}
		}
	}
	require.Greater(t, n, 40, "links were found")
}
