// Command reference writes docs/api.md: the API's services, messages and enums with
// the comments that they have in proto/. It reads what `buf build` writes.
package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

const pkg = "anteroom.v1"

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	image, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(image, &set); err != nil {
		return err
	}
	files, err := protodesc.NewFiles(&set)
	if err != nil {
		return err
	}
	var ours []protoreflect.FileDescriptor
	files.RangeFilesByPackage(pkg, func(f protoreflect.FileDescriptor) bool {
		ours = append(ours, f)
		return true
	})
	slices.SortFunc(ours, func(a, b protoreflect.FileDescriptor) int { return cmp.Compare(a.Path(), b.Path()) })
	p := &page{Writer: bufio.NewWriter(out)}
	p.head(ours)
	for _, f := range ours {
		p.file(f)
	}
	return p.Flush()
}

// page is the reference as it is written.
type page struct{ *bufio.Writer }

func (p *page) say(format string, args ...any) { _, _ = fmt.Fprintf(p, format, args...) } // its error is Flush's

func (p *page) head(files []protoreflect.FileDescriptor) {
	p.say("# API reference\n\n<!-- Written by `make generate` from proto/. -->\n\n")
	p.say("Each procedure is `POST /%s.SERVICE/PROCEDURE` for Connect and plain JSON, and the same name for gRPC and gRPC-Web. ", pkg)
	p.say("Errors have a Connect code and a `google.rpc.ErrorInfo`, whose `reason` is one of those that the procedure names.\n\n")
	for _, f := range files {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			p.say("- [%s](#%s)\n", s.Name(), strings.ToLower(string(s.Name())))
		}
	}
}

func (p *page) file(f protoreflect.FileDescriptor) {
	for i := range f.Services().Len() {
		p.service(f.Services().Get(i))
	}
	for i := range f.Messages().Len() {
		p.message(f.Messages().Get(i))
	}
	for i := range f.Enums().Len() {
		p.enum(f.Enums().Get(i))
	}
}

func (p *page) service(s protoreflect.ServiceDescriptor) {
	p.say("\n## %s\n\n%s\n", s.Name(), comment(s))
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		stream := ""
		if m.IsStreamingServer() {
			stream = "stream of "
		}
		p.say("\n### %s.%s\n\n", s.Name(), m.Name())
		p.say("[%s](#%s) → %s[%s](#%s)", m.Input().Name(), anchor(m.Input()), stream, m.Output().Name(), anchor(m.Output()))
		if o, _ := m.Options().(*descriptorpb.MethodOptions); o.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS {
			p.say(" · also by HTTP GET")
		}
		p.say("\n\n%s\n", comment(m))
	}
}

func (p *page) message(m protoreflect.MessageDescriptor) {
	if m.IsMapEntry() {
		return
	}
	p.say("\n### %s\n\n%s\n", m.Name(), comment(m))
	for i := range m.Fields().Len() {
		if i == 0 {
			p.say("\n| field | type | |\n|---|---|---|\n")
		}
		f := m.Fields().Get(i)
		p.say("| `%s` | %s | %s |\n", f.Name(), typeOf(f), cell(comment(f)))
	}
	for i := range m.Messages().Len() {
		p.message(m.Messages().Get(i))
	}
	for i := range m.Enums().Len() {
		p.enum(m.Enums().Get(i))
	}
}

func (p *page) enum(e protoreflect.EnumDescriptor) {
	p.say("\n### %s\n\n%s\n\n| value | |\n|---|---|\n", e.Name(), comment(e))
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		p.say("| `%s` | %s |\n", v.Name(), cell(comment(v)))
	}
}

// typeOf is a field's type in words, with a link where it is one of ours.
func typeOf(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "map of " + typeOf(f.MapKey()) + " to " + typeOf(f.MapValue())
	case f.IsList():
		return "list of " + single(f)
	case f.ContainingOneof() != nil && !f.ContainingOneof().IsSynthetic():
		return single(f) + ", one of `" + string(f.ContainingOneof().Name()) + "`"
	case f.HasOptionalKeyword():
		return single(f) + ", optional"
	}
	return single(f)
}

func single(f protoreflect.FieldDescriptor) string {
	var named protoreflect.Descriptor
	switch {
	case f.Message() != nil:
		named = f.Message()
	case f.Enum() != nil:
		named = f.Enum()
	default:
		return f.Kind().String()
	}
	if named.ParentFile().Package() == pkg {
		return fmt.Sprintf("[%s](#%s)", named.Name(), anchor(named))
	}
	return strings.TrimPrefix(string(named.FullName()), "google.protobuf.")
}

func anchor(d protoreflect.Descriptor) string { return strings.ToLower(string(d.Name())) }

// comment is what is written before a declaration.
func comment(d protoreflect.Descriptor) string {
	text := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// cell is a text that fits into a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "|", "\\|")
}
