package livekit

import (
	"context"

	"github.com/livekit/protocol/livekit"
)

// EndMeeting deletes the room at LiveKit, which sends everybody out.
func (p *Provider) EndMeeting(ctx context.Context, roomName string) error {
	_, err := call(ctx, p, "DeleteRoom", p.rooms.DeleteRoom, &livekit.DeleteRoomRequest{Room: roomName})
	return unlessNotFound(err)
}

// ReadRoomMetadata reads LiveKit's metadata of the room.
func (p *Provider) ReadRoomMetadata(ctx context.Context, roomName string) (string, error) {
	found, err := call(ctx, p, "ListRooms", p.rooms.ListRooms, &livekit.ListRoomsRequest{Names: []string{roomName}})
	if err != nil || len(found.GetRooms()) == 0 {
		return "", err
	}
	return found.GetRooms()[0].GetMetadata(), nil
}

// SetRoomMetadata replaces LiveKit's metadata of the room, up to 64 kB as LiveKit
// comes.
func (p *Provider) SetRoomMetadata(ctx context.Context, roomName, metadata string) error {
	_, err := call(ctx, p, "UpdateRoomMetadata", p.rooms.UpdateRoomMetadata,
		&livekit.UpdateRoomMetadataRequest{Room: roomName, Metadata: metadata})
	return unlessNotFound(err)
}
