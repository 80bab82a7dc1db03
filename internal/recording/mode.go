package recording

import (
	"cmp"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// mode is how something is recorded.
type mode struct {
	capture video.CaptureMode
	// file is the kind of file; "" for the one that is configured for sound.
	file video.FileType
	// perTrack is whether each track is a capture, which comes and goes with it.
	perTrack bool
}

// modes are all there are; each has its own file.
var modes = map[entrecording.Mode]mode{
	entrecording.ModeScreen:      screen,
	entrecording.ModeAudio:       audio,
	entrecording.ModeParticipant: participant,
	entrecording.ModeTracks:      tracks,
}

// subject is what one capture is of; all zero for everybody.
type subject struct {
	identity        string
	participationID *uuid.UUID
	trackSID        string
	caller          bool // on a telephone
}

// subjectOf is one person, or a track of theirs.
func subjectOf(who *ent.Participation, trackSID string) subject {
	caller := who.Kind == nil || *who.Kind == participation.KindPhone
	return subject{who.Identity, &who.ID, trackSID, caller}
}

// request is what the recorder is asked for a capture.
func (m mode) request(config Config, roomID uuid.UUID, c *ent.Capture) video.CaptureRequest {
	r := video.CaptureRequest{
		RoomName: roomID.String(), Mode: m.capture, Identity: c.Identity, TrackSID: c.TrackSid,
		Path: c.Path, FileType: video.FileType(strings.TrimPrefix(path.Ext(c.Path), ".")),
	}
	if m.capture == video.Screen {
		r.Layout, r.Preset = config.Layout, config.Preset
	}
	return r
}

// key is the name of a capture's file in the store.
func (m mode) key(config Config, room *ent.Room, recordingID uuid.UUID, s subject, at time.Time) string {
	parts := storage.Parts{
		RoomID: room.ID, RoomName: room.Name, RecordingID: recordingID, Identity: s.identity, Caller: s.caller,
		TrackID: s.trackSID, Time: at, Ext: string(cmp.Or(m.file, config.Sound, video.OGG)),
	}
	if s.participationID != nil {
		parts.ParticipantID = s.participationID.String()
	}
	return config.Keys.Key(parts)
}
