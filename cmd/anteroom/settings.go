package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"gopkg.in/yaml.v3"

	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
)

// secretTag marks the flag of a secret. Each gets a twin, --x-file beside --x,
// that names a file with the secret in it.
const secretTag = "secret"

// fileSuffix is what the twin's name ends with.
const fileSuffix = "-file"

// fileTwin is the placeholder of such a twin alone, by which it is known.
const fileTwin = "SECRET-FILE"

// maxSettingsFile bounds a file of settings, and one with a secret, in bytes.
const maxSettingsFile = 1 << 20

// settings is where the values of flags come from that the command line does not
// give: the environment, then a file. A setting is a flag with a name in the
// environment. What is wrong is gathered, to be said all at once.
type settings struct {
	twins  map[*kong.Flag]*kong.Flag // of secrets
	isTwin map[*kong.Flag]bool
	file   map[string]yaml.Node // by the flag's name
	path   string               // of the file; "" for none
	read   bool
	heard  map[*kong.Value]heard
	found  []problem // what is wrong besides what could not be understood
}

// heard is how a value was understood: the command line's or the file's when it
// is given, else the environment's or the default.
type heard struct {
	given bool
	err   error
}

func newSettings() *settings {
	return &settings{twins: map[*kong.Flag]*kong.Flag{}, isTwin: map[*kong.Flag]bool{}, heard: map[*kong.Value]heard{}}
}

// options have kong ask here.
func (s *settings) options() []kong.Option {
	known := kong.NewRegistry().RegisterDefaults()
	options := []kong.Option{kong.Resolvers(kong.ResolverFunc(s.resolve)), kong.PostBuild(s.addTwins)}
	for _, t := range []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[float64](), reflect.TypeFor[bool](), reflect.TypeFor[time.Duration](), reflect.TypeFor[map[string]string](),
	} {
		options = append(options, kong.TypeMapper(t, s.gathering(known.ForType(t))))
	}
	return options
}

// gathering is a mapper that notes what it does not understand instead of ending
// the parse there. Kong reads the environment into the field itself, and after the
// command line, whose values wait elsewhere.
func (s *settings) gathering(inner kong.Mapper) kong.Mapper {
	return kong.MapperFunc(func(c *kong.DecodeContext, target reflect.Value) error {
		h := heard{given: target.Addr() != c.Value.Target.Addr(), err: inner.Decode(c, target)}
		if h.given || !s.heard[c.Value].given {
			s.heard[c.Value] = h
		}
		return nil
	})
}

// addTwins gives each secret its file flag.
func (s *settings) addTwins(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		n, ok := node.(*kong.Node)
		if app, isApp := node.(*kong.Application); isApp {
			n, ok = app.Node, true
		}
		if ok {
			for _, flag := range slices.Clone(n.Flags) {
				if flag.Tag.Has(secretTag) {
					n.Flags = append(n.Flags, s.twin(flag))
				}
			}
		}
		return next(nil)
	})
}

func (s *settings) twin(secret *kong.Flag) *kong.Flag {
	var envs []string
	for _, env := range secret.Tag.Envs {
		envs = append(envs, env+"_FILE")
	}
	target := reflect.New(reflect.TypeFor[string]()).Elem()
	value := &kong.Value{
		Name: secret.Name + fileSuffix, Help: "File that holds --" + secret.Name + ".", Target: target, DefaultValue: target,
		Mapper: kong.NewRegistry().RegisterDefaults().ForType(target.Type()), Tag: &kong.Tag{Envs: envs},
	}
	value.OrigHelp = value.Help
	twin := &kong.Flag{Value: value, Group: secret.Group, PlaceHolder: fileTwin, Envs: envs}
	value.Flag = twin
	s.twins[secret], s.isTwin[twin] = twin, true
	return twin
}

// isSetting is whether a flag may be set by other means than the command line.
func isSetting(f *kong.Flag) bool { return len(f.Tag.Envs) > 0 }

// resolve gives what the environment's files and the file of settings say of a
// flag that is not on the command line. The environment itself is kong's to read.
func (s *settings) resolve(c *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !isSetting(flag) || s.isTwin[flag] || flag.Name == configFlag {
		return nil, nil
	}
	s.readFile(c)
	twin := s.twins[flag]
	if path, ok := onCommandLine(c, twin); ok {
		return s.secret(flag, path), nil
	}
	_, own := inEnvironment(flag)
	path, other := inEnvironment(twin)
	if own && other {
		s.found = append(s.found, wrong(flag.Name, "%s and %s are both set: keep one", flag.Tag.Envs[0], twin.Tag.Envs[0]))
	}
	switch {
	case own:
		return nil, nil
	case other:
		return s.secret(flag, path), nil
	}
	return s.inFile(flag), nil
}

func onCommandLine(c *kong.Context, flag *kong.Flag) (string, bool) {
	if flag == nil {
		return "", false
	}
	for _, p := range c.Path {
		if p.Flag == flag {
			return fmt.Sprint(c.FlagValue(flag)), true
		}
	}
	return "", false
}

func inEnvironment(flag *kong.Flag) (string, bool) {
	if flag == nil {
		return "", false
	}
	for _, name := range flag.Tag.Envs {
		if value, ok := os.LookupEnv(name); ok {
			return value, true
		}
	}
	return "", false
}

// inFile is what the file of settings says, nil for nothing.
func (s *settings) inFile(flag *kong.Flag) any {
	node, own := s.file[flag.Name]
	path, other := s.file[flag.Name+fileSuffix]
	if s.twins[flag] == nil {
		other = false
	}
	switch {
	case own && other:
		s.found = append(s.found, wrong(flag.Name, "%s has both %s and %s%s: keep one", s.path, flag.Name, flag.Name, fileSuffix))
		return nil
	case own:
		return s.valueOf(flag, node)
	case other:
		return s.secret(flag, path.Value)
	}
	return nil
}

// valueOf gives a setting as it is written, so that a telephone number does not
// become a number.
func (s *settings) valueOf(flag *kong.Flag, node yaml.Node) any {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return nil
	case node.Kind == yaml.ScalarNode:
		return node.Value
	case flag.Target.Kind() != reflect.Slice:
		s.found = append(s.found, wrong(flag.Name, "%s: line %d: this is to be one plain value", s.path, node.Line))
		return nil
	case node.Kind != yaml.SequenceNode:
		s.found = append(s.found, wrong(flag.Name, "%s: line %d: this is to be a plain value, or a list of them", s.path, node.Line))
		return nil
	}
	var values []any
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode {
			s.found = append(s.found, wrong(flag.Name, "%s: line %d: this is to be a list of plain values", s.path, item.Line))
			return nil
		}
		values = append(values, item.Value)
	}
	return values
}

// secret reads a file with a secret in it; the line's end is no part of that. Of
// several each may have a line of its own.
func (s *settings) secret(flag *kong.Flag, path string) any {
	text, err := readBounded(path)
	if err != nil {
		s.found = append(s.found, wrong(flag.Name+fileSuffix, "%v", err))
		return nil
	}
	if flag.Target.Kind() == reflect.Slice {
		values := []any{}
		for value := range strings.FieldsFuncSeq(string(text), func(r rune) bool { return strings.ContainsRune(",\r\n", r) }) {
			values = append(values, value)
		}
		return values
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" {
		s.found = append(s.found, wrong(flag.Name+fileSuffix, "%s is empty", path))
		return nil
	}
	return value
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSettingsFile {
		return nil, fmt.Errorf("%s is too large", path)
	}
	return os.ReadFile(path)
}

// configFlag names the file of settings.
const configFlag = "config"

// readFile reads the file of settings, once.
func (s *settings) readFile(c *kong.Context) {
	if s.read {
		return
	}
	s.read = true
	for _, flag := range c.Model.Flags {
		if flag.Name == configFlag {
			if s.path, _ = onCommandLine(c, flag); s.path == "" {
				s.path, _ = inEnvironment(flag)
			}
		}
	}
	if s.path == "" {
		return
	}
	text, err := readBounded(s.path)
	if err == nil {
		err = yaml.Unmarshal(text, &s.file)
	}
	if err != nil {
		s.found = append(s.found, wrong(configFlag, "the file of settings cannot be read: %v", err))
		return
	}
	s.unknown(c)
}

// unknown notes the file's keys that are settings of no command.
func (s *settings) unknown(c *kong.Context) {
	known := map[string]bool{}
	for _, f := range flagsOf(c.Model) {
		if isSetting(f) && f.Name != configFlag {
			known[f.Name] = true
		}
	}
	for key, node := range s.file {
		if !known[key] {
			s.found = append(s.found, wrong(key, "%s: line %d: there is no such setting; `anteroom config` lists them", s.path, node.Line))
		}
	}
}

// flagsOf visits the flags of all commands.
func flagsOf(model *kong.Application) (all []*kong.Flag) {
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok {
			all = append(all, f)
		}
		return next(nil)
	})
	return all
}

// notSettings are variables of the environment that look like settings and are
// those of no command. They are no error: a cluster makes some of its own.
func notSettings(model *kong.Application) (names []string) {
	known := []string{embedded.BinaryEnv}
	for _, f := range flagsOf(model) {
		known = append(known, f.Envs...)
	}
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "ANTEROOM_") && !slices.Contains(known, name) && !ofKubernetes.MatchString(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
