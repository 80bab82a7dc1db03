package recording

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
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

// announceTries is how often one job writes what goes on changing.
const announceTries = 5

// announced is a recording that is being made, or the last one that ended.
type announced struct {
	ID        uuid.UUID  `json:"id"`
	Mode      string     `json:"mode"`
	Status    string     `json:"status"`
	StartTime *time.Time `json:"start_time,omitempty"`
	LimitTime *time.Time `json:"limit_time,omitempty"`
	LimitNear bool       `json:"limit_near,omitempty"`
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
	return r.announce(ctx, announcer, room.ID)
}

// announce writes how things are until that is what they are still, and so does
// everybody who writes: whoever does it last has written what is true.
func (r *Recordings) announce(ctx context.Context, announcer video.Announcer, roomID uuid.UUID) error {
	said := ""
	for range announceTries {
		now, err := r.announcement(ctx, roomID)
		if err != nil || now == said {
			return err
		}
		before, err := announcer.ReadRoomMetadata(ctx, roomID.String())
		if err != nil {
			return err
		}
		if after := withRecordings(before, now); after != before {
			if err := announcer.SetRoomMetadata(ctx, roomID.String(), after); err != nil {
				return err
			}
		}
		said = now
	}
	return job.Snooze(time.Second)
}

// announcement is what people in a room are told, as JSON: the recordings that are
// being made, and how the last one ended. It is how things are and not what has
// changed, so the order of jobs does not matter.
func (r *Recordings) announcement(ctx context.Context, roomID uuid.UUID) (string, error) {
	found, err := r.db.Recording.Query().Where(entrecording.RoomID(roomID), isLive).All(ctx)
	if err != nil {
		return "", err
	}
	last, err := r.db.Recording.Query().Where(entrecording.RoomID(roomID), entrecording.DeleteTimeIsNil(), entrecording.EndTimeNotNil()).
		Order(entrecording.ByEndTime(sql.OrderDesc()), entrecording.ByID(sql.OrderDesc())).Limit(1).All(ctx)
	if err != nil {
		return "", err
	}
	found = append(found, last...)
	slices.SortFunc(found, func(a, b *ent.Recording) int { return cmp.Compare(a.ID.String(), b.ID.String()) })
	says := []announced{}
	for _, rec := range found {
		one := announced{ID: rec.ID, Mode: rec.Mode.String(), Status: rec.Status.String(), StartTime: rec.StartTime, LimitNear: limitNear(rec)}
		if rec.Status == entrecording.StatusActive && r.config.MaxDuration > 0 {
			at := r.limit(rec)
			one.LimitTime = &at
		}
		says = append(says, one)
	}
	text, err := json.Marshal(says)
	return string(text), err
}

// withRecordings is a room's metadata with this said of recordings, in the field
// `recordings`. The rest is other people's and stays, if it is a JSON object; anything
// else gives way.
func withRecordings(metadata, says string) string {
	var all map[string]json.RawMessage
	if json.Unmarshal([]byte(metadata), &all) != nil || all == nil {
		all = map[string]json.RawMessage{}
	}
	all["recordings"] = json.RawMessage(says)
	text, err := json.Marshal(all)
	if err != nil {
		panic(err) // it is all JSON
	}
	return string(text)
}
