package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestTracksUnheard: tracks of which no webhook tells are captured, and let go, by
// rounds of reconciling.
func TestTracksUnheard(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("they come and go", s.tracksComeAndGo)
		t.Run("told late", s.tracksToldLate)
		t.Run("unsure", s.tracksUnsure)
		t.Run("of who was not heard of", s.tracksOfWhoWasUnheard) // last: it ends the relay
	})
}

// reconcile has a round after a time, which goes by until the round has looked as often
// as it likes, and waits for what follows from it.
func (s *studio) reconcile(after time.Duration) {
	s.t.Helper()
	s.clock().Advance(after)
	done := make(chan error, 1)
	go func() {
		_, err := s.app.inbox.Reconcile(s.t.Context())
		done <- err
	}()
	await(s.t, recordingLimit, "a round", func() bool {
		s.clock().Advance(time.Second)
		return len(done) > 0
	})
	require.NoError(s.t, <-done)
	s.quiet()
}

func voice(sid string) video.Track { return video.Track{SID: sid, Source: video.Microphone} }

func (s *studio) tracksComeAndGo(t *testing.T) {
	s = s.in(t)
	owner := s.as("tracks-unheard")
	room, leave := s.occupied(owner)
	defer leave()
	s.fake.PublishUnheard(room.GetId(), owner.id(t), voice("TR_unheard_1"))
	s.fake.PublishUnheard(room.GetId(), owner.id(t), video.Track{SID: "TR_unheard_camera", Source: video.Camera})
	rec := s.record(owner, room, allTracks)
	s.quiet()
	s.captured("TR_unheard_1")
	s.reconcile(time.Second)
	s.captured("TR_unheard_1", video.Active)
	s.fake.PublishUnheard(room.GetId(), owner.id(t), voice("TR_unheard_2"))
	s.reconcile(30 * time.Second)
	s.captured("TR_unheard_2", video.Active)
	s.fake.UnpublishUnheard(room.GetId(), owner.id(t), "TR_unheard_1")
	s.reconcile(30 * time.Second)
	s.captured("TR_unheard_1", video.Complete)
	s.reconcile(30 * time.Second)
	s.captured("TR_unheard_1", video.Complete)
	s.captured("TR_unheard_2", video.Active)
	s.captured("TR_unheard_camera")
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}

// tracksToldLate: the webhook changes nothing that comes after a round.
func (s *studio) tracksToldLate(t *testing.T) {
	s = s.in(t)
	owner := s.as("tracks-late")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, allTracks)
	look, err := s.fake.Look(t.Context(), nil, func(name string) bool { return name == room.GetId() })
	require.NoError(t, err)
	there := look.Rooms[0]
	told := func(kind string) videotest.Delivery {
		track := voice("TR_late")
		return s.fake.Webhook(video.Event{
			ID: kind + room.GetId(), Type: kind, Time: s.clock().Now().UTC(), Room: there.Room, Participant: &there.Participants[0].Participant, Track: &track,
		})
	}
	s.fake.PublishUnheard(room.GetId(), owner.id(t), voice("TR_late"))
	s.reconcile(30 * time.Second)
	s.send(told("track_published"))
	s.quiet()
	s.captured("TR_late", video.Active)
	s.fake.UnpublishUnheard(room.GetId(), owner.id(t), "TR_late")
	s.reconcile(30 * time.Second)
	s.captured("TR_late", video.Complete)
	s.send(told("track_unpublished"))
	s.reconcile(30 * time.Second)
	s.captured("TR_late", video.Complete)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}

// tracksOfWhoWasUnheard: one round finds somebody, and what they say.
func (s *studio) tracksOfWhoWasUnheard(t *testing.T) {
	s = s.in(t)
	owner, other := s.as("tracks-known"), s.as("tracks-unknown")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, allTracks)
	pass := s.join(other, room.GetId())
	s.fake.Deliver(nil)
	defer s.bot(pass)()
	s.fake.PublishUnheard(room.GetId(), other.id(t), voice("TR_whose"))
	s.relay(s.fake)
	s.reconcile(0)
	s.captured("TR_whose", video.Active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}

// tracksUnsure: of who is not listed nothing is concluded.
func (s *studio) tracksUnsure(t *testing.T) {
	s = s.in(t)
	owner := s.as("tracks-unsure")
	room, leave := s.occupied(owner)
	defer leave()
	s.track(owner, owner, room, "track_published", "TR_unsure")
	rec := s.record(owner, room, allTracks)
	s.captured("TR_unsure", video.Active)
	s.fake.Fail("LookInto", 1, video.ErrChanging)
	s.reconcile(30 * time.Second)
	s.captured("TR_unsure", video.Active)
	s.stop(owner, rec.GetId())
	s.until(owner, rec.GetId(), completed)
}
