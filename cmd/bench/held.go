package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/uuid"
	"github.com/livekit/protocol/livekit"
	"google.golang.org/protobuf/proto"
)

// heldCommand is a Redis in which a LiveKit finds people in rooms, as it would
// have written them itself, in a process of its own.
type heldCommand struct {
	Rooms, People int
}

// held is the line that it prints when it serves.
type held struct {
	Redis string     `json:"redis"`
	Rooms []heldRoom `json:"rooms"`
}

type heldRoom struct {
	ID     uuid.UUID `json:"id"`
	SID    string    `json:"sid"`
	People []string  `json:"people"` // their SIDs
}

// Run serves until standard input ends.
func (c heldCommand) Run(ctx context.Context) error {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Close()
	ready := held{Redis: server.Addr()}
	began := time.Now().Add(-time.Minute)
	for range c.Rooms {
		room, err := c.fill(server, began)
		if err != nil {
			return err
		}
		ready.Rooms = append(ready.Rooms, room)
	}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, os.Stdin)
	}()
	select {
	case <-ctx.Done():
	case <-ended:
	}
	return nil
}

// fill writes a room and its people under LiveKit's own keys (pkg/service/redisstore.go).
func (c heldCommand) fill(server *miniredis.Miniredis, began time.Time) (heldRoom, error) {
	room := heldRoom{ID: uuid.Must(uuid.NewV7()), SID: newSID("RM_")}
	info, err := proto.Marshal(&livekit.Room{
		Sid: room.SID, Name: room.ID.String(), CreationTime: began.Unix(), NumParticipants: uint32(c.People), //nolint:gosec // small
	})
	if err != nil {
		return room, err
	}
	server.HSet("rooms", room.ID.String(), string(info))
	for n := range c.People {
		sid := newSID("PA_")
		info, err := proto.Marshal(&livekit.ParticipantInfo{
			Sid: sid, Identity: identityOf(n), Name: "Ada", State: livekit.ParticipantInfo_ACTIVE,
			JoinedAt: began.Unix(), Attributes: map[string]string{"anteroom.role": "guest"},
		})
		if err != nil {
			return room, err
		}
		server.HSet("room_participants:"+room.ID.String(), identityOf(n), string(info))
		room.People = append(room.People, sid)
	}
	return room, nil
}

func identityOf(n int) string { return fmt.Sprintf("guest_%d", n) }
