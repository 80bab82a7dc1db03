package videotest

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/video"
)

type lookerSuite struct {
	Harness
	looker video.Looker
}

func (s lookerSuite) run(t *testing.T) {
	t.Run("nobody", s.nobody)
	t.Run("unreachable", s.unreachable)
	if s.AddEgress != nil {
		t.Run("egresses", s.egresses)
	}
	if s.Join != nil {
		t.Run("who is where", s.whoIsWhere)
	}
	if s.Speak != nil {
		t.Run("who says something", s.whoSpeaks)
	}
}

// nobody: a room that is not there is looked into when it is known, and found empty.
func (s lookerSuite) nobody(t *testing.T) {
	name := uuid.NewString()
	before := time.Now()
	room := s.look(t, name)
	require.Equal(t, video.EventRoom{Name: name}, room.Room)
	require.Empty(t, room.Participants)
	require.WithinRange(t, room.AskTime, before, room.AnswerTime)
	require.WithinRange(t, room.AnswerTime, room.AskTime, time.Now())

	alive, err := s.looker.Alive(t.Context(), name, "nobody")
	require.NoError(t, err)
	require.False(t, alive)
}

func (s lookerSuite) unreachable(t *testing.T) {
	looker := s.Unreachable.(video.Looker)
	_, err := looker.Look(t.Context(), []string{"room"}, nil)
	require.ErrorIs(t, err, video.ErrUnavailable)
	_, err = looker.Alive(t.Context(), "room", "nobody")
	require.ErrorIs(t, err, video.ErrUnavailable)
}

func (s lookerSuite) egresses(t *testing.T) {
	name := uuid.NewString()
	expected := video.Egress{ID: "EG_" + name, RoomName: name, RoomSID: "RM_" + name, Status: video.Active}
	s.AddEgress(t, expected)
	look, err := s.looker.Look(t.Context(), nil, func(string) bool { return false })
	require.NoError(t, err)
	require.NoError(t, look.EgressErr)
	require.Contains(t, look.Egresses, expected)
}

// whoIsWhere: a look says the same as the events.
func (s lookerSuite) whoIsWhere(t *testing.T) {
	r := request()
	leave := s.join(t, r)
	first := s.await(t, r.RoomName, video.ParticipantJoined)[video.ParticipantJoined]
	r.Identity = uuid.NewString()
	s.join(t, r)
	second := s.await(t, r.RoomName, video.ParticipantJoined)[video.ParticipantJoined]

	// Who has just been told of may be listed as still coming.
	require.Eventually(t, func() bool {
		room := s.look(t, r.RoomName)
		return len(room.Participants) == 2 && room.Participants[0].Active && room.Participants[1].Active
	}, eventTime, 10*time.Millisecond)
	room := s.look(t, r.RoomName)
	require.Equal(t, first.Room, room.Room)
	require.ElementsMatch(t, []video.Presence{
		{Participant: *first.Participant, Active: true}, {Participant: *second.Participant, Active: true},
	}, room.Participants)
	require.Equal(t, room, s.listed(t, r.RoomName, room))
	s.requireAlive(t, true, r.RoomName, first.Participant.Identity)

	leave()
	s.await(t, r.RoomName, video.ParticipantLeft)
	require.Equal(t, []video.Presence{{Participant: *second.Participant, Active: true}}, s.look(t, r.RoomName).Participants)
	s.requireAlive(t, false, r.RoomName, first.Participant.Identity)
	s.requireAlive(t, true, r.RoomName, second.Participant.Identity)
}

// whoSpeaks: a look lists the tracks that events tell of, as long as they are there.
func (s lookerSuite) whoSpeaks(t *testing.T) {
	r := request()
	pass, err := s.Provider.Pass(t.Context(), r)
	require.NoError(t, err)
	track, hush := s.Speak(t, pass)
	told := s.await(t, r.RoomName, video.ParticipantJoined, video.TrackPublished)
	published := told[video.TrackPublished]
	require.Equal(t, video.Track{SID: track, Source: video.Microphone}, *published.Track)
	require.Equal(t, told[video.ParticipantJoined].Participant.SID, published.Participant.SID)
	var tracks []video.Track
	listed := func() []video.Track {
		people := s.look(t, r.RoomName).Participants
		require.Len(t, people, 1)
		require.Equal(t, published.Participant.SID, people[0].SID)
		tracks = people[0].Tracks
		return tracks
	}
	require.Eventually(t, func() bool { return len(listed()) == 1 }, eventTime, 10*time.Millisecond)
	require.Equal(t, []video.Track{*published.Track}, tracks)
	hush()
	require.Equal(t, track, s.await(t, r.RoomName, video.TrackUnpublished)[video.TrackUnpublished].Track.SID)
	require.Eventually(t, func() bool { return len(listed()) == 0 }, eventTime, 10*time.Millisecond)
}

func (s lookerSuite) requireAlive(t *testing.T, expected bool, room, identity string) {
	t.Helper()
	alive, err := s.looker.Alive(t.Context(), room, identity)
	require.NoError(t, err)
	require.Equal(t, expected, alive)
}

// look looks into one room that is known, and no other.
func (s lookerSuite) look(t *testing.T, name string) video.RoomLook {
	t.Helper()
	look, err := s.looker.Look(t.Context(), []string{name}, func(string) bool { return false })
	require.NoError(t, err)
	require.NoError(t, look.EgressErr)
	require.Len(t, look.Rooms, 1)
	require.NoError(t, look.Rooms[0].Err)
	require.GreaterOrEqual(t, look.Calls, 3, "the rooms, one of them, the egresses")
	require.LessOrEqual(t, look.Calls, 5)
	return look.Rooms[0]
}

// listed finds a room that is not known, by its being listed and ours; the times
// of the question are those of the other look.
func (s lookerSuite) listed(t *testing.T, name string, other video.RoomLook) video.RoomLook {
	t.Helper()
	look, err := s.looker.Look(t.Context(), nil, func(listed string) bool { return listed == name })
	require.NoError(t, err)
	require.Len(t, look.Rooms, 1)
	look.Rooms[0].AskTime, look.Rooms[0].AnswerTime = other.AskTime, other.AnswerTime
	return look.Rooms[0]
}
