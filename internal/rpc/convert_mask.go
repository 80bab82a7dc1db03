package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/room"
	"github.com/anteroom-dev/anteroom/internal/user"
)

var (
	errMask  = fault.New(fault.Invalid, "unknown_field_mask_path", "the update mask names a field that cannot be changed")
	errEmpty = fault.New(fault.Invalid, "invalid_request", "the update mask names a field that cannot be empty")
)

// settingsFields says for each field of RoomSettings how a request sets it; one
// that the request leaves out gets the default.
var settingsFields = map[string]func(s *schema.RoomSettings, from *anteroomv1.RoomSettings){
	"max_participants": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		set(&s.MaxParticipants, from.MaxParticipants)
	},
	"dial_in": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) { set(&s.DialIn, from.DialIn) },
	"viewers_only_listen": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		set(&s.ViewersOnlyListen, from.ViewersOnlyListen)
	},
	"empty_timeout": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setDuration(&s.EmptyTimeout, from.GetEmptyTimeout())
	},
	"departure_timeout": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setDuration(&s.DepartureTimeout, from.GetDepartureTimeout())
	},
	"recording_policy": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setEnum(&s.RecordingPolicy, policies, from.GetRecordingPolicy())
	},
	"recording_trigger": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setEnum(&s.RecordingTrigger, triggers, from.GetRecordingTrigger())
	},
	"recording_mode": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		if mode, ok := recordingModes[from.GetRecordingMode()]; ok {
			s.RecordingMode = mode.String()
		}
	},
	"track_recording": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		set(&s.TrackRecording, from.TrackRecording)
	},
	"consent_required": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		set(&s.ConsentRequired, from.ConsentRequired)
	},
	"downloads": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		if from.Downloads != nil {
			s.DownloadsOff = !from.GetDownloads()
		}
	},
	"recording_audience": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setEnum(&s.RecordingAudience, audiences, from.GetRecordingAudience())
	},
	"recording_audience_duration": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setDuration(&s.RecordingAudienceDuration, from.GetRecordingAudienceDuration())
	},
	"recording_retention": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		setDuration(&s.RecordingRetention, from.GetRecordingRetention())
	},
	"publish_sources": func(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
		s.PublishSources = nil
		for _, source := range from.GetPublishSources() {
			s.PublishSources = append(s.PublishSources, sources[source])
		}
	},
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

func setEnum[E comparable](field *string, words map[E]string, value E) {
	if word, ok := words[value]; ok {
		*field = word
	}
}

func setDuration(field *time.Duration, value *durationpb.Duration) {
	if value != nil {
		*field = value.AsDuration().Truncate(time.Second)
	}
}

// mergeSettings sets all that a request says.
func mergeSettings(s *schema.RoomSettings, from *anteroomv1.RoomSettings) {
	if from == nil {
		return
	}
	for _, field := range settingsFields {
		field(s, from)
	}
}

func toRoomChanges(req *anteroomv1.UpdateRoomRequest) (c room.Changes, err error) {
	var fields []string
	for _, path := range req.GetUpdateMask().GetPaths() {
		switch path {
		case "name":
			c.Name = &req.Name
		case "slug":
			c.Slug = &req.Slug
		case "access_level":
			level := toLevel(req.GetAccessLevel())
			c.Level = &level
		case "settings":
			for name := range settingsFields {
				fields = append(fields, name)
			}
		default:
			name, ok := cutSettings(path)
			if !ok {
				return c, errMask.With("path", path)
			}
			fields = append(fields, name)
		}
	}
	if c.Name != nil && *c.Name == "" || c.Slug != nil && *c.Slug == "" || c.Level != nil && req.GetAccessLevel() == 0 {
		return c, errEmpty
	}
	if len(fields) > 0 {
		c.Settings = settingsChange(fields, req.GetSettings())
	}
	return c, nil
}

func cutSettings(path string) (string, bool) {
	const prefix = "settings."
	if len(path) <= len(prefix) || path[:len(prefix)] != prefix {
		return "", false
	}
	_, known := settingsFields[path[len(prefix):]]
	return path[len(prefix):], known
}

// settingsChange sets named fields to what the request says; those it leaves
// out go back to their default, as a field mask has it.
func settingsChange(fields []string, to *anteroomv1.RoomSettings) func(*schema.RoomSettings) {
	return func(s *schema.RoomSettings) {
		wanted := room.DefaultSettings()
		mergeSettings(&wanted, to)
		full := fromSettings(wanted)
		for _, name := range fields {
			settingsFields[name](s, full)
		}
	}
}

func toUserChanges(req *anteroomv1.UpdateSelfRequest) (c user.Changes, err error) {
	for _, path := range req.GetUpdateMask().GetPaths() {
		switch path {
		case "full_name":
			c.FullName = &req.FullName
		case "language":
			c.Language = &req.Language
		case "time_zone":
			c.TimeZone = &req.TimeZone
		default:
			return c, errMask.With("path", path)
		}
	}
	return c, nil
}
