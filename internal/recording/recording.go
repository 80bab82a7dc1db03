// Package recording has meetings recorded, knows how far each recording is, keeps
// what was recorded, and hands it out to who may have it.
package recording

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/ent"
	entroom "github.com/anteroom-dev/anteroom/ent/room"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/mail"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
)

var (
	// ErrNotFound says that there is no such recording for the caller.
	ErrNotFound = fault.New(fault.NotFound, "recording_not_found", "there is no such recording")
	// ErrDenied says that the caller's role on the recording does not allow this.
	ErrDenied = fault.New(fault.Denied, "permission_denied", "your role on this recording does not allow this")
	// ErrOff says that the room is never recorded.
	ErrOff = fault.New(fault.Precondition, "recording_off", "recording is off in this room")
	// ErrRunning says that the same is being recorded already, or still.
	ErrRunning = fault.New(fault.Precondition, "recording_running", "this is being recorded: stop that recording first")
	// ErrRequestUsed says that the caller has recorded another room by this request.
	ErrRequestUsed = fault.New(fault.Exists, "request_id_used", "this request_id was used for another room: take a new one")
	// ErrNoStore says that there is nowhere to keep what is recorded.
	ErrNoStore = fault.New(fault.Precondition, "recording_unavailable", "recordings are not set up here: there is nowhere to keep them")
	// ErrRequired says that the room's policy does not let anybody stop it.
	ErrRequired = fault.New(fault.Precondition, "recording_required", "this room is always recorded: nobody can stop it")
	// ErrNoMeeting says that nobody meets in the room.
	ErrNoMeeting = fault.New(fault.Precondition, "meeting_not_running", "nobody is in this room: record when somebody is")
	// ErrNoParticipant says that the person to record is not in the room.
	ErrNoParticipant = fault.New(fault.NotFound, "participant_not_found", "there is no such person in this room now")
	// ErrDeclined says that somebody does not want to be recorded.
	ErrDeclined = fault.New(fault.Precondition, "consent_declined", "somebody here has declined to be recorded")
)

const (
	// missingFor is how long nobody is asked after no recorder has answered, since
	// to find that out takes half a minute.
	missingFor = time.Minute
	// askTimeout bounds a question to the recorder; LiveKit gives up before.
	askTimeout = 40 * time.Second
	// asksAtOnce is how many captures of one recording are asked for beside each other.
	asksAtOnce = 8
)

// Config is how recordings are made and kept.
type Config struct {
	// MaxDuration is how long a recording may be; 0 is for ever.
	MaxDuration time.Duration
	// Layout is how a picture shows people, in the recorder's word; "" is its own.
	Layout string
	// Preset is how a picture is encoded; "" is 720p30.
	Preset video.Preset
	// Sound is the kind of file of recordings without a picture; "" is OGG. Tracks
	// are always OGG, as they are not encoded anew.
	Sound video.FileType
	// Keys names the files in the store.
	Keys storage.Template
	// Retention is how long recordings of rooms that do not say are kept; 0 is for
	// ever.
	Retention time.Duration
	// LinkLifetime is how long a link opens a file; DefaultLinkLifetime when 0.
	LinkLifetime time.Duration
	// ArchiveAfter is how long files stay in a folder that has an archive.
	ArchiveAfter time.Duration
	// KeepExpired leaves files whose time has passed to the store's own rules.
	KeepExpired bool
	// Languages write titles and mails; those that there are, if nil.
	Languages *mail.Languages
	// Reader is for whom they write where nobody says it.
	Reader mail.Reader
	// Mail sends mails; nil tells nobody by mail.
	Mail *mail.Sender
	// ConsoleURL is where people open the console, without a slash at the end.
	ConsoleURL string
	// Issuers vouch for e-mail addresses: only a user of theirs is found by one.
	Issuers []string
}

// Recordings is the noun.
type Recordings struct {
	db        *db.DB
	clock     clockwork.Clock
	log       *slog.Logger
	providers video.Providers
	jobs      *job.Queue
	notices   *notice.Notices
	store     storage.Store
	archive   *storage.Spool // nil for a store that has none
	config    Config
	ticket    Ticket
	sending   chan struct{} // holds one for each mail that is being sent
	orphans   orphans
}

// Check says what cannot be recorded so.
func (c Config) Check() error {
	var problems []error
	if !video.ValidPreset(c.Preset) {
		problems = append(problems, fmt.Errorf("--recording-preset: there is no preset %q of a recording's picture", c.Preset))
	}
	if c.Sound != "" && c.Sound != video.OGG && c.Sound != video.MP4 {
		problems = append(problems, fmt.Errorf("--recording-sound: a recording's sound is ogg or mp4, not %q", c.Sound))
	}
	if c.MaxDuration < 0 {
		problems = append(problems, errors.New("--recording-max-duration: a recording is not shorter than nothing; 0 is for ever"))
	}
	if c.Retention < 0 {
		problems = append(problems, errors.New("--recording-retention: nothing is kept for less than no time; 0 is for ever"))
	}
	return errors.Join(problems...)
}

// Ticket finds the identity of the guest or user whom a pass's ticket was given to,
// and the room that it is for. It fails when the ticket is not valid.
type Ticket func(ticket string) (identity string, room uuid.UUID, err error)

// New makes the noun and takes over its jobs.
func New(d *db.DB, clock clockwork.Clock, log *slog.Logger, providers video.Providers, jobs *job.Queue, notices *notice.Notices, store storage.Store, ticket Ticket, c Config) *Recordings {
	r := &Recordings{db: d, clock: clock, log: log, providers: providers, jobs: jobs, notices: notices, store: store, ticket: ticket, config: c, sending: make(chan struct{}, mailsAtOnce)}
	if c.Languages == nil {
		r.config.Languages = mail.Embedded()
	}
	job.Handle(jobs, r.askJob)
	job.Handle(jobs, r.stopJob)
	job.Handle(jobs, r.limitJob)
	job.Handle(jobs, r.nearJob)
	job.Handle(jobs, r.complyJob)
	job.Handle(jobs, r.announceJob)
	job.Handle(jobs, r.settleJob)
	job.Handle(jobs, r.completeJob)
	job.Handle(jobs, r.mailJob)
	notice.Reveal(notices, r.showAvailable)
	notice.Reveal(notices, r.showProcessed)
	job.Handle(jobs, r.witnessJob)
	job.Handle(jobs, r.eraseJob)
	job.Handle(jobs, r.expireJob)
	if spool, ok := store.(*storage.Spool); ok {
		r.archive = spool
		job.HandleLong(jobs, archiveTimeout, r.archiveJob)
		jobs.Periodic(archiveEvery, archiveArgs{})
	}
	jobs.Periodic(settleEvery, settleArgs{})
	jobs.Periodic(expireEvery, expireArgs{})
	return r
}

// MaxDuration is how long a recording may be; 0 is for ever.
func (r *Recordings) MaxDuration() time.Duration { return r.config.MaxDuration }

func (r *Recordings) now() time.Time { return r.clock.Now().UTC().Truncate(time.Microsecond) }

// inRoom does something under the lock of a room, which may be deleted. All that
// is written about a recording is written so.
func (r *Recordings) inRoom(ctx context.Context, id uuid.UUID, do func(tx *db.Tx, room *ent.Room) error) error {
	return r.db.InTx(ctx, func(tx *db.Tx) error {
		room, err := tx.Room.Query().Where(entroom.ID(id), db.Lock).Only(ctx)
		if err != nil {
			return fmt.Errorf("lock the room of a recording: %w", err)
		}
		return do(tx, room)
	})
}
