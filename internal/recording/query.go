package recording

import (
	"context"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
)

// isLive are the recordings that are being made.
var isLive = entrecording.StatusIn(entrecording.StatusStarting, entrecording.StatusActive, entrecording.StatusStopping)

// toStop are the recordings of a room that somebody wants to stop: one, or all
// that run.
func toStop(roomID, one uuid.UUID) []predicate.Recording {
	if one != uuid.Nil {
		return []predicate.Recording{entrecording.RoomID(roomID), entrecording.ID(one), entrecording.DeleteTimeIsNil()}
	}
	return []predicate.Recording{entrecording.RoomID(roomID), isLive}
}

// held are the recordings that keep a room from being recorded by itself. What
// was started for a meeting, and perhaps stopped by somebody, is not started
// again, unless it has to be.
func held(room *ent.Room, meetingID uuid.UUID, cause entrecording.Cause) []predicate.Recording {
	mode := entrecording.ModeEQ(modeOf(room.Settings))
	if cause == entrecording.CauseCompliance {
		return []predicate.Recording{entrecording.RoomID(room.ID), mode, isLive}
	}
	return []predicate.Recording{
		entrecording.MeetingID(meetingID), mode, entrecording.StatusNEQ(entrecording.StatusFailedToStart),
	}
}

// runningIn is the meeting that runs in a room with somebody in it, or
// ErrNoMeeting.
func runningIn(ctx context.Context, c *ent.Client, roomID uuid.UUID) (*ent.Meeting, error) {
	m, err := c.Meeting.Query().Where(entmeeting.RoomID(roomID), entmeeting.EndTimeIsNil(),
		entmeeting.HasParticipationsWith(db.Present)).Order(entmeeting.ByID(sql.OrderDesc())).First(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNoMeeting
	}
	return m, err
}

// presentIn is somebody who is in a meeting now, or ErrNoParticipant.
func presentIn(ctx context.Context, c *ent.Client, meetingID, id uuid.UUID) (*ent.Participation, error) {
	who, err := c.Participation.Query().Where(participation.ID(id), participation.MeetingID(meetingID), db.Present).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrNoParticipant
	}
	return who, err
}

// visible are the recordings that an asker may see: those on which they have an
// access; and while there is nothing to be seen in them, those that they started
// and those of rooms that they run.
func (a asker) visible() predicate.Recording {
	return entrecording.And(entrecording.DeleteTimeIsNil(), entrecording.Or(
		entrecording.HasAccessesWith(a.own()), a.attended(),
		entrecording.And(entrecording.AvailableTimeIsNil(), entrecording.Or(
			entrecording.StarterID(a.UserID), entrecording.HasRoomWith(entroom.HasAccessesWith(a.runs()))))))
}

// runs are the asker's accesses on rooms by which they may record there.
func (a asker) runs() predicate.Access {
	return entaccess.And(db.Accessible(a.UserID, a.Email, a.now), entaccess.RoleIn(entaccess.RoleOwner, entaccess.RoleAdmin))
}

// valid are the accesses that have not expired.
func (a asker) valid() predicate.RecordingAccess {
	return recordingaccess.Or(recordingaccess.ExpireTimeIsNil(), recordingaccess.ExpireTimeGT(a.now))
}

// own are the asker's own accesses on recordings.
func (a asker) own() predicate.RecordingAccess {
	mine := recordingaccess.UserID(a.UserID)
	if a.Email != "" {
		mine = recordingaccess.Or(mine, recordingaccess.And(recordingaccess.UserIDIsNil(), recordingaccess.Email(a.Email)))
	}
	return recordingaccess.And(mine, a.valid())
}

// attended are the recordings for everyone of meetings in which the asker was.
func (a asker) attended() predicate.Recording {
	return entrecording.And(
		entrecording.HasAccessesWith(recordingaccess.Everyone(true), a.valid()),
		entrecording.HasMeetingWith(entmeeting.HasParticipationsWith(
			participation.Identity(a.UserID.String()), participation.JoinTimeNotNil())))
}
