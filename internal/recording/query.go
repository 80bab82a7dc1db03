package recording

import (
	"context"
	"maps"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	entaccess "github.com/anteroom-dev/anteroom/ent/access"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/ent/consent"
	entmeeting "github.com/anteroom-dev/anteroom/ent/meeting"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// isLive are the recordings that are being made, in words for which there is an
// index.
var isLive = entrecording.EndTimeIsNil()

// isCapturing are those of them that keep another one of the same from being made,
// which is what the unique index says: of the others files are still written, and
// that is all.
var isCapturing = entrecording.CapturedTimeIsNil()

// toStop are the recordings of a room that somebody wants to stop: one, or all
// that run.
func toStop(roomID, one uuid.UUID) []predicate.Recording {
	if one != uuid.Nil {
		return []predicate.Recording{entrecording.RoomID(roomID), entrecording.ID(one), entrecording.DeleteTimeIsNil()}
	}
	return []predicate.Recording{entrecording.RoomID(roomID), isLive}
}

// held are the recordings that keep a room from being recorded by itself. What
// was recorded of a meeting, and perhaps stopped by somebody, is not begun again,
// unless it has to be; what did not start is, and what somebody's word ended.
func held(room *ent.Room, meetingID uuid.UUID, cause entrecording.Cause) []predicate.Recording {
	mode := entrecording.ModeEQ(modeOf(room.Settings))
	if cause == entrecording.CauseCompliance {
		return []predicate.Recording{entrecording.RoomID(room.ID), mode, isCapturing}
	}
	return []predicate.Recording{entrecording.MeetingID(meetingID), mode, stands}
}

// doneOfCallers are the recordings of callers of a meeting that are not begun
// again.
func doneOfCallers(meetingID uuid.UUID) []predicate.Recording {
	return []predicate.Recording{entrecording.MeetingID(meetingID), entrecording.CauseEQ(entrecording.CauseCaller), stands}
}

// stands are the recordings that are being made or were, and were not ended by
// somebody's word against it.
var stands = entrecording.Or(isLive, entrecording.And(
	entrecording.Or(entrecording.StatusNEQ(entrecording.StatusFailedToStart), entrecording.StopTimeNotNil()),
	entrecording.Or(entrecording.StopCauseIsNil(), entrecording.StopCauseNEQ(entrecording.StopCauseConsent)),
))

// present are how many people are in a meeting, and how many of them run the room.
func present(ctx context.Context, c *ent.Client, roomID, meetingID uuid.UUID, now time.Time) (people, hosts int, err error) {
	there, err := c.Participation.Query().Where(participation.MeetingID(meetingID), db.Present).All(ctx)
	if err != nil {
		return 0, 0, err
	}
	identities, users := map[string]bool{}, []uuid.UUID{}
	for _, who := range there {
		if identities[who.Identity] {
			continue
		}
		identities[who.Identity] = true
		if id, err := uuid.Parse(who.Identity); err == nil {
			users = append(users, id)
		}
	}
	if len(users) > 0 {
		hosts, err = c.Access.Query().Where(hosting(roomID, users, now)).Count(ctx)
	}
	return len(identities), hosts, err
}

// hosting are the accesses by which some of these users run a room.
func hosting(roomID uuid.UUID, users []uuid.UUID, now time.Time) predicate.Access {
	return entaccess.And(entaccess.RoomID(roomID), entaccess.UserIDIn(db.Padded(users)...),
		entaccess.RoleIn(entaccess.RoleOwner, entaccess.RoleAdmin),
		entaccess.Or(entaccess.ExpireTimeIsNil(), entaccess.ExpireTimeGT(now)))
}

// comesWithin is how long somebody who has decided at the door is expected.
const comesWithin = 15 * time.Minute

// against are those who have declined to be recorded in a meeting, and have not
// left it: they are in, or about to come.
func against(ctx context.Context, c *ent.Client, meetingID uuid.UUID, now time.Time) ([]string, error) {
	all, err := c.Consent.Query().Where(consent.MeetingID(meetingID), consent.DecisionEQ(consent.DecisionDeclined)).All(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	expected, declined := map[string]bool{}, make([]string, len(all))
	for n, said := range all {
		declined[n] = said.Identity
		expected[said.Identity] = now.Sub(said.DecideTime) < comesWithin
	}
	were, err := c.Participation.Query().Where(participation.MeetingID(meetingID), participation.IdentityIn(db.Padded(declined)...)).All(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(declined, func(identity string) bool {
		theirs := func(left bool) bool {
			return slices.ContainsFunc(were, func(p *ent.Participation) bool { return p.Identity == identity && left == (p.LeaveTime != nil) })
		}
		return !theirs(false) && (theirs(true) || !expected[identity])
	}), nil
}

// hasDeclined says whether somebody does not want to be recorded in a meeting.
func hasDeclined(ctx context.Context, c *ent.Client, meetingID uuid.UUID, identity string) (bool, error) {
	return c.Consent.Query().Where(consent.MeetingID(meetingID), consent.Identity(identity),
		consent.DecisionEQ(consent.DecisionDeclined)).Exist(ctx)
}

// unanswered are the captures of a provider for which no recorder answered since a
// time.
func unanswered(name video.Name, since time.Time) predicate.Capture {
	return capture.And(capture.ProviderEQ(capture.Provider(name)), capture.Reason(video.ErrNoRecorder.Reason),
		capture.ErrorNEQ(notAsked), capture.HeardTimeGT(since))
}

// hasEnded are the captures that nothing comes after.
var hasEnded = capture.StatusIn(capture.StatusAborted, capture.StatusFailed, capture.StatusLimitReached, capture.StatusComplete)

// givenUp are the captures that ended badly among some, which are named by their
// egress or by their recording.
func givenUp(name video.Name, egresses []string, recordings []uuid.UUID) predicate.Capture {
	return capture.And(capture.ProviderEQ(capture.Provider(name)),
		capture.Or(capture.EgressIDIn(db.Padded(egresses)...), capture.RecordingIDIn(db.Padded(recordings)...)),
		capture.StatusIn(capture.StatusAborted, capture.StatusFailed))
}

// deserted are the captures of which something is to be captured still, and whose
// recorder was in the room and has left it before a time.
func deserted(ctx context.Context, c *ent.Client, live []*ent.Recording, before time.Time) (map[uuid.UUID]bool, error) {
	at := map[string]uuid.UUID{}
	for _, rec := range live {
		for _, one := range rec.Edges.Captures {
			if one.EgressID != nil && ranks[one.Status] < ranks[capture.StatusEnding] {
				at[*one.EgressID] = one.ID
			}
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	came, err := c.Participation.Query().Where(participation.RoomID(live[0].RoomID), participation.KindEQ(participation.KindRecorder),
		participation.IdentityIn(db.Padded(slices.Sorted(maps.Keys(at)))...)).All(ctx)
	if err != nil {
		return nil, err
	}
	gone := map[uuid.UUID]bool{}
	for _, who := range came {
		gone[at[who.Identity]] = true
	}
	for _, who := range came {
		if who.LeaveTime == nil || !who.LeaveTime.Before(before) {
			delete(gone, at[who.Identity])
		}
	}
	return gone, nil
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
