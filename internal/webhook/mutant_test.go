package webhook

import (
	"testing"

	"github.com/anteroom-dev/anteroom/internal/mutanttest"
)

// mutants are wrong rules of meetings.
var mutants = []mutanttest.Mutant{
	{"no rank", "state.go",
		"if s.end != nil {",
		"if s.end != nil && (mutant != `no rank` || s.missed == nil || s.missed.Before(*s.end)) {"},
	{"old SID accepted", "account.go",
		"m.is = mergeMeeting(m.is, e)",
		"for _, o := range a.meetings { if o == m || mutant == `old SID accepted` && o.roomID == room.ID { o.is = mergeMeeting(o.is, e) } }"},
	{"egress counted as a person", "state.go",
		"	switch e.Kind {\n	case video.ParticipantJoined:",
		"	if mutant == `egress counted as a person` && f.kind == video.RecorderKind { f.kind = video.Web }\n	switch e.Kind {\n	case video.ParticipantJoined:"},
}

// TestMutantsAreFound: TestTheAccountIsTrue fails with each mutant.
func TestMutantsAreFound(t *testing.T) {
	mutanttest.Find(t, "../meeting", "^TestTheAccountIsTrue$", 500, mutants)
}
