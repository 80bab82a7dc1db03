package videotest

import (
	"context"
	"slices"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// fakeFile is what is in all files that the fake captures.
const fakeFile = "a captured file"

// What the fake says, in the words of LiveKit's recorder, of captures that end without being stopped.
const (
	whyNotStarted = "Start signal not received"
	whyLimit      = "Session limit reached"
)

// Play has the captures that start from now on go this way. Until it is called
// they complete.
func (f *Fake) Play(scenario Scenario) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.scenario = scenario
}

// SetHealth is what RecorderHealth answers from now on.
func (f *Fake) SetHealth(health video.Health) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.health = health
}

// MoveCapture gives a capture a status, with what went wrong, and tells so. An end
// with a file is the end of all files too.
func (f *Fake) MoveCapture(egressID string, status video.EgressStatus, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tellEgress(f.move(egressID, status, why))
}

// MoveCaptureUnheard is MoveCapture, without telling.
func (f *Fake) MoveCaptureUnheard(egressID string, status video.EgressStatus, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.move(egressID, status, why)
}

// ForgetCapture has the provider know nothing more of one, without telling.
func (f *Fake) ForgetCapture(egressID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.egresses = slices.DeleteFunc(f.egresses, func(e video.Egress) bool { return e.ID == egressID })
}

// Captures are all that there were, in the order of their start. The call is not
// counted.
func (f *Fake) Captures() []video.Egress {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.egresses)
}

// Captured is the file with this key, nil when there is none.
func (f *Fake) Captured(path string) []byte {
	for _, e := range f.Captures() {
		if e.Path == path && (e.Status == video.Complete || e.Status == video.LimitReached) {
			return []byte(fakeFile)
		}
	}
	return nil
}

// StartCapture begins one as Play said.
func (f *Fake) StartCapture(ctx context.Context, r video.CaptureRequest) (video.Egress, error) {
	if err := r.Check(); err != nil {
		return video.Egress{}, err
	}
	var e video.Egress
	var late bool
	err := f.call(ctx, "StartCapture", func() error {
		meeting, ok := f.meetings[r.RoomName]
		switch {
		case f.scenario == NeverAnswers:
			return video.ErrNoRecorder
		case !ok:
			return video.ErrRefused.Saying("there is nobody in the room who could be recorded")
		}
		late = f.scenario == AnswersLate
		e = f.begin(meeting, r)
		return nil
	})
	if late {
		<-ctx.Done()
		err = video.ErrUnavailable.Because(ctx.Err())
	}
	if err != nil {
		return video.Egress{}, err
	}
	return e, nil
}

// begin starts a capture, and lets it go as far as it goes by itself.
func (f *Fake) begin(meeting *fakeMeeting, r video.CaptureRequest) video.Egress {
	now := f.clock.Now().UTC()
	e := video.Egress{
		ID: f.id("EG"), RoomName: r.RoomName, RoomSID: meeting.room.SID, Status: video.Starting, Path: r.Path,
		StartTime: now, UpdateTime: now,
	}
	f.egresses = append(f.egresses, e)
	f.scenarios[e.ID] = f.scenario
	f.tellEgress(e)
	switch f.scenario {
	case StaysStarting:
	case Fails:
		f.tellEgress(f.move(e.ID, video.CaptureFailed, whyNotStarted))
	case Aborts:
		f.tellEgress(f.move(e.ID, video.CaptureAborted, whyNotStarted))
	default:
		f.tellEgress(f.move(e.ID, video.Active, ""))
	}
	if f.scenario == ReachesLimit {
		f.tellEgress(f.move(e.ID, video.LimitReached, whyLimit))
	}
	return e
}

// move changes a capture. It panics when there is none.
func (f *Fake) move(id string, status video.EgressStatus, why string) video.Egress {
	now := f.clock.Now().UTC()
	i := slices.IndexFunc(f.egresses, func(e video.Egress) bool { return e.ID == id })
	e := &f.egresses[i]
	e.Status, e.Error, e.UpdateTime = status, why, now
	if status.Ended() {
		e.EndTime = now
	}
	if status == video.Complete || status == video.LimitReached {
		e.Files = []video.File{{
			Path: e.Path, Location: e.Path, Size: int64(len(fakeFile)),
			Duration: now.Sub(e.StartTime), StartTime: e.StartTime, EndTime: now,
		}}
	}
	return *e
}

// StopCapture lets a capture end, if it can.
func (f *Fake) StopCapture(ctx context.Context, egressID string) error {
	return f.call(ctx, "StopCapture", func() error {
		i := slices.IndexFunc(f.egresses, func(e video.Egress) bool { return e.ID == egressID })
		switch {
		case i < 0 || f.egresses[i].Status.Ended():
			return nil
		case f.scenarios[egressID] == Dies:
			return video.ErrUnavailable
		case f.egresses[i].Status == video.Starting:
			return video.ErrTooEarly
		}
		f.tellEgress(f.move(egressID, video.Ending, ""))
		if ended := f.move(egressID, video.Complete, ""); f.scenarios[egressID] != EndsUnheard {
			f.tellEgress(ended)
		}
		return nil
	})
}

// ListCaptures gives what Captures gives, of one room or of all.
func (f *Fake) ListCaptures(ctx context.Context, roomName string) ([]video.Egress, error) {
	listed := []video.Egress{}
	err := f.call(ctx, "ListCaptures", func() error {
		for _, e := range f.egresses {
			if roomName == "" || e.RoomName == roomName {
				listed = append(listed, e)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return listed, nil
}

// RecorderHealth is what SetHealth said.
func (f *Fake) RecorderHealth(context.Context) video.Health {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls["RecorderHealth"]++
	return f.health
}

// SIPHealth is not known.
func (f *Fake) SIPHealth(context.Context) video.Health { return video.HealthUnknown }

// SetRoomMetadata keeps the text as long as there is a meeting.
func (f *Fake) SetRoomMetadata(ctx context.Context, roomName, metadata string) error {
	return f.call(ctx, "SetRoomMetadata", func() error {
		if meeting, ok := f.meetings[roomName]; ok {
			meeting.metadata = metadata
		}
		return nil
	})
}

// ReadRoomMetadata is what was set last, "" where there is no meeting.
func (f *Fake) ReadRoomMetadata(ctx context.Context, roomName string) (metadata string, err error) {
	err = f.call(ctx, "ReadRoomMetadata", func() error {
		metadata = f.metadata(roomName)
		return nil
	})
	return metadata, err
}

// RoomMetadata is the same. The call is not counted.
func (f *Fake) RoomMetadata(roomName string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.metadata(roomName)
}

func (f *Fake) metadata(roomName string) string {
	if meeting, ok := f.meetings[roomName]; ok {
		return meeting.metadata
	}
	return ""
}

// tellEgress tells of a capture what its status is told by.
func (f *Fake) tellEgress(e video.Egress) {
	if f.deliver == nil {
		return
	}
	kind := "egress_updated"
	switch {
	case e.Status == video.Starting:
		kind = "egress_started"
	case e.Status.Ended():
		kind = "egress_ended"
	}
	f.deliver(f.Webhook(video.Event{
		ID: f.id("EV"), Type: kind, Time: f.clock.Now().UTC(),
		Room: video.EventRoom{Name: e.RoomName, SID: e.RoomSID}, Egress: &e,
	}))
}
