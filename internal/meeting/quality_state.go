package meeting

import "time"

// Level is the quality of a connection.
type Level uint8

// The levels, the best first.
const (
	Excellent Level = iota + 1
	Good
	Poor
	Lost
)

// Sample is what a browser saw of its connection for a while; nil was not
// measured.
type Sample struct {
	Level      Level
	Duration   time.Duration
	PacketLoss *float64 // share, 0 to 1
	Jitter     *time.Duration
	RoundTrip  *time.Duration
}

// aggregate is what samples add up to.
type aggregate struct {
	samples                           int64
	levels                            map[Level]int64 // milliseconds
	packetLoss, jitterMS, roundTripMS measure
}

// measure is what one kind of measurements adds up to.
type measure struct {
	count    int64
	sum, max float64
}

func (m *measure) add(value float64) {
	m.count++
	m.sum += value
	m.max = max(m.max, value)
}

func (m *measure) addDuration(d *time.Duration) {
	if d != nil {
		m.add(float64(*d) / float64(time.Millisecond))
	}
}

// fold adds samples up.
func fold(samples []Sample) aggregate {
	a := aggregate{levels: map[Level]int64{}}
	for _, s := range samples {
		a.samples++
		a.levels[s.Level] += s.Duration.Milliseconds()
		if s.PacketLoss != nil {
			a.packetLoss.add(*s.PacketLoss)
		}
		a.jitterMS.addDuration(s.Jitter)
		a.roundTripMS.addDuration(s.RoundTrip)
	}
	return a
}

const (
	// reportGrace is how long after the end of a connection its browser may still
	// report.
	reportGrace = 5 * time.Minute
	// reportPause is what lies between two reports at least.
	reportPause = time.Second
)

// reportFacts is what decides what becomes of a report.
type reportFacts struct {
	sequence, lastSequence int64      // 0 before the first
	lastTime               *time.Time // of the last report
	leaveTime              *time.Time
	now                    time.Time
}

// counts says whether a report is to be counted; one that was already is not,
// and neither is it refused.
func (f reportFacts) counts() (bool, error) {
	switch {
	case f.leaveTime != nil && f.now.Sub(*f.leaveTime) > reportGrace:
		return false, ErrParticipantNotFound
	case f.sequence <= f.lastSequence:
		return false, nil
	case f.lastTime != nil && f.now.Sub(*f.lastTime) < reportPause:
		return false, ErrTooOften.After(f.lastTime.Add(reportPause).Sub(f.now))
	}
	return true, nil
}
