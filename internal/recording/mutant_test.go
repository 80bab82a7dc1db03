package recording

import (
	"testing"

	"github.com/anteroom-dev/anteroom/internal/mutanttest"
)

// mutants are wrong rules of recordings.
var mutants = []mutanttest.Mutant{
	{"terminal regresses", "state.go",
		"if ranks[b] > ranks[a] {",
		"if ranks[b] > ranks[a] || mutant == `terminal regresses` && b != capture.StatusAsked {"},
	{"limit reached is a failure", "state.go",
		"	status := statuses[e.Status]\n",
		"	status := statuses[e.Status]\n	if mutant == `limit reached is a failure` && status == capture.StatusLimitReached { status = capture.StatusFailed }\n"},
	{"unheard end ignored", "settle.go",
		"	for _, e := range listed {\n",
		"	for _, e := range listed {\n		if mutant == `unheard end ignored` && e.Status.Ended() { continue }\n"},
	{"an answer is awaited for ever", "settle.go",
		"case p.EgressID == nil && now",
		"case mutant != `an answer is awaited for ever` && p.EgressID == nil && now"},
	{"the lost are never given up", "settle.go",
		"case p.EgressID != nil && now",
		"case mutant != `the lost are never given up` && p.EgressID != nil && now"},
	{"an end without a time", "work.go",
		"	if !live(status) {\n",
		"	if !live(status) && (mutant != `an end without a time` || saved(status)) {\n"},
	{"what is written is in the way", "work.go",
		"	if w.CapturedTime == nil && !capturing(w.wish(), all) {\n",
		"	if w.CapturedTime == nil && !capturing(w.wish(), all) && (mutant != `what is written is in the way` || !live(status)) {\n"},
	{"a stop is tried for ever", "stop.go",
		"early = early || !p.is.ended() // one",
		"early = early || !p.is.ended() || mutant == `a stop is tried for ever` // one"},
	{"a stop while starting is forgotten", "stop.go",
		"	if early {\n",
		"	if early && mutant != `a stop while starting is forgotten` {\n"},
}

// TestMutantsAreFound: TestTheAccountOfRecordingsIsTrue fails with each mutant.
func TestMutantsAreFound(t *testing.T) {
	mutanttest.Find(t, ".", "^TestTheAccountOfRecordingsIsTrue$/^sqlite$", 250, mutants)
}
