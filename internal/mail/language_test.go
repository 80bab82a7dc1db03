package mail_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/anteroom-dev/anteroom/internal/mail"
)

var update = flag.Bool("update", false, "write the golden files")

func languages(t *testing.T, titles map[string]string) *mail.Languages {
	t.Helper()
	l, err := mail.NewLanguages(titles)
	require.NoError(t, err)
	return l
}

// start is on either side of midnight, and of a month's end, in the two zones.
var start = time.Date(2026, 3, 1, 4, 30, 0, 0, time.UTC)

var ready = mail.RecordingReady{
	RoomName: "Équipe <A&B>", Start: start, Duration: 61*time.Minute + 29*time.Second,
	Link: "https://meet.example.org/recordings/1?a=b&c=d", Days: 30,
}

// TestGolden: `go test ./internal/mail -update` writes them anew, to be read.
func TestGolden(t *testing.T) {
	l := languages(t, nil)
	require.Equal(t, []string{"de", "en", "fr", "nl"}, l.Tags())
	for _, tag := range l.Tags() {
		for _, zone := range []string{"Europe/Paris", "America/New_York"} {
			c, err := l.RecordingReady(mail.Reader{Language: tag, TimeZone: zone}, ready)
			require.NoError(t, err)
			require.Equal(t, tag, c.Language)
			got := c.Subject + "\n\n" + c.Text + "\n" + c.HTML
			file := filepath.Join("testdata", "recording_ready."+tag+"."+strings.ReplaceAll(zone, "/", "-")+".golden")
			if *update {
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, string(want), got, file)
		}
	}
}

func texts(t *testing.T, file string) map[string]json.RawMessage {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	found := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal(b, &found), file)
	return found
}

// TestLanguagesAreWhole: what English says, all say, with their own plurals.
func TestLanguagesAreWhole(t *testing.T) {
	files, err := filepath.Glob("languages/*.json")
	require.NoError(t, err)
	english := texts(t, "languages/en.json")
	forms := map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}
	for _, file := range files {
		tag := language.MustParse(strings.TrimSuffix(filepath.Base(file), ".json"))
		found := texts(t, file)
		require.Equal(t, slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(found)), file)
		for id, raw := range found {
			var counted map[string]string
			if json.Unmarshal(english[id], &counted) != nil {
				continue
			}
			counted = nil
			require.NoError(t, json.Unmarshal(raw, &counted), "%s: %s", file, id)
			for n := range 200 {
				require.Contains(t, counted, forms[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)], "%s: %s of %d", file, id, n)
			}
		}
	}
}

// TestEveryDate says all months, weekdays and durations in all languages.
func TestEveryDate(t *testing.T) {
	l := languages(t, nil)
	for _, tag := range l.Tags() {
		seen := map[string]bool{}
		for day := range 366 {
			m := ready
			m.Start, m.Days, m.Duration = start.AddDate(0, 0, day), day, time.Duration(day)*7*time.Minute
			c, err := l.RecordingReady(mail.Reader{Language: tag}, m)
			require.NoError(t, err)
			require.NotContains(t, c.Text, "<no value>")
			require.NotContains(t, c.Text, "{{")
			seen[l.RecordingTitle(mail.Reader{Language: tag}, "Room", m.Start)] = true
		}
		require.Len(t, seen, 366)
	}
}

func TestReader(t *testing.T) {
	l := languages(t, nil)
	for tag, want := range map[string]string{
		"": "en", "fr": "fr", "fr-CA": "fr", "FR": "fr", "de-AT": "de", "nl-BE": "nl", "en-US": "en", "tlh": "en", "not a language!": "en", "ja": "en",
	} {
		c, err := l.RecordingReady(mail.Reader{Language: tag, TimeZone: "Nowhere/AtAll"}, ready)
		require.NoError(t, err)
		require.Equal(t, want, c.Language, tag)
		require.Contains(t, c.Text, "(UTC)")
	}
}

func TestDurationAndDays(t *testing.T) {
	l := languages(t, nil)
	for _, c := range []struct {
		tag      string
		duration time.Duration
		days     int
		want     []string
	}{
		{"en", 0, 1, []string{"0 seconds", "1 day\n"}},
		{"en", -time.Hour, 0, []string{"0 seconds", "until somebody deletes it"}},
		{"en", 59 * time.Second, 2, []string{"59 seconds", "2 days"}},
		{"en", time.Minute, 2, []string{"1 minute\n"}},
		{"en", 59*time.Minute + 45*time.Second, 2, []string{"1 hour\n"}},
		{"en", 2*time.Hour + time.Minute, 2, []string{"2 hours 1 minute\n"}},
		{"fr", 30 * time.Second, 1, []string{"30 secondes", "1 jour\n"}},
		{"fr", 0, 1, []string{"0 seconde\n"}},
		{"de", time.Hour, 30, []string{"1 Stunde\n", "30 Tage"}},
		{"nl", 2 * time.Hour, 1, []string{"2 uur\n", "1 dag\n"}},
	} {
		m := ready
		m.Duration, m.Days = c.duration, c.days
		content, err := l.RecordingReady(mail.Reader{Language: c.tag}, m)
		require.NoError(t, err)
		for _, want := range c.want {
			require.Contains(t, content.Text, want)
		}
	}
}

func TestWhatPeopleWroteIsText(t *testing.T) {
	m := ready
	m.RoomName, m.Link = "<script>{{.}}</script>\r\nBcc: x", `javascript:alert("x")`
	c, err := languages(t, nil).RecordingReady(mail.Reader{}, m)
	require.NoError(t, err)
	require.NotContains(t, c.HTML, "<script>")
	require.NotContains(t, c.HTML, "javascript:")
	require.Contains(t, c.Text, "{{.}}")
	require.NotContains(t, c.Subject, "\n")
}

func TestRecordingTitle(t *testing.T) {
	paris := func(tag string) mail.Reader { return mail.Reader{Language: tag, TimeZone: "Europe/Paris"} }
	l := languages(t, nil)
	require.Equal(t, "Team, Sunday 1 March 2026, 05:30", l.RecordingTitle(paris("en"), "Team", start))
	require.Equal(t, "Team, dimanche 1er mars 2026, 05:30", l.RecordingTitle(paris("fr"), "Team", start))
	require.Equal(t, "Team, Sonntag, 1. März 2026, 05:30 Uhr", l.RecordingTitle(paris("de"), "Team", start))
	require.Equal(t, "Team, zondag 1 maart 2026, 05:30 uur", l.RecordingTitle(paris("nl"), "Team", start))
	l = languages(t, map[string]string{"fr": "Réunion {room_name} du {date}"})
	require.Equal(t, "Réunion {date} du dimanche 1er mars 2026", l.RecordingTitle(paris("fr-FR"), "{date}", start), "a name is no template")
	require.Equal(t, "Team, Sunday 1 March 2026, 05:30", l.RecordingTitle(paris("en"), "Team", start))
	for _, titles := range []map[string]string{
		{"fr": ""}, {"fr": "{name}"}, {"fr": "{"}, {"fr": "a } b"}, {"xx": "{date}"}, {"": "{date}"}, {"fr": strings.Repeat("a", 201)},
	} {
		_, err := mail.NewLanguages(titles)
		require.Error(t, err, titles)
	}
}

func TestWhoStandsForAll(t *testing.T) {
	l := languages(t, nil)
	for _, r := range []mail.Reader{{}, {Language: "de"}, {Language: "fr-CA", TimeZone: "America/Toronto"}} {
		require.NoError(t, l.Check(r), r)
	}
	for _, r := range []mail.Reader{{Language: "ja"}, {Language: "no such language"}, {TimeZone: "Nowhere/AtAll"}, {TimeZone: "Local"}} {
		require.Error(t, l.Check(r), r)
	}
	require.Equal(t, "fr", l.For(mail.Reader{Language: "fr-CA"}))
	known := mail.Reader{Language: "de"}.Or(mail.Reader{Language: "fr", TimeZone: "Europe/Paris"})
	require.Equal(t, mail.Reader{Language: "de", TimeZone: "Europe/Paris"}, known)
}
