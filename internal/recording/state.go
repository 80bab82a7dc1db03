package recording

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// ranks are how far a capture is. What is heard only ever moves it on, so order
// and repetition do not matter. No recorder tells two ends of one capture; if it
// did, the one with a file would stay.
var ranks = map[capture.Status]int{
	capture.StatusAsked: 0, capture.StatusStarting: 1, capture.StatusActive: 2, capture.StatusEnding: 3,
	capture.StatusAborted: 4, capture.StatusFailed: 5, capture.StatusLimitReached: 6, capture.StatusComplete: 7,
}

// statuses are a capture's by what the provider says. What it says that we do
// not know moves nothing.
var statuses = map[video.EgressStatus]capture.Status{
	video.StatusUnknown: capture.StatusAsked,
	video.Starting:      capture.StatusStarting, video.Active: capture.StatusActive, video.Ending: capture.StatusEnding,
	video.CaptureAborted: capture.StatusAborted, video.CaptureFailed: capture.StatusFailed,
	video.LimitReached: capture.StatusLimitReached, video.Complete: capture.StatusComplete,
}

// Why a recording ended badly: reasons that clients put into words.
const (
	reasonNobody   = "nobody_to_record"   // nothing was sent that could be recorded
	reasonGone     = "participant_gone"   // whom it was to be of was not there
	reasonDisk     = "recorder_disk"      // the recorder has no room left to write to
	reasonUpload   = "upload_failed"      // the file could not be put into the store
	reasonRecorder = "recorder_failed"    // anything else that the recorder says
	reasonNoAnswer = "recorder_no_answer" // it was asked, and nothing came of it
	reasonLost     = "recorder_lost"      // the provider knows nothing of it any more
	reasonStopped  = "stopped_early"      // it was stopped before it began
	reasonNoFile   = "file_missing"       // it ended well, and the file is not in the store
)

// captureFacts is what is known of one capture.
type captureFacts struct {
	status     capture.Status
	began      bool   // it was active at some time, whenever that was heard
	reason     string // why it ended badly
	error      string // the recorder's words
	start, end time.Time
}

// ended says whether nothing comes after this.
func (f captureFacts) ended() bool { return ranks[f.status] >= ranks[capture.StatusAborted] }

// well says whether there is a file.
func (f captureFacts) well() bool { return ranks[f.status] >= ranks[capture.StatusLimitReached] }

// merge is what is known of a capture after one more thing was heard of it: each
// part moves one way only.
func (f captureFacts) merge(e video.Egress) captureFacts {
	status := statuses[e.Status]
	f.began = f.began || status == capture.StatusActive || longest(e.Files) > 0
	if status == capture.StatusAborted || status == capture.StatusFailed {
		f = f.fail(status, reasonOf(e.Error), e.Error)
	}
	f.status = further(f.status, status)
	if e.Status != video.Starting { // it says when it was asked
		f.start = earlier(f.start, e.StartTime)
	}
	f.start = earlier(f.start, firstFrame(e.Files))
	if e.Status.Ended() && e.EndTime.After(f.end) {
		f.end = e.EndTime
	}
	if f.well() {
		f.reason, f.error = "", ""
	}
	return f
}

// fail ends a capture badly, unless more is known of it. Of two reasons always
// the same one stays: what the recorder says beats what was concluded, as it
// comes with words.
func (f captureFacts) fail(status capture.Status, reason, words string) captureFacts {
	if f.well() {
		return f
	}
	if words > f.error || words == f.error && reason > f.reason {
		f.reason, f.error = reason, words
	}
	f.status = further(f.status, status)
	return f
}

func further(a, b capture.Status) capture.Status {
	if ranks[b] > ranks[a] {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.IsZero() || !a.IsZero() && !b.Before(a) {
		return a
	}
	return b
}

func longest(files []video.File) (d time.Duration) {
	for _, f := range files {
		d = max(d, f.Duration)
	}
	return d
}

func firstFrame(files []video.File) (t time.Time) {
	for _, f := range files {
		t = earlier(t, f.StartTime)
	}
	return t
}

// words say by what the recorder says which reason it means.
var words = []struct{ part, reason string }{
	{"start signal not received", reasonNobody},
	{"no audio", reasonNobody},
	{"not found", reasonGone},
	{"disconnected", reasonGone},
	{"no space left", reasonDisk},
	{"disk", reasonDisk},
	{"upload", reasonUpload},
	{"bucket", reasonUpload},
	{"s3", reasonUpload},
}

func reasonOf(text string) string {
	text = strings.ToLower(text)
	for _, w := range words {
		if strings.Contains(text, w.part) {
			return w.reason
		}
	}
	return reasonRecorder
}

// stopAnewAtMost is the longest between two stops of a capture that was given up.
const stopAnewAtMost = time.Hour

// stopsAnew says whether a capture that was given up is to be stopped once more, each
// time after twice as long: a recorder that lives hears it the first time.
func stopsAnew(givenUp, asked, now time.Time) bool {
	return now.Sub(asked) >= min(asked.Sub(givenUp), stopAnewAtMost)
}

// strays compares what is captured of tracks with what a look lists: the tracks of
// which nobody told, and those that are captured and gone. Of who is not listed nothing
// is concluded, and nothing of what has changed too shortly before.
func strays(captures []*ent.Capture, l video.RoomLook) (unheard []published, gone []string) {
	settled := l.AskTime.Add(-young)
	listed, there := map[string]bool{}, map[string]bool{}
	for _, p := range l.Participants {
		if !p.Active {
			continue
		}
		there[p.Identity] = true
		for _, t := range p.Tracks {
			listed[t.SID] = true
			captured := slices.ContainsFunc(captures, func(c *ent.Capture) bool {
				return c.TrackSid == t.SID && (c.StopTime == nil || !c.StopTime.Before(settled))
			})
			if hasSound(t) && !captured {
				unheard = append(unheard, published{p.SID, t.SID})
			}
		}
	}
	for _, c := range captures {
		if c.StopTime == nil && c.CreateTime.Before(settled) && !factsOf(c).ended() && there[c.Identity] && !listed[c.TrackSid] {
			gone = append(gone, c.TrackSid)
		}
	}
	return unheard, gone
}

// wish is what is wanted of a recording besides what its captures say.
type wish struct {
	stop   entrecording.StopCause // "" while it is to go on
	tracks bool                   // captures come and go with the tracks
}

// open says whether more captures may come.
func (w wish) open() bool { return w.tracks && w.stop == "" }

// add says how far a recording is, from all its captures.
func add(w wish, captures []captureFacts) entrecording.Status {
	if w.open() || slices.ContainsFunc(captures, func(f captureFacts) bool { return !f.ended() }) {
		return underWay(w, captures)
	}
	return outcome(w, captures)
}

// capturing says whether anything is captured for a recording, or may be yet. What
// comes after that is written, and keeps no other recording from being made.
func capturing(w wish, captures []captureFacts) bool {
	return w.open() || slices.ContainsFunc(captures, func(f captureFacts) bool { return ranks[f.status] < ranks[capture.StatusEnding] })
}

// underWay is the status of a recording that is being made.
func underWay(w wish, captures []captureFacts) entrecording.Status {
	begun := slices.ContainsFunc(captures, func(f captureFacts) bool { return f.began })
	switch {
	case w.stop != "", !capturing(w, captures):
		return entrecording.StatusStopping
	case begun:
		return entrecording.StatusActive
	}
	return entrecording.StatusStarting
}

// outcome is the status of a recording of which nothing is written any more.
func outcome(w wish, captures []captureFacts) entrecording.Status {
	has := func(is func(captureFacts) bool) bool { return slices.ContainsFunc(captures, is) }
	is := func(s capture.Status) func(captureFacts) bool {
		return func(f captureFacts) bool { return f.status == s }
	}
	switch {
	case has(is(capture.StatusLimitReached)), has(captureFacts.well) && w.stop == entrecording.StopCauseLimit:
		return entrecording.StatusLimitReached
	case has(captureFacts.well):
		return entrecording.StatusCompleted
	case has(func(f captureFacts) bool { return f.began && f.status == capture.StatusFailed }):
		return entrecording.StatusFailed
	case has(func(f captureFacts) bool { return f.began }):
		return entrecording.StatusAborted
	case w.stop != "" && !has(is(capture.StatusFailed)):
		return entrecording.StatusAborted
	}
	return entrecording.StatusFailedToStart
}

// live says whether a recording is being made.
func live(s entrecording.Status) bool {
	return s == entrecording.StatusStarting || s == entrecording.StatusActive || s == entrecording.StatusStopping
}

// saved says whether a recording has ended with a file.
func saved(s entrecording.Status) bool {
	return s == entrecording.StatusCompleted || s == entrecording.StatusLimitReached
}

// why is the reason that a recording shows: that of the capture which ended
// worst, and none when all is well.
func why(status entrecording.Status, captures []captureFacts) string {
	if live(status) || saved(status) {
		return ""
	}
	if status == entrecording.StatusAborted && !slices.ContainsFunc(captures, func(f captureFacts) bool { return f.began }) {
		return reasonStopped
	}
	var reason string
	for _, f := range captures {
		reason = max(reason, f.reason)
	}
	return reason
}

// maxLead is the longest before its limit that people are told of it.
const maxLead = 10 * time.Minute

// lead is how long before its limit people are told that a recording will be
// stopped.
func lead(limit time.Duration) time.Duration { return min(maxLead, limit/10) }

// limitNear says whether a recording goes on and will be stopped soon.
func limitNear(rec *ent.Recording) bool {
	return rec.Status == entrecording.StatusActive && rec.LimitNearTime != nil
}

// How long a mail is tried, and how long it waits between: longer each time.
const (
	mailPatience  = 5 * 24 * time.Hour
	mailFirstWait = 15 * time.Second
	mailLastWait  = 30 * time.Minute
)

// fate is what becomes of a mail of an age, by what the mail server said.
func fate(said error, age time.Duration) recordingmail.Status {
	switch {
	case said == nil:
		return recordingmail.StatusSent
	case errors.Is(said, mail.ErrRefused):
		return recordingmail.StatusRefused
	case age >= mailPatience:
		return recordingmail.StatusGivenUp
	}
	return recordingmail.StatusWaiting
}

// mailWait is how long a mail waits that failed this often.
func mailWait(tries int) time.Duration {
	return min(mailFirstWait<<min(tries-1, 10), mailLastWait)
}

// maxProcessors is how many may report on one recording.
const maxProcessors = 20

// reported is what processors have said after one more report: of each the last
// word, at the place of its first. What was said before changes nothing.
func reported(all []schema.Processing, p schema.Processing) (after []schema.Processing, changed bool, err error) {
	n := slices.IndexFunc(all, func(o schema.Processing) bool { return o.Processor == p.Processor })
	switch {
	case n < 0 && len(all) >= maxProcessors:
		return all, false, ErrProcessingFull
	case n < 0:
		return append(slices.Clone(all), p), true, nil
	case all[n].Status == p.Status && all[n].URL == p.URL:
		return all, false, nil
	}
	after = slices.Clone(all)
	after[n] = p
	return after, true, nil
}

// allTold says of the mails about a recording, by their status, whether none waits
// and not all were in vain.
func allTold(statuses []string) bool {
	return slices.Contains(statuses, recordingmail.StatusSent.String()) &&
		!slices.Contains(statuses, recordingmail.StatusWaiting.String())
}

// daysLeft is how many days a recording stays, begun ones counted; 0 is for ever.
func daysLeft(until *time.Time, now time.Time) int {
	if until == nil {
		return 0
	}
	const day = 24 * time.Hour
	return max(1, int((until.Sub(now)+day-1)/day))
}

// startOf is when a recording began, or was asked for.
func startOf(rec *ent.Recording) time.Time {
	if rec.StartTime != nil {
		return *rec.StartTime
	}
	return rec.CreateTime
}
