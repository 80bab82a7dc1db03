package recording

import (
	"cmp"
	"context"
	"net/http"
	"path"
	"time"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

var (
	// ErrNotAvailable says that the files are not there, or not yet.
	ErrNotAvailable = fault.New(fault.Precondition, "recording_not_available", "this recording's files are not there yet")
	// ErrDownloadsOff says that the recording can only be played.
	ErrDownloadsOff = fault.New(fault.Denied, "downloads_off", "recordings of this room can be played, and not saved")
)

// DefaultLinkLifetime is how long a link opens a file where nobody says it: a
// player that was opened with it asks for ranges all the time.
const DefaultLinkLifetime = 15 * time.Minute

// Link is where a browser gets a file for a while.
type Link struct {
	URL        string
	ExpireTime time.Time
}

// Link gives a way to one file of a recording, the first one when none is named:
// to be saved, or to be played in a page.
func (r *Recordings) Link(ctx context.Context, id, file uuid.UUID, inline bool) (Link, error) {
	rec, err := r.allowed(ctx, r.db.Client, id, access.PlayRecording)
	switch {
	case err != nil:
		return Link{}, err
	case rec.AvailableTime == nil:
		return Link{}, ErrNotAvailable
	case !inline && !rec.Saves():
		return Link{}, ErrDownloadsOff
	}
	f := fileOfID(rec.Edges.Files, file)
	if f == nil {
		return Link{}, storage.ErrNotFound
	}
	return r.linkTo(ctx, rec, f, inline)
}

// linkTo signs a link to a file for somebody who may have it.
func (r *Recordings) linkTo(ctx context.Context, rec *Recording, f *ent.RecordingFile, inline bool) (Link, error) {
	store, err := r.kept()
	if err != nil {
		return Link{}, err
	}
	lifetime := cmp.Or(r.config.LinkLifetime, DefaultLinkLifetime)
	expires := r.now().Add(lifetime)
	url, err := store.SignedURL(ctx, f.Key, storage.Link{Expiry: lifetime, Name: rec.Title + path.Ext(f.Key), Inline: inline})
	return Link{url, expires}, err
}

// fileOfID is a file that is in the store.
func fileOfID(files []*ent.RecordingFile, id uuid.UUID) *ent.RecordingFile {
	for _, f := range files {
		if f.SeenTime != nil && (id == uuid.Nil || f.ID == id) {
			return f
		}
	}
	return nil
}

// Media decides whether the caller may have the file with a key, and gives the
// headers with which a reverse proxy fetches it. Who may not see the recording
// learns ErrNotFound.
func (r *Recordings) Media(ctx context.Context, key string) (http.Header, error) {
	f, err := r.db.RecordingFile.Query().Where(recordingfile.Key(key), recordingfile.SeenTimeNotNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, storage.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	rec, err := r.allowed(ctx, r.db.Client, f.RecordingID, access.PlayRecording)
	if err != nil {
		return nil, err
	}
	if rec.AvailableTime == nil {
		return nil, ErrNotAvailable
	}
	store, err := r.kept()
	if err != nil {
		return nil, err
	}
	return store.SignedHeaders(ctx, key)
}
