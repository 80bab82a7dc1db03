package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

// noon is when the meetings of these tests begin.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

// visit is one connection to a meeting, as LiveKit tells it; times are minutes
// after the meeting began.
type visit struct {
	sid, identity, name string
	kind                string  // LiveKit's word; "" is a browser
	from, to            float64 // to 0: nobody says when
	aborted             bool
}

// held is a meeting of a room that has been told, and its visits.
type held struct {
	p         *program
	room, sid string
	begin     time.Time
}

// meeting tells of a meeting of a room with its visits, and of its end, in
// minutes, if it has one.
func (p *program) meeting(room string, begin time.Time, end float64, visits ...visit) held {
	h := held{p, room, "RM_" + uuid.NewString(), begin}
	h.tell("room_started", begin, nil)
	for _, v := range visits {
		if v.aborted {
			h.tell("participant_connection_aborted", h.at(v.to), &v)
			continue
		}
		h.tell("participant_joined", h.at(v.from), &v)
		if v.to != 0 {
			h.tell("participant_left", h.at(v.to), &v)
		}
	}
	if end != 0 {
		h.tell("room_finished", h.at(end), nil)
	}
	return h
}

func (h held) at(minute float64) time.Time {
	return h.begin.Add(time.Duration(minute * float64(time.Minute)))
}

func (h held) tell(kind string, at time.Time, v *visit) {
	h.p.t.Helper()
	e := map[string]any{
		"event": kind, "id": "EV_" + uuid.NewString(), "createdAt": fmt.Sprint(at.Unix()),
		"room": map[string]any{"sid": h.sid, "name": h.room, "creationTimeMs": fmt.Sprint(h.begin.UnixMilli())},
	}
	if v != nil {
		participant := map[string]any{"sid": v.sid, "identity": v.identity, "name": v.name, "kind": v.kind, "disconnectReason": "UNKNOWN_REASON"}
		if v.kind == "" {
			participant["kind"] = "STANDARD"
		}
		if v.kind == "SIP" {
			participant["attributes"] = map[string]string{"sip.phoneNumber": v.identity[len("sip_"):]}
		}
		if !v.aborted {
			participant["joinedAtMs"] = fmt.Sprint(h.at(v.from).UnixMilli())
		}
		if kind == "participant_left" {
			participant["disconnectReason"] = "CLIENT_INITIATED"
		}
		e["participant"] = participant
	}
	body, err := json.Marshal(e)
	require.NoError(h.p.t, err)
	h.p.tell(body)
}

// id finds the user's id, which is also the identity at LiveKit.
func (c client) id(t *testing.T) string {
	t.Helper()
	got, err := c.users.GetSelf(t.Context(), &anteroomv1.GetSelfRequest{})
	require.NoError(t, err)
	return got.GetUser().GetId()
}

// stoppedClock has the program's time stand still until a test moves it.
func stoppedClock(c *Config) { c.Clock = clockwork.NewFakeClockAt(time.Now().Truncate(time.Second)) }

// clock is the program's, after stoppedClock.
func (p *program) clock() *clockwork.FakeClock {
	p.t.Helper()
	clock, ok := p.app.config.Clock.(*clockwork.FakeClock)
	require.True(p.t, ok)
	return clock
}
