package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"sync"

	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// rulesWatch sees the calls for dispatch rules on their way to LiveKit, and
// whether two of one room are under way at once.
type rulesWatch struct {
	mu      sync.Mutex
	busy    map[string]bool   // rooms
	rooms   map[string]string // of rules
	overlap []string
}

// RoundTrip implements http.RoundTripper.
func (w *rulesWatch) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	method := path.Base(r.URL.Path)
	room := w.roomOf(method, body)
	if room == "" {
		return http.DefaultTransport.RoundTrip(r)
	}
	w.begin(room, method)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.end(room, method, nil)
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	w.end(room, method, answer)
	return resp, err
}

// roomOf is the room that a call is about, "" when it is about none.
func (w *rulesWatch) roomOf(method string, body []byte) string {
	switch method {
	case "CreateSIPDispatchRule":
		var create livekit.CreateSIPDispatchRuleRequest
		if proto.Unmarshal(body, &create) == nil {
			return create.GetDispatchRule().GetRule().GetDispatchRuleDirect().GetRoomName()
		}
	case "DeleteSIPDispatchRule":
		var remove livekit.DeleteSIPDispatchRuleRequest
		if proto.Unmarshal(body, &remove) == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.rooms[remove.GetSipDispatchRuleId()]
		}
	}
	return ""
}

func (w *rulesWatch) begin(room, method string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[room] {
		w.overlap = append(w.overlap, fmt.Sprintf("%s in %s", method, room))
	}
	w.busy[room] = true
}

// end notes which rule a room has, if the answer says, and forgets one that is gone:
// a soak has thousands.
func (w *rulesWatch) end(room, method string, answer []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, room)
	var rule livekit.SIPDispatchRuleInfo
	switch {
	case proto.Unmarshal(answer, &rule) != nil || rule.GetSipDispatchRuleId() == "":
	case method == "DeleteSIPDispatchRule":
		delete(w.rooms, rule.GetSipDispatchRuleId())
	default:
		w.rooms[rule.GetSipDispatchRuleId()] = room
	}
}

// overlaps are the calls that came while another of their room was under way.
func (w *rulesWatch) overlaps() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.overlap)
}
