package recording

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/ent/consent"
	"github.com/anteroom-dev/anteroom/ent/participation"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// trackPublished has a track captured where tracks are recorded. That it goes,
// the recorder sees by itself.
func (r *Recordings) trackPublished(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if !audible(e) {
		return nil
	}
	ids, err := tx.Recording.Query().Where(entrecording.RoomID(room.ID), isLive, entrecording.StopTimeIsNil(),
		entrecording.ModeEQ(entrecording.ModeTracks)).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	who, err := tx.Participation.Query().Where(participation.ProviderSid(e.Participant.SID), participation.ProviderEQ(participation.Provider(e.Provider))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.captureTrack(ctx, tx, room, id, who, e.Track.SID); err != nil {
			return err
		}
		if err := r.jobs.Enqueue(ctx, tx, askArgs{id}); err != nil {
			return err
		}
	}
	return nil
}

// captureTrack adds a track to a recording, unless it is there or its owner has
// declined.
func (r *Recordings) captureTrack(ctx context.Context, tx *db.Tx, room *ent.Room, id uuid.UUID, who *ent.Participation, sid string) error {
	there, err := tx.Capture.Query().Where(capture.RecordingID(id), capture.TrackSid(sid)).Exist(ctx)
	if err != nil || there {
		return err
	}
	declined, err := tx.Consent.Query().Where(consent.MeetingID(who.MeetingID), consent.Identity(who.Identity),
		consent.DecisionEQ(consent.DecisionDeclined)).Exist(ctx)
	if err != nil || declined {
		return err
	}
	return r.insertCapture(ctx, tx, room, id, tracks, subjectOf(who, sid))
}

// insertTracks adds the tracks that are published when a recording begins, as far
// as anybody told of them.
func (r *Recordings) insertTracks(ctx context.Context, tx *db.Tx, room *ent.Room, id uuid.UUID, running *ent.Meeting) error {
	people, err := tx.Participation.Query().Where(participation.MeetingID(running.ID), db.Present).Order(participation.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, who := range people {
		published, err := r.published(ctx, tx.Client, who)
		if err != nil {
			return err
		}
		for _, sid := range published {
			if err := r.captureTrack(ctx, tx, room, id, who, sid); err != nil {
				return err
			}
		}
	}
	return nil
}

// published are the audible tracks that somebody has now, by the events of this
// connection.
func (r *Recordings) published(ctx context.Context, c *ent.Client, who *ent.Participation) (sids []string, err error) {
	provider, err := r.providers.Get(video.Name(who.Provider))
	if err != nil {
		return nil, err
	}
	rows, err := c.WebhookEvent.Query().Where(webhookevent.ParticipantSid(who.ProviderSid),
		webhookevent.ProviderEQ(webhookevent.Provider(who.Provider)), webhookevent.OriginNEQ(webhookevent.OriginReconcile)).
		Where(webhookevent.RoomName(who.RoomID.String())).Order(webhookevent.ByID()).All(ctx)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, row := range rows {
		e, err := provider.ParseEvent(row.Body)
		switch {
		case err != nil || !audible(e):
		case e.Kind == video.TrackPublished && !slices.Contains(sids, e.Track.SID):
			sids = append(sids, e.Track.SID)
		case e.Kind == video.TrackUnpublished:
			gone = append(gone, e.Track.SID)
		}
	}
	return slices.DeleteFunc(sids, func(sid string) bool { return slices.Contains(gone, sid) }), nil
}

// audible says whether an event is about a track with sound.
func audible(e video.Event) bool {
	return e.Participant != nil && e.Track != nil && e.Track.SID != "" &&
		(e.Track.Source == video.Microphone || e.Track.Source == video.ScreenShareAudio)
}
