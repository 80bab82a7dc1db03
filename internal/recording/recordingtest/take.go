// Package recordingtest puts the account of recordings to the test: what recorders
// do, which of their events get lost and come late, and what has to be true of the
// rows all the same.
package recordingtest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Answer is what comes of the question to the recorder.
type Answer string

// The answers.
const (
	Taken   Answer = "taken"   // it begins
	Unheard Answer = "unheard" // it begins, and who asked does not know
	Silent  Answer = "silent"  // it does not begin, and who asked does not know
	Refused Answer = "refused" // it does not begin
)

// Take is one recording as it goes. All times are counted from its start, which is
// asked for at Start.
type Take struct {
	Start     time.Duration
	Answer    Answer
	Moves     []Move        // what the recorder does by itself
	Stop      time.Duration // when somebody stops it; 0 is never
	Forgotten time.Duration // when the provider loses it; 0 is never
	Fates     []Fate        // of its events, in turn
}

// Move is a step of a recorder.
type Move struct {
	At     time.Duration
	Status video.EgressStatus
}

// Fate is what becomes of an event on the way.
type Fate struct {
	Lost   bool
	Delay  time.Duration
	Double time.Duration // when it comes once more; 0 is never
}

// Reel is what is recorded in one room, one take after the other.
type Reel []Take

// GoString is the reel to be read, when a property fails.
func (r Reel) GoString() string {
	var text strings.Builder
	for n, take := range r {
		fmt.Fprintf(&text, "\ntake %d at %v: %s, moves %v, stop %v, forgotten %v, fates %v",
			n, take.Start, take.Answer, take.Moves, take.Stop, take.Forgotten, take.Fates)
	}
	return text.String()
}

// next are the ways on from a status.
var next = map[video.EgressStatus][]video.EgressStatus{
	video.Starting: {video.Active, video.Active, video.Active, video.CaptureFailed, video.CaptureAborted},
	video.Active:   {video.Ending, video.Ending, video.LimitReached, video.CaptureFailed, video.CaptureAborted},
	video.Ending:   {video.Complete, video.Complete, video.CaptureFailed},
}

// Reels draws one: recorders that begin or do not, go on as they like, are stopped
// or lost; and for each event whether it is lost, when it comes and whether it does
// twice, so that any order comes about.
func Reels() *rapid.Generator[Reel] {
	return rapid.Custom(func(t *rapid.T) Reel {
		var reel Reel
		at := time.Duration(0)
		for range rapid.IntRange(1, 3).Draw(t, "takes") {
			at += seconds(t, 1, 30, "pause")
			take := aTake(t, at)
			reel, at = append(reel, take), take.Start+take.lasts()
			if writes, ok := take.writes(); ok && rapid.Bool().Draw(t, "meanwhile") {
				at = take.Start + writes
			}
		}
		return reel
	})
}

func aTake(t *rapid.T, start time.Duration) Take {
	take := Take{
		Start:  start,
		Answer: rapid.SampledFrom([]Answer{Taken, Taken, Taken, Taken, Unheard, Silent, Refused}).Draw(t, "answer"),
	}
	at := time.Duration(0)
	for status := video.Starting; !status.Ended() && rapid.IntRange(0, 5).Draw(t, "goes on") > 0; {
		at += seconds(t, 1, 60, "later")
		status = rapid.SampledFrom(next[status]).Draw(t, "status")
		take.Moves = append(take.Moves, Move{at, status})
	}
	if rapid.Bool().Draw(t, "is stopped") {
		take.Stop = seconds(t, 1, 120, "stop")
	}
	if rapid.IntRange(0, 7).Draw(t, "is forgotten") == 0 {
		take.Forgotten = seconds(t, 1, 120, "forgotten")
	}
	lossy := rapid.Bool().Draw(t, "lossy")
	take.Fates = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Fate { return aFate(t, lossy) }), 1, 6).Draw(t, "fates")
	return take
}

func aFate(t *rapid.T, lossy bool) Fate {
	f := Fate{Lost: lossy && rapid.IntRange(0, 2).Draw(t, "lost") == 0, Delay: delay(t)}
	if rapid.IntRange(0, 3).Draw(t, "double") == 0 {
		f.Double = f.Delay + delay(t)
	}
	return f
}

func delay(t *rapid.T) time.Duration {
	most := rapid.SampledFrom([]int{10, 1000, 300_000}).Draw(t, "most")
	return time.Duration(rapid.IntRange(1, most).Draw(t, "delay in ms")) * time.Millisecond
}

func seconds(t *rapid.T, least, most int, what string) time.Duration {
	return time.Duration(rapid.IntRange(least*1000, most*1000).Draw(t, what)) * time.Millisecond
}

// lasts is when all that happens in a take has happened; its events may come later.
func (take Take) lasts() time.Duration {
	last := max(take.Stop, take.Forgotten)
	for _, m := range take.Moves {
		last = max(last, m.At)
	}
	return last
}

// writes is when a take's recorder does nothing any more but to write its file.
func (take Take) writes() (at time.Duration, ok bool) {
	n := slices.IndexFunc(take.Moves, func(m Move) bool { return m.Status == video.Ending })
	if n < 0 {
		return 0, false
	}
	return take.Moves[n].At, true
}
