package storage

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gosimple/slug"
)

// DefaultTemplate is how files are named where nobody says otherwise.
const DefaultTemplate = "{prefix}/{room_id}/{recording_id}-{participant_id}-{track_id}-{time}.{ext}"

// Parts are what a key is made of. What does not apply is left empty and
// vanishes from the key, with the separator before it.
type Parts struct {
	RoomID        uuid.UUID
	RoomName      string
	RecordingID   uuid.UUID // always
	ParticipantID string
	Identity      string
	Caller        bool // the participant is on a telephone; the identity is not used
	TrackID       string
	Time          time.Time
	Ext           string // without the dot
}

// Template makes the keys of recordings' files. A key is
//
//	key   = { folder "/" } file
//	file  = recording-id { "-" part } [ "." ext ]
//
// with the recording's id (a lower-case UUID) at the beginning of the file's
// name whatever the template says, so that RecordingID finds it without the
// template. All characters are letters and digits of ASCII, ".", "_" and "-".
// No telephone number gets into a key: a caller's identity, and any that looks
// like a number, gives way to the participant's id, and such a room's name to
// the room's id.
type Template struct{ text string }

var (
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
	literal     = regexp.MustCompile(`^[A-Za-z0-9._/-]*$`)
	extension   = regexp.MustCompile(`\.(\{ext\}|[A-Za-z0-9]{1,8})$`)
)

// ParseTemplate reads a template: a path with the placeholders {prefix},
// {room_id}, {room_name}, {recording_id}, {participant_id}, {identity},
// {track_id}, {time} and {ext}. Without {time} two files of one recording could
// have the same key, so it is asked for; where {recording_id} does not begin
// the file's name it is put there, and a track's id after it if it is nowhere.
// The extension is always the file's own.
func ParseTemplate(text, prefix string) (Template, error) {
	if !literal.MatchString(prefix) {
		return Template{}, errors.New("a key's prefix is of letters, digits and ._/-")
	}
	text = strings.ReplaceAll(text, "{prefix}", strings.Trim(prefix, "/"))
	for _, p := range placeholder.FindAllString(text, -1) {
		if _, known := longest.values()[p]; !known {
			return Template{}, fmt.Errorf("a key template has no %s", p)
		}
	}
	if !literal.MatchString(placeholder.ReplaceAllString(text, "")) {
		return Template{}, errors.New("a key template is of letters, digits and ._/- besides its {placeholders}")
	}
	if !strings.Contains(text, "{time}") {
		return Template{}, errors.New("a key template needs {time}, or files would replace each other")
	}
	folder, file := path.Split(strings.TrimLeft(text, "/"))
	t := Template{folder + fileTemplate(file, strings.Contains(text, "{track_id}"))}
	if err := checkKey(t.Key(longest)); err != nil {
		return Template{}, errors.New("this key template gives no usable keys, or too long ones")
	}
	return t, nil
}

func fileTemplate(file string, hasTrack bool) string {
	file = extension.ReplaceAllString(file, "")
	file = strings.TrimLeft(strings.TrimPrefix(file, "{recording_id}"), "-_.")
	if !hasTrack {
		file = "{track_id}-" + file
	}
	return "{recording_id}-" + file + ".{ext}"
}

// longest are parts as long as they get.
var longest = Parts{
	RoomID: uuid.Max, RecordingID: uuid.Max, RoomName: strings.Repeat("x", maxWord), Identity: strings.Repeat("x", maxWord),
	ParticipantID: strings.Repeat("x", maxWord), TrackID: strings.Repeat("x", maxWord), Ext: strings.Repeat("x", maxExt),
	Time: time.Unix(0, 0),
}

// Of what comes from outside, in bytes.
const (
	maxWord = 40
	maxExt  = 8
)

// absent marks what does not apply until its separators are gone.
const absent = "\x00"

var absence = strings.NewReplacer("-"+absent, "", "_"+absent, "", "."+absent, "", absent+"-", "", absent+"_", "", absent, "")

// Key makes the key of one file.
func (t Template) Key(p Parts) string {
	values := p.values()
	filled := placeholder.ReplaceAllStringFunc(t.text, func(name string) string { return cmp.Or(values[name], absent) })
	var segments []string
	for segment := range strings.SplitSeq(filled, "/") {
		if segment = absence.Replace(segment); segment != "" {
			segments = append(segments, segment)
		}
	}
	return strings.Join(segments, "/")
}

func (p Parts) values() map[string]string {
	participant := word(p.ParticipantID)
	identity := cmp.Or(public(p.Identity), participant)
	if p.Caller {
		identity = participant
	}
	room := id(p.RoomID)
	return map[string]string{
		"{room_id}": room, "{room_name}": cmp.Or(public(p.RoomName), room), "{recording_id}": id(p.RecordingID),
		"{participant_id}": participant, "{identity}": identity, "{track_id}": word(p.TrackID),
		"{time}": p.Time.UTC().Format("20060102T150405Z"), "{ext}": cut(word(p.Ext), maxExt),
	}
}

func id(u uuid.UUID) string {
	if u == uuid.Nil {
		return ""
	}
	return u.String()
}

var unsafeCharacters = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// word leaves what is an identifier already as it is.
func word(s string) string {
	return cut(strings.Trim(unsafeCharacters.ReplaceAllString(s, ""), "-_"), maxWord)
}

// telephone is seven digits or more, whatever is between them: no number that
// reaches a person from elsewhere is shorter.
var telephone = regexp.MustCompile(`(?:[0-9][-_]*){7}`)

// public is a name that people gave, in safe characters; nothing if there may
// be a telephone number in it.
func public(name string) string {
	s := slug.Make(name) // also turns the digits of other scripts into ours
	if telephone.MatchString(s) {
		return ""
	}
	return cut(s, maxWord)
}

func cut(s string, length int) string {
	if len(s) > length {
		s = s[:length]
	}
	return strings.Trim(s, "-_")
}

// recordingFile is a file's name as Template says.
var recordingFile = regexp.MustCompile(`^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[-.].*)?$`)

// RecordingID finds the recording's id in a key, in whatever folders it is;
// ErrKey if there is none.
func RecordingID(key string) (uuid.UUID, error) {
	if err := checkKey(key); err != nil {
		return uuid.Nil, err
	}
	found := recordingFile.FindStringSubmatch(path.Base(key))
	if found == nil {
		return uuid.Nil, ErrKey
	}
	u, err := uuid.Parse(found[1])
	if err != nil || u == uuid.Nil {
		return uuid.Nil, ErrKey
	}
	return u, nil
}
