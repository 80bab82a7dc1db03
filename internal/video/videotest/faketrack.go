package videotest

import (
	"slices"
	"strings"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// Publish has somebody who is in a room publish a track, and tells so. It panics
// when they are not.
func (f *Fake) Publish(roomName, identity string, track video.Track) {
	f.mu.Lock()
	defer f.mu.Unlock()
	meeting, person := f.publish(roomName, identity, track)
	f.tellTrack("track_published", meeting, person, track)
}

// PublishUnheard is Publish, without telling.
func (f *Fake) PublishUnheard(roomName, identity string, track video.Track) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.publish(roomName, identity, track)
}

// Unpublish takes a track away, and tells so. It panics when it is not there.
func (f *Fake) Unpublish(roomName, identity, sid string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	meeting, person, track := f.unpublish(roomName, identity, sid)
	f.tellTrack("track_unpublished", meeting, person, track)
}

// UnpublishUnheard is Unpublish, without telling.
func (f *Fake) UnpublishUnheard(roomName, identity, sid string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unpublish(roomName, identity, sid)
}

func (f *Fake) publish(roomName, identity string, track video.Track) (*fakeMeeting, *fakePerson) {
	meeting, person := f.inside(roomName, identity)
	person.Tracks = append(slices.Clone(person.Tracks), track) // a look may hold the others
	slices.SortFunc(person.Tracks, func(a, b video.Track) int { return strings.Compare(a.SID, b.SID) })
	return meeting, person
}

func (f *Fake) unpublish(roomName, identity, sid string) (*fakeMeeting, *fakePerson, video.Track) {
	meeting, person := f.inside(roomName, identity)
	n := slices.IndexFunc(person.Tracks, func(t video.Track) bool { return t.SID == sid })
	track := person.Tracks[n]
	person.Tracks = slices.Delete(slices.Clone(person.Tracks), n, n+1)
	return meeting, person, track
}

// inside finds somebody who is in a room.
func (f *Fake) inside(roomName, identity string) (*fakeMeeting, *fakePerson) {
	meeting := f.meetings[roomName]
	for _, person := range meeting.people {
		if person.Identity == identity {
			return meeting, person
		}
	}
	panic(identity + " is not in " + roomName)
}

// tellTrack says of the participant what LiveKit does: not much.
func (f *Fake) tellTrack(kind string, meeting *fakeMeeting, person *fakePerson, track video.Track) {
	if f.deliver == nil {
		return
	}
	f.deliver(f.Webhook(video.Event{
		ID: f.id("EV"), Type: kind, Time: f.clock.Now().UTC(), Room: meeting.room,
		Participant: &video.Participant{SID: person.SID, Identity: person.Identity}, Track: &track,
	}))
}
