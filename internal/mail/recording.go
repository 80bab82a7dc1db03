package mail

import (
	"bytes"
	"embed"
	htmltemplate "html/template"
	"strings"
	"text/template"
	"time"
)

// RecordingReady is the mail that says that a recording can be watched.
type RecordingReady struct {
	RoomName string
	Start    time.Time
	Duration time.Duration
	Link     string // to the recording's page
	Days     int    // that the recording stays; 0 if until somebody deletes it
}

//go:embed layouts
var layouts embed.FS

var (
	textLayout = template.Must(template.ParseFS(layouts, "layouts/mail.txt"))
	htmlLayout = htmltemplate.Must(htmltemplate.ParseFS(layouts, "layouts/mail.html"))
)

// page is what the layouts show: they know no language.
type page struct {
	Language, Subject, Lead string
	Rows                    []row
	Action, Link, Foot      string
}

type row struct{ Label, Value string }

// RecordingReady writes the mail for one reader.
func (l *Languages) RecordingReady(r Reader, m RecordingReady) (Content, error) {
	v := l.voice(r)
	name := facts{"RoomName": oneLine(m.RoomName)}
	stays := v.say("recording_ready_stays", nil)
	if m.Days > 0 {
		stays = v.counted("days", m.Days)
	}
	return v.content(page{
		Subject: v.say("recording_ready_subject", name),
		Lead:    v.say("recording_ready_lead", name),
		Rows: []row{
			{v.say("label_room", nil), oneLine(m.RoomName)},
			{v.say("label_date", nil), v.date(m.Start)},
			{v.say("label_time", nil), v.time(m.Start) + " (" + m.Start.In(v.zone).Format("MST") + ")"},
			{v.say("label_duration", nil), v.duration(m.Duration)},
			{v.say("label_stays", nil), stays},
		},
		Action: v.say("recording_ready_action", nil), Link: m.Link,
		Foot: v.say("recording_ready_foot", nil),
	})
}

func (v voice) content(p page) (Content, error) {
	p.Language = v.language
	var text, html bytes.Buffer
	if err := textLayout.Execute(&text, p); err != nil {
		return Content{}, err
	}
	if err := htmlLayout.Execute(&html, p); err != nil {
		return Content{}, err
	}
	return Content{Language: p.Language, Subject: p.Subject, Text: text.String(), HTML: html.String()}, nil
}

// RecordingTitle is what a recording is called until somebody renames it.
func (l *Languages) RecordingTitle(r Reader, roomName string, start time.Time) string {
	v := l.voice(r)
	title, configured := l.titles[v.language]
	if !configured {
		title = v.say("recording_title", nil)
	}
	return strings.NewReplacer("{room_name}", oneLine(roomName), "{date}", v.date(start), "{time}", v.time(start)).Replace(title)
}
