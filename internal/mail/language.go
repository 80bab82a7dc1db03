package mail

import (
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// A language is one file, and whoever adds one changes nothing else. A text may
// use what English uses in the same place; where something is counted it has
// the plural forms of the language (CLDR).
//
//go:embed languages/*.json
var languageFiles embed.FS

// Languages are those in which mails and titles can be written.
type Languages struct {
	bundle *i18n.Bundle
	match  language.Matcher
	titles map[string]string // by language; of those that were configured
}

// Reader is who reads.
type Reader struct {
	Language string // BCP 47; English if there is none, or not this one
	TimeZone string // IANA; UTC if there is none, or not this one
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// NewLanguages reads the embedded languages. Titles, by language, replace their
// templates for the titles of recordings; {room_name}, {date} and {time} are
// all that these can contain.
func NewLanguages(titles map[string]string) (*Languages, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := languageFiles.ReadDir("languages")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if _, err := bundle.LoadMessageFileFS(languageFiles, "languages/"+f.Name()); err != nil {
			return nil, err
		}
	}
	l := &Languages{bundle, language.NewMatcher(bundle.LanguageTags()), map[string]string{}}
	for name, title := range titles {
		if !slices.Contains(bundle.LanguageTags(), language.Make(name)) {
			return nil, fmt.Errorf("there is no language %q to have titles in", name)
		}
		if err := checkTitle(title); err != nil {
			return nil, err
		}
		l.titles[language.Make(name).String()] = title
	}
	return l, nil
}

// Embedded are the languages with the titles that they come with.
func Embedded() *Languages {
	l, err := NewLanguages(nil)
	if err != nil {
		panic(err) // the files are in the program
	}
	return l
}

func checkTitle(title string) error {
	if strings.TrimSpace(title) == "" || len(title) > 200 || strings.ContainsAny(placeholder.ReplaceAllString(title, ""), "{}") {
		return fmt.Errorf("%q is no template of a title", title)
	}
	for _, p := range placeholder.FindAllString(title, -1) {
		if p != "{room_name}" && p != "{date}" && p != "{time}" {
			return fmt.Errorf("a title has no %s", p)
		}
	}
	return nil
}

// Check says whether there is the language, and the time zone, of a reader who
// stands for all that say nothing. Both may be empty.
func (l *Languages) Check(r Reader) error {
	var problems []error
	if r.Language != "" {
		if _, _, sure := l.match.Match(language.Make(r.Language)); sure == language.No {
			problems = append(problems, fmt.Errorf("--language: there is no %q: there are %s", r.Language, strings.Join(l.Tags(), ", ")))
		}
	}
	if _, err := time.LoadLocation(r.TimeZone); err != nil || r.TimeZone == "Local" {
		problems = append(problems, fmt.Errorf("--time-zone: there is no %q: it is an IANA name, as Europe/Paris", r.TimeZone))
	}
	return errors.Join(problems...)
}

// For is the tag of the language that a reader is written to in.
func (l *Languages) For(r Reader) string { return l.voice(r).language }

// Or is the reader, with what they do not say taken from another.
func (r Reader) Or(other Reader) Reader {
	return Reader{cmp.Or(r.Language, other.Language), cmp.Or(r.TimeZone, other.TimeZone)}
}

// Tags are the languages that there are.
func (l *Languages) Tags() []string {
	names := map[string]bool{}
	for _, t := range l.bundle.LanguageTags() {
		names[t.String()] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// voice speaks to one reader.
type voice struct {
	language string
	localize *i18n.Localizer
	zone     *time.Location
}

func (l *Languages) voice(r Reader) voice {
	_, i, _ := l.match.Match(language.Make(r.Language))
	name := l.bundle.LanguageTags()[i].String()
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil || r.TimeZone == "Local" {
		zone = time.UTC
	}
	return voice{name, i18n.NewLocalizer(l.bundle, name), zone}
}

// facts are what a text may use.
type facts map[string]any

// say panics for a text that is in no language: tests try them all.
func (v voice) say(id string, f facts) string {
	return v.localize.MustLocalize(&i18n.LocalizeConfig{MessageID: id, TemplateData: f, PluralCount: f["Count"]})
}

func (v voice) counted(id string, n int) string { return v.say(id, facts{"Count": n}) }

func (v voice) date(t time.Time) string {
	t = t.In(v.zone)
	return v.say("date", facts{
		"Day": t.Day(), "Month": v.say(fmt.Sprintf("month_%d", t.Month()), nil), "Year": t.Year(),
		"Weekday": v.say(fmt.Sprintf("weekday_%d", t.Weekday()), nil),
	})
}

func (v voice) time(t time.Time) string {
	return v.say("time", facts{"Time": t.In(v.zone)})
}

// duration is in hours and minutes; in seconds where it is shorter than one.
func (v voice) duration(d time.Duration) string {
	if d < time.Minute {
		return v.counted("seconds", int(max(d, 0).Seconds()))
	}
	minutes := int(d.Round(time.Minute).Minutes())
	switch {
	case minutes < 60:
		return v.counted("minutes", minutes)
	case minutes%60 == 0:
		return v.counted("hours", minutes/60)
	}
	return v.counted("hours", minutes/60) + " " + v.counted("minutes", minutes%60)
}
