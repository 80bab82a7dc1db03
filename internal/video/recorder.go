package video

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// What a recorder answers with, besides ErrUnavailable and ErrRefused.
var (
	// ErrNoRecorder: the provider is there, and nobody who records for it answers.
	ErrNoRecorder = fault.New(fault.Unavailable, "no_recorder", "no recorder answers")
	// ErrTooEarly: the capture has not begun, and cannot be stopped before that.
	ErrTooEarly = fault.New(fault.Precondition, "capture_too_early", "the capture has not begun yet")
	// ErrNotRecording: the provider cannot record.
	ErrNotRecording = fault.New(fault.Unimplemented, "provider_without_recorder", "this video provider cannot record")
	// ErrNotAnnouncing: the provider cannot tell those in a room about it.
	ErrNotAnnouncing = fault.New(fault.Unimplemented, "provider_without_metadata", "this video provider keeps no metadata of rooms")
)

// Recorder is a provider that captures what happens in its rooms.
type Recorder interface {
	// StartCapture has a capture begin. The answer may come later than the first
	// event of the capture. It fails with ErrRefused (nothing was started; the error
	// says why), ErrNoRecorder (nothing is known to have been started) or
	// ErrUnavailable (it may have been started). With the latter two, who needs to
	// know finds the capture by its path in ListCaptures.
	StartCapture(ctx context.Context, r CaptureRequest) (Egress, error)

	// StopCapture has a capture end, which an event tells later. One that has ended,
	// or that the provider does not know, is no error. It fails with ErrTooEarly
	// (stop it again when it is active), ErrUnavailable or ErrRefused.
	StopCapture(ctx context.Context, egressID string) error

	// ListCaptures gives all that the provider knows of in the rooms of this name,
	// or in all rooms when it is "": at work and ended ones, foreign ones included.
	// It forgets those that ended long ago. It fails with ErrUnavailable or
	// ErrRefused.
	ListCaptures(ctx context.Context, roomName string) ([]Egress, error)

	// RecorderHealth asks those who record, where the provider knows how. It starts
	// nothing.
	RecorderHealth(ctx context.Context) Health
}

// Health is how somebody is.
type Health uint8

// The healths.
const (
	HealthUnknown Health = iota // there is no way to ask
	Healthy
	Unhealthy // or not to be reached
)

// Announcer is a provider that keeps a text with each room, which everybody in
// the room is told at once when it changes, and on entering.
type Announcer interface {
	// ReadRoomMetadata is the text; "" where there is no meeting. It fails with
	// ErrUnavailable or ErrRefused.
	ReadRoomMetadata(ctx context.Context, roomName string) (string, error)
	// SetRoomMetadata replaces the text. Where there is no meeting there is nobody
	// to be told: that is no error. It fails with ErrUnavailable or ErrRefused.
	SetRoomMetadata(ctx context.Context, roomName, metadata string) error
}

// CaptureMode is what of a room is captured.
type CaptureMode string

// The modes.
const (
	Screen      CaptureMode = "screen"      // everybody, picture and sound
	Audio       CaptureMode = "audio"       // everybody, sound alone
	OnePerson   CaptureMode = "participant" // what one person says
	SingleTrack CaptureMode = "track"       // one audio track, as published
)

// FileType is the kind of a captured file, and its extension.
type FileType string

// The file types.
const (
	MP4 FileType = "mp4"
	OGG FileType = "ogg"
)

// Preset is how a picture is encoded.
type Preset string

// The presets: lines and frames per second.
const (
	Preset720p30  Preset = "720p30"
	Preset720p60  Preset = "720p60"
	Preset1080p30 Preset = "1080p30"
	Preset1080p60 Preset = "1080p60"
)

// CaptureRequest says what is captured into which file.
type CaptureRequest struct {
	RoomName string // the provider's name of the room, in which people are
	Mode     CaptureMode
	Identity string   // of OnePerson
	TrackSID string   // of SingleTrack
	Layout   string   // of Screen: the provider's word, or "" for its usual one
	Preset   Preset   // of Screen; "" for Preset720p30
	Path     string   // the file's key in the store, with its extension and without templates
	FileType FileType // MP4 of Screen, OGG of SingleTrack; "" for the mode's usual one
}

// fileTypes are those of each mode, its usual one first.
var fileTypes = map[CaptureMode][]FileType{
	Screen:      {MP4},
	Audio:       {OGG, MP4},
	OnePerson:   {OGG, MP4},
	SingleTrack: {OGG},
}

// Type is the FileType, or the mode's usual one.
func (r CaptureRequest) Type() FileType {
	if types := fileTypes[r.Mode]; r.FileType == "" && len(types) > 0 {
		return types[0]
	}
	return r.FileType
}

// Check finds what no provider may accept. It fails with ErrRefused.
func (r CaptureRequest) Check() error {
	switch {
	case fileTypes[r.Mode] == nil:
		return ErrRefused.Saying("there is no such mode of recording")
	case !slices.Contains(fileTypes[r.Mode], r.Type()):
		return ErrRefused.Saying("this mode of recording does not make files of this type")
	case r.RoomName == "":
		return ErrRefused.Saying("a recording needs a room")
	case r.Mode == OnePerson && r.Identity == "":
		return ErrRefused.Saying("the recording of one person needs the person's identity")
	case r.Mode == SingleTrack && r.TrackSID == "":
		return ErrRefused.Saying("the recording of a track needs the track")
	case !ValidPreset(r.Preset):
		return ErrRefused.Saying("there is no such preset of a recording's picture")
	case !validPath(r.Path) || !strings.HasSuffix(r.Path, "."+string(r.Type())):
		return ErrRefused.Saying("a recording needs the path of a file, relative, without templates and with the file type as its extension")
	}
	return nil
}

// ValidPreset tells whether there is such a preset; "" is the usual one.
func ValidPreset(p Preset) bool {
	switch p {
	case "", Preset720p30, Preset720p60, Preset1080p30, Preset1080p60:
		return true
	}
	return false
}

// validPath keeps files inside the store, and providers from filling in braces.
func validPath(path string) bool {
	if path == "" || strings.ContainsAny(path, "{}\\\x00") {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// EgressStatus is how far a capture is.
type EgressStatus string

// The statuses. StatusUnknown is what a provider's new word reads as.
const (
	StatusUnknown  EgressStatus = ""
	Starting       EgressStatus = "starting"
	Active         EgressStatus = "active"
	Ending         EgressStatus = "ending"
	Complete       EgressStatus = "complete"
	LimitReached   EgressStatus = "limit_reached" // ended at the recorder's limit, with a file
	CaptureFailed  EgressStatus = "failed"
	CaptureAborted EgressStatus = "aborted" // ended before there was anything to capture
)

// Ended tells whether nothing comes after this status.
func (s EgressStatus) Ended() bool {
	switch s {
	case Complete, LimitReached, CaptureFailed, CaptureAborted:
		return true
	}
	return false
}

// Egress is the recorder's work that an event is about: one capture. Times are
// UTC, to the nanosecond, and zero when the provider does not state them.
type Egress struct {
	ID         string
	RoomName   string
	RoomSID    string
	Status     EgressStatus
	Path       string    // CaptureRequest.Path; "" when no file was asked for
	Files      []File    // what is written, or will be
	Error      string    // why it ended so, in the recorder's words, without secrets; "" when it was asked to
	StartTime  time.Time // stated anew when it becomes active
	EndTime    time.Time
	UpdateTime time.Time // when this was so: the later of two wins
}

// File is what a capture wrote. Of one that is being written little is known.
type File struct {
	Path      string // the key in the store
	Location  string // where the recorder says it is; not to be relied on
	Size      int64  // in bytes
	Duration  time.Duration
	StartTime time.Time // of its first frame
	EndTime   time.Time
}

// Recorder finds a provider that records. It fails with ErrNoProvider or
// ErrNotRecording.
func (p Providers) Recorder(name Name) (Recorder, error) {
	return capability[Recorder](p, name, ErrNotRecording)
}

// Announcer finds a provider that keeps metadata of rooms. It fails with
// ErrNoProvider or ErrNotAnnouncing.
func (p Providers) Announcer(name Name) (Announcer, error) {
	return capability[Announcer](p, name, ErrNotAnnouncing)
}
