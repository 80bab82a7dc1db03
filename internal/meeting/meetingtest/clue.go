package meetingtest

import "github.com/anteroom-dev/anteroom/internal/video"

// clue is what the events that came tell of a meeting, or of a connection.
type clue struct {
	any    bool // something
	start  bool // when it began
	exact  bool // … and never with a second best time
	end    bool // when it ended, as stated
	itself bool // who it is, and not only a SID
}

// clues are the tale's, by SID.
func (tale *Tale) clues() map[string]*clue {
	all := map[string]*clue{}
	of := func(sid string) *clue {
		if all[sid] == nil {
			all[sid] = &clue{exact: true}
		}
		return all[sid]
	}
	for _, e := range tale.Heard {
		if e.Egress != nil {
			continue
		}
		of(e.Room.SID).addMeeting(e)
		if e.Participant != nil {
			of(e.Participant.SID).addConnection(e)
		}
	}
	return all
}

func (c *clue) addMeeting(e video.Event) {
	c.any = true
	c.start = c.start || !e.Room.StartTime.IsZero()
	c.end = c.end || e.Kind == video.RoomFinished && !e.Time.IsZero()
}

func (c *clue) addConnection(e video.Event) {
	c.any = true
	c.itself = c.itself || e.Participant.Kind != video.Unknown
	dated := !e.Participant.JoinTime.IsZero()
	switch e.Kind {
	case video.ParticipantJoined:
		c.start, c.exact = true, c.exact && dated
	case video.ParticipantLeft:
		c.start, c.end = c.start || dated, c.end || !e.Time.IsZero()
	case video.ParticipantAborted:
		c.end = c.end || !e.Time.IsZero()
	}
}
