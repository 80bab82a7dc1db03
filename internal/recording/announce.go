package recording

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// announceArgs asks for those in a room to be told what is being recorded.
type announceArgs struct {
	RoomID uuid.UUID `json:"room_id"`
}

// Kind is permanent: jobs outlive programs.
func (announceArgs) Kind() string { return "recording.announce" }

// announcement is what a room's metadata say to clients that do not watch: JSON
// with one field, `recordings`. How things are is written, not what has changed, so
// the order of jobs does not matter.
type announcement struct {
	Recordings []announced `json:"recordings"`
}

// announced is a recording that is being made, or the last one that ended.
type announced struct {
	ID        uuid.UUID  `json:"id"`
	Mode      string     `json:"mode"`
	Status    string     `json:"status"`
	StartTime *time.Time `json:"start_time,omitempty"`
	LimitTime *time.Time `json:"limit_time,omitempty"`
}

// announceJob is the one place where a room's metadata are written. They need
// not be: a provider without them is no failure.
func (r *Recordings) announceJob(ctx context.Context, args announceArgs, _ job.Attempt) error {
	room, err := r.db.Room.Query().Where(entroom.ID(args.RoomID)).Only(ctx)
	if err != nil {
		return err
	}
	announcer, err := r.providers.Announcer(video.Name(room.Provider))
	if errors.Is(err, video.ErrNotAnnouncing) || errors.Is(err, video.ErrNoProvider) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := r.announcement(ctx, room.ID)
	if err != nil {
		return err
	}
	return announcer.SetRoomMetadata(ctx, room.ID.String(), text)
}

func (r *Recordings) announcement(ctx context.Context, roomID uuid.UUID) (string, error) {
	live, err := r.db.Recording.Query().Where(entrecording.RoomID(roomID), isLive).All(ctx)
	if err != nil {
		return "", err
	}
	if len(live) == 0 { // how the last one ended
		live, err = r.db.Recording.Query().Where(entrecording.RoomID(roomID), entrecording.DeleteTimeIsNil()).
			Order(ent.Desc(entrecording.FieldID)).Limit(1).All(ctx)
		if err != nil {
			return "", err
		}
	}
	slices.SortFunc(live, func(a, b *ent.Recording) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	says := announcement{Recordings: []announced{}}
	for _, rec := range live {
		one := announced{ID: rec.ID, Mode: rec.Mode.String(), Status: rec.Status.String(), StartTime: rec.StartTime}
		if rec.Status == entrecording.StatusActive && r.config.MaxDuration > 0 {
			at := r.limit(rec)
			one.LimitTime = &at
		}
		says.Recordings = append(says.Recordings, one)
	}
	text, err := json.Marshal(says)
	return string(text), err
}
