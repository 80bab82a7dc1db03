package livekit

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// lookWidth is how many questions of a look are under way at once: enough to
// hide the way to LiveKit, and no burden on its Redis.
const lookWidth = 16

// Look lists the rooms, then the participants of each, for which LiveKit has no
// call in bulk, and then the rooms once more: participants are listed by the
// room's name, which a meeting shares with the next one.
func (p *Provider) Look(ctx context.Context, known []string, ours func(string) bool) (video.Look, error) {
	l := look{Provider: p}
	listed, err := l.rooms(ctx)
	if err != nil {
		return video.Look{Calls: int(l.calls.Load())}, err
	}
	rooms := make([]video.RoomLook, 0, len(listed))
	for _, name := range worth(listed, known, ours) {
		rooms = append(rooms, video.RoomLook{Room: roomNamed(listed, name)})
	}
	answer := video.Look{Rooms: rooms}
	var group errgroup.Group
	group.SetLimit(lookWidth)
	group.Go(func() error {
		answer.Egresses, answer.EgressErr = l.egresses(ctx)
		return nil
	})
	for i := range rooms {
		group.Go(func() error {
			l.into(ctx, &rooms[i])
			return nil
		})
	}
	_ = group.Wait()
	again, err := l.rooms(ctx)
	for i := range rooms {
		switch r := &rooms[i]; {
		case r.Err != nil:
		case err != nil:
			r.Participants, r.Err = nil, err
		case again[r.Room.Name].SID != r.Room.SID:
			r.Participants, r.Err = nil, video.ErrChanging.With("room", r.Room.Name)
		}
	}
	answer.Calls = int(l.calls.Load())
	return answer, nil
}

// worth are the names of the rooms to look into, in order.
func worth(listed map[string]video.EventRoom, known []string, ours func(string) bool) []string {
	names := slices.Clone(known)
	for name := range listed {
		if ours == nil || ours(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func roomNamed(listed map[string]video.EventRoom, name string) video.EventRoom {
	room := listed[name]
	room.Name = name
	return room
}

// look counts the calls of one Look.
type look struct {
	*Provider
	calls atomic.Int64
}

func (l *look) rooms(ctx context.Context) (map[string]video.EventRoom, error) {
	l.calls.Add(1)
	response, err := call(ctx, l.Provider, "ListRooms", l.Provider.rooms.ListRooms, &livekit.ListRoomsRequest{})
	if err != nil {
		return nil, err
	}
	rooms := make(map[string]video.EventRoom, len(response.Rooms))
	for _, room := range response.Rooms {
		rooms[room.Name] = eventRoom(room)
	}
	return rooms, nil
}

// into fills in who is in the room. That the room is not there is an answer.
func (l *look) into(ctx context.Context, r *video.RoomLook) {
	r.AskTime = l.clock.Now().UTC()
	if r.Err = ctx.Err(); r.Err != nil {
		r.AnswerTime, r.Err = r.AskTime, video.ErrUnavailable.Because(r.Err)
		return
	}
	l.calls.Add(1)
	response, err := call(ctx, l.Provider, "ListParticipants", l.Provider.rooms.ListParticipants,
		&livekit.ListParticipantsRequest{Room: r.Room.Name})
	r.AnswerTime = l.clock.Now().UTC()
	if r.Err = unlessNotFound(err); r.Err != nil {
		return
	}
	r.Participants = make([]video.Presence, 0, len(response.GetParticipants()))
	for _, info := range response.GetParticipants() {
		withoutNULs(participantTexts(info)...)
		r.Participants = append(r.Participants, video.Presence{
			Participant: *participantOf(info, true),
			Active:      info.State == livekit.ParticipantInfo_ACTIVE,
			Tracks:      tracksOf(info),
		})
	}
	slices.SortFunc(r.Participants, func(a, b video.Presence) int { return cmp.Compare(a.SID, b.SID) })
}

func tracksOf(info *livekit.ParticipantInfo) (tracks []video.Track) {
	for _, t := range info.Tracks {
		withoutNULs(&t.Sid)
		tracks = append(tracks, *trackOf(t))
	}
	slices.SortFunc(tracks, func(a, b video.Track) int { return cmp.Compare(a.SID, b.SID) })
	return tracks
}

// egresses lists those at work.
func (l *look) egresses(ctx context.Context) ([]video.Egress, error) {
	return l.captures(ctx, &livekit.ListEgressRequest{Active: true}, func() { l.calls.Add(1) })
}

// Alive changes the subscriptions of a participant by nothing. Of the harmless
// calls it is the one that LiveKit answers from the participant itself; its lists
// are read from Redis. When nobody is behind the name it takes LiveKit three
// seconds to give up.
func (p *Provider) Alive(ctx context.Context, roomName, identity string) (bool, error) {
	_, err := call(ctx, p, "UpdateSubscriptions", p.rooms.UpdateSubscriptions,
		&livekit.UpdateSubscriptionsRequest{Room: roomName, Identity: identity})
	if err == nil {
		return true, nil
	}
	if isNobody(err) {
		return false, nil
	}
	return false, err
}

// isNobody tells LiveKit's own answers that there is no such participant from
// those that say nothing of them.
func isNobody(err error) bool {
	return codeOf(err) == twirp.NotFound || isNoResponse(err)
}
