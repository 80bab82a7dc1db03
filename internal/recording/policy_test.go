package recording

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/schema"
)

func TestWhoTriggersARecording(t *testing.T) {
	for _, c := range []struct {
		trigger       string
		people, hosts int
		want          bool
	}{
		{"", 0, 0, false},
		{"", 1, 0, true},
		{TriggerFirstPerson, 1, 0, true},
		{TriggerSecondPerson, 1, 1, false},
		{TriggerSecondPerson, 2, 0, true},
		{TriggerHost, 5, 0, false},
		{TriggerHost, 1, 1, true},
	} {
		require.Equal(t, c.want, triggered(c.trigger, c.people, c.hosts), "%+v", c)
	}
}

func TestPausesGrowAndHaveABound(t *testing.T) {
	short, long := spell{lasted: time.Minute}, spell{lasted: time.Hour}
	for _, c := range []struct {
		spells []spell
		want   time.Duration
	}{
		{[]spell{short}, 5 * time.Second},
		{[]spell{short, short}, 10 * time.Second},
		{[]spell{short, short, short}, 20 * time.Second},
		{[]spell{short, short, short, short, short, short, short, short}, 5 * time.Minute},
		{[]spell{short, long, short, short}, 5 * time.Second},
		{[]spell{long, short}, 5 * time.Second},
		{[]spell{{lasted: time.Hour, saved: true}, short}, 0},
		{[]spell{{lasted: time.Second, saved: true}}, 5 * time.Second},
	} {
		require.Equal(t, c.want, pause(c.spells, steady), "%+v", c.spells)
	}
}

// TestShortLimitsAreNoFailures: a recording that was as long as it may be is followed by
// the next one at once, however short that is.
func TestShortLimitsAreNoFailures(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{
		0: 10 * time.Second, time.Minute: 0, 2 * time.Minute: 10 * time.Second, time.Hour: 10 * time.Second,
	} {
		r := &Recordings{config: Config{MaxDuration: limit}}
		full := spell{lasted: time.Minute, saved: true}
		require.Equal(t, want, pause([]spell{full, full}, r.steadyFor()), "%s", limit)
	}
}

func TestWhatNobodyStops(t *testing.T) {
	always := schema.RoomSettings{RecordingPolicy: PolicyCompliance, RecordingMode: "audio"}
	for _, c := range []struct {
		settings schema.RoomSettings
		mode     entrecording.Mode
		cause    entrecording.Cause
		want     bool
	}{
		{always, entrecording.ModeAudio, entrecording.CauseCompliance, true},
		{always, entrecording.ModeAudio, entrecording.CausePerson, true},
		{always, entrecording.ModeScreen, entrecording.CausePerson, false},
		{always, entrecording.ModeParticipant, entrecording.CauseCaller, false},
		{schema.RoomSettings{}, entrecording.ModeAudio, entrecording.CauseCompliance, true},
		{schema.RoomSettings{}, entrecording.ModeScreen, entrecording.CausePerson, false},
	} {
		require.Equal(t, c.want, required(c.settings, c.mode, c.cause), "%+v", c)
	}
}

func TestFailuresInARow(t *testing.T) {
	failed := func(reason string) captureFacts { return captureFacts{status: capture.StatusFailed, reason: reason} }
	good := captureFacts{status: capture.StatusComplete}
	for _, c := range []struct {
		newest              []captureFacts
		disk, upload, other int
	}{
		{nil, 0, 0, 0},
		{[]captureFacts{good, failed(reasonDisk)}, 0, 0, 0},
		{[]captureFacts{failed(reasonUpload), failed(reasonUpload), good, failed(reasonUpload)}, 0, 2, 0},
		{[]captureFacts{failed(reasonNobody), failed(reasonDisk), failed(reasonGone), failed(reasonOf("write: no space left on device"))}, 2, 0, 0},
		{[]captureFacts{failed(reasonLost), failed("no_recorder"), failed(reasonRecorder), failed(reasonNoAnswer)}, 0, 0, 4},
	} {
		require.Equal(t, map[string]int{"disk": c.disk, "upload": c.upload, "other": c.other}, streaks(c.newest))
	}
}
