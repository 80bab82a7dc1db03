package recording

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	"github.com/anteroom-dev/anteroom/ent/participation"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/webhookevent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/video"
)

// takesTracks are the recordings to which each track belongs that comes.
var takesTracks = entrecording.And(isLive, entrecording.StopTimeIsNil(), entrecording.ModeEQ(entrecording.ModeTracks))

// tracksOf are those of a room.
func tracksOf(roomID uuid.UUID) []predicate.Recording {
	return []predicate.Recording{entrecording.RoomID(roomID), takesTracks}
}

// ofTracks are those of a provider.
func ofTracks(name video.Name) predicate.Recording {
	return entrecording.And(takesTracks, entrecording.ProviderEQ(entrecording.Provider(name)))
}

// published is a track that somebody has.
type published struct{ participantSID, trackSID string }

// trackPublished has a track captured where tracks are recorded.
func (r *Recordings) trackPublished(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if !audible(e) {
		return nil
	}
	return r.trackBegan(ctx, tx, room, e.Provider, published{e.Participant.SID, e.Track.SID})
}

func (r *Recordings) trackBegan(ctx context.Context, tx *db.Tx, room *ent.Room, name video.Name, p published) error {
	ids, err := tx.Recording.Query().Where(tracksOf(room.ID)...).IDs(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	who, err := tx.Participation.Query().Where(participation.ProviderSid(p.participantSID), participation.ProviderEQ(participation.Provider(name)),
		participation.LeaveTimeIsNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.captureTrack(ctx, tx, room, id, who, p.trackSID); err != nil {
			return err
		}
		if err := r.jobs.Enqueue(ctx, tx, askArgs{id}); err != nil {
			return err
		}
	}
	return nil
}

// trackUnpublished stops the capture of a track that went. Most recorders see
// that by themselves.
func (r *Recordings) trackUnpublished(ctx context.Context, tx *db.Tx, room *ent.Room, e video.Event) error {
	if !audible(e) {
		return nil
	}
	return r.trackGone(ctx, tx, room, e.Track.SID)
}

func (r *Recordings) trackGone(ctx context.Context, tx *db.Tx, room *ent.Room, sid string) error {
	ids, err := tx.Recording.Query().Where(tracksOf(room.ID)...).IDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.stopSome(ctx, tx, id, func(p *piece) bool { return p.TrackSid == sid }); err != nil {
			return err
		}
	}
	return nil
}

// captureTrack adds a track to a recording, unless it is there or its owner has
// declined.
func (r *Recordings) captureTrack(ctx context.Context, tx *db.Tx, room *ent.Room, id uuid.UUID, who *ent.Participation, sid string) error {
	earlier, err := tx.Capture.Query().Where(capture.RecordingID(id), capture.TrackSid(sid)).All(ctx)
	if err != nil || slices.ContainsFunc(earlier, func(c *ent.Capture) bool { return c.StopTime == nil }) {
		return err
	}
	declined, err := hasDeclined(ctx, tx.Client, who.MeetingID, who.Identity)
	if err != nil || declined {
		return err
	}
	// Names of files have seconds, within which somebody may change their mind.
	at := r.now().Add(time.Duration(len(earlier)) * time.Second)
	return r.insertCapture(ctx, tx, room, id, tracks, subjectOf(who, sid), at)
}

// insertTracks adds the tracks that some people have published, as far as anybody
// told of them.
func (r *Recordings) insertTracks(ctx context.Context, tx *db.Tx, room *ent.Room, id uuid.UUID, of predicate.Participation) error {
	people, err := tx.Participation.Query().Where(of, db.Present).Order(participation.ByID()).All(ctx)
	if err != nil {
		return err
	}
	for _, who := range people {
		told, err := r.publishedBy(ctx, tx.Client, who)
		if err != nil {
			return err
		}
		for _, sid := range told {
			if err := r.captureTrack(ctx, tx, room, id, who, sid); err != nil {
				return err
			}
		}
	}
	return nil
}

// publishedBy are the audible tracks that somebody has now, by the events of this
// connection.
func (r *Recordings) publishedBy(ctx context.Context, c *ent.Client, who *ent.Participation) (sids []string, err error) {
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
	return e.Participant != nil && e.Track != nil && hasSound(*e.Track)
}

func hasSound(t video.Track) bool {
	return t.SID != "" && (t.Source == video.Microphone || t.Source == video.ScreenShareAudio)
}
