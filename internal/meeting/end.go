package meeting

import (
	"context"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// endArgs asks for the end of whatever meeting runs in a room.
type endArgs struct {
	RoomID   uuid.UUID  `json:"room_id"`
	Provider video.Name `json:"provider"`
}

// Kind is permanent: jobs outlive programs.
func (endArgs) Kind() string { return "meeting.end" }

// RoomChanged has the meeting of a deleted room ended.
func (m *Meetings) RoomChanged(ctx context.Context, tx *db.Tx, _, after *ent.Room) error {
	if after.DeleteTime == nil {
		return nil
	}
	return m.jobs.Enqueue(ctx, tx, endArgs{after.ID, video.Name(after.Provider)})
}

func (m *Meetings) end(ctx context.Context, args endArgs, _ job.Attempt) error {
	provider, err := m.providers.Get(args.Provider)
	if err != nil {
		return err
	}
	return provider.EndMeeting(ctx, args.RoomID.String())
}
