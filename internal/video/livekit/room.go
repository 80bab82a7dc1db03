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
