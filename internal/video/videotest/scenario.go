package videotest

// Scenario is how a capture goes, for the fake and for what stands in for a
// provider's recorder.
type Scenario uint8

// The scenarios. All but the first few are trouble.
const (
	Completes     Scenario = iota // becomes active by itself, and complete when it is stopped
	StaysStarting                 // cannot be stopped yet
	ReachesLimit                  // ends by itself, with a file
	Fails                         // before it is active
	Aborts                        // the same, as nobody published anything
	NeverAnswers                  // no recorder takes it
	AnswersLate                   // completes, but the answer to its start takes longer than anybody waits
	Dies                          // the recorder is gone once the capture is active, and nothing is told any more
	EndsUnheard                   // completes, but the end is told to nobody
)
