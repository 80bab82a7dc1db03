package recording

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// TestStrays: what a look says of tracks, and what it does not.
func TestStrays(t *testing.T) {
	asked := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := asked.Add(-d); return &at }
	captured := func(since, stopped *time.Time, status capture.Status) []*ent.Capture {
		return []*ent.Capture{{TrackSid: "TR_a", Identity: "ada", CreateTime: *since, StopTime: stopped, Status: status}}
	}
	ada := func(active bool, tracks ...video.Track) []video.Presence {
		return []video.Presence{{Participant: video.Participant{SID: "PA_a", Identity: "ada"}, Active: active, Tracks: tracks}}
	}
	voice := video.Track{SID: "TR_a", Source: video.Microphone}
	unheard, gone := []published{{"PA_a", "TR_a"}}, []string{"TR_a"}
	for _, c := range []struct {
		name     string
		captures []*ent.Capture
		people   []video.Presence
		unheard  []published
		gone     []string
	}{
		{"nothing", nil, nil, nil, nil},
		{"a voice that nobody told of", nil, ada(true, voice), unheard, nil},
		{"a camera", nil, ada(true, video.Track{SID: "TR_a", Source: video.Camera}), nil, nil},
		{"the sound of a screen", nil, ada(true, video.Track{SID: "TR_a", Source: video.ScreenShareAudio}), unheard, nil},
		{"who is still coming", nil, ada(false, voice), nil, nil},
		{"captured", captured(ago(time.Minute), nil, capture.StatusActive), ada(true, voice), nil, nil},
		{"captured, and broken off", captured(ago(time.Minute), nil, capture.StatusFailed), ada(true, voice), nil, nil},
		{"stopped just now", captured(ago(time.Minute), ago(time.Second), capture.StatusActive), ada(true, voice), nil, nil},
		{"stopped since it was asked", captured(ago(time.Minute), ago(-time.Second), capture.StatusActive), ada(true, voice), nil, nil},
		{"stopped in error", captured(ago(time.Minute), ago(3*time.Second), capture.StatusComplete), ada(true, voice), unheard, nil},
		{"gone", captured(ago(time.Minute), nil, capture.StatusActive), ada(true), nil, gone},
		{"gone, and another is there", captured(ago(time.Minute), nil, capture.StatusActive),
			ada(true, video.Track{SID: "TR_b", Source: video.Microphone}), []published{{"PA_a", "TR_b"}}, gone},
		{"gone before it was asked for", captured(ago(time.Minute), nil, capture.StatusAsked), ada(true), nil, gone},
		{"gone, and it has ended", captured(ago(time.Minute), nil, capture.StatusComplete), ada(true), nil, nil},
		{"gone, and stopped", captured(ago(time.Minute), ago(time.Minute), capture.StatusEnding), ada(true), nil, nil},
		{"new", captured(ago(time.Second), nil, capture.StatusActive), ada(true), nil, nil},
		{"newer than the question", captured(ago(-time.Second), nil, capture.StatusActive), ada(true), nil, nil},
		{"its owner is not listed", captured(ago(time.Minute), nil, capture.StatusActive), nil, nil, nil},
		{"its owner is going", captured(ago(time.Minute), nil, capture.StatusActive), ada(false), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			unheard, gone := strays(c.captures, video.RoomLook{AskTime: asked, Participants: c.people})
			require.Equal(t, c.unheard, unheard)
			require.Equal(t, c.gone, gone)
		})
	}
}
