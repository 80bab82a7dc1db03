package recording

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/predicate"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingaccess"
	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	"github.com/anteroom-dev/anteroom/ent/user"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/mail"
)

const (
	// mailsAtOnce bounds how many workers a mail server that hangs can hold.
	mailsAtOnce = 4
	// mailQueueWait is when a mail that found too many before it comes again.
	mailQueueWait = 2 * time.Second
)

var mailed = promauto.NewCounterVec(prometheus.CounterOpts{
	Name: "anteroom_recording_mails_total",
	Help: "Mails that tell of recordings: sent, refused, given_up or withdrawn for good, and waiting for each try that failed.",
}, []string{"outcome"})

// tellOwners has a mail sent to each owner of a recording who has an address, and
// was not told before.
func (r *Recordings) tellOwners(ctx context.Context, tx *db.Tx, id uuid.UUID, who ...predicate.RecordingAccess) error {
	if r.config.Mail == nil {
		return nil
	}
	owners, err := tx.RecordingAccess.Query().Where(append(who, recordingaccess.RecordingID(id), recordingaccess.RoleEQ(recordingaccess.RoleOwner))...).
		Order(recordingaccess.ByID()).WithUser().All(ctx)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, owner := range owners {
		if address := addressOf(owner); address != "" {
			rows = append(rows, []any{
				uuid.Must(uuid.NewV7()), id, owner.UserID, address, recordingmail.StatusWaiting, 0, r.now(), r.now(),
			})
		}
	}
	made, err := tx.InsertRows(ctx, mailRows, rows)
	if err != nil {
		return err
	}
	jobs := make([]mailArgs, len(made))
	for n, id := range made {
		if jobs[n].MailID, err = uuid.Parse(id); err != nil {
			return err
		}
	}
	return job.EnqueueAll(ctx, r.jobs, tx, jobs, job.MaxAttempts(completeTries))
}

var mailRows = db.Rows{
	Table: recordingmail.Table,
	Columns: []string{
		recordingmail.FieldID, recordingmail.FieldRecordingID, recordingmail.FieldUserID, recordingmail.FieldEmail,
		recordingmail.FieldStatus, recordingmail.FieldTries, recordingmail.FieldCreateTime, recordingmail.FieldUpdateTime,
	},
	Conflict: "DO NOTHING", Returning: recordingmail.FieldID,
}

// addressOf is where the holder of an access gets mails; "" if nobody knows.
func addressOf(held *ent.RecordingAccess) string {
	if u := held.Edges.User; u != nil && u.Email != "" {
		return u.Email
	}
	if held.Email != nil {
		return *held.Email
	}
	return ""
}

// mailArgs asks for one mail to be sent.
type mailArgs struct {
	MailID uuid.UUID `json:"mail_id"`
}

// Kind is permanent: jobs outlive programs.
func (mailArgs) Kind() string { return "recording.mail" }

// mailJob sends a mail, or comes again. That the server has it and nobody noted
// that is possible: then it goes once more, with the same Message-ID.
func (r *Recordings) mailJob(ctx context.Context, args mailArgs, _ job.Attempt) error {
	m, err := r.db.RecordingMail.Query().Where(waitingMail(args.MailID)).WithUser().
		WithRecording(func(q *ent.RecordingQuery) { q.WithRoom() }).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	still, err := r.worthTelling(ctx, m)
	if err != nil {
		return err
	}
	if !still {
		return r.settleMail(ctx, m, recordingmail.StatusWithdrawn)
	}
	select {
	case r.sending <- struct{}{}:
		defer func() { <-r.sending }()
	default:
		return job.Snooze(mailQueueWait)
	}
	said := r.send(ctx, m)
	failpoint.Here("mail taken, not noted")
	status := fate(said, r.now().Sub(m.CreateTime))
	if said != nil {
		r.logMail(ctx, m, status, said)
	}
	if status != recordingmail.StatusWaiting {
		return r.settleMail(ctx, m, status)
	}
	mailed.WithLabelValues(status.String()).Inc()
	return orSnooze(r.db.RecordingMail.UpdateOne(m).AddTries(1).SetUpdateTime(r.now()).Exec(ctx), mailWait(m.Tries+1))
}

func orSnooze(err error, d time.Duration) error {
	if err != nil {
		return err
	}
	return job.Snooze(d)
}

// waitingMail is a mail of which nothing is settled.
func waitingMail(id uuid.UUID) predicate.RecordingMail {
	return recordingmail.And(recordingmail.ID(id), recordingmail.StatusEQ(recordingmail.StatusWaiting))
}

// worthTelling says whether the recording is still there, and the reader still
// owns it.
func (r *Recordings) worthTelling(ctx context.Context, m *ent.RecordingMail) (bool, error) {
	rec := m.Edges.Recording
	if rec.DeleteTime != nil || rec.ExpireTime != nil && !rec.ExpireTime.After(r.now()) {
		return false, nil
	}
	whose := recordingaccess.And(recordingaccess.UserIDIsNil(), recordingaccess.Email(m.Email))
	if m.UserID != nil {
		whose = recordingaccess.Or(whose, recordingaccess.UserID(*m.UserID))
	}
	return r.db.RecordingAccess.Query().Where(recordingaccess.RecordingID(rec.ID), recordingaccess.RoleEQ(recordingaccess.RoleOwner), whose).Exist(ctx)
}

// errNoServer is as if the server were away: the setting may come again.
var errNoServer = errors.New("no mail server is set: see --mail-url")

// send writes the mail for its reader and hands it over.
func (r *Recordings) send(ctx context.Context, m *ent.RecordingMail) error {
	if r.config.Mail == nil {
		return errNoServer
	}
	rec, name := m.Edges.Recording, ""
	who, err := r.addressee(ctx, m)
	if err != nil {
		return err
	}
	if who != nil {
		name = who.FullName
	}
	content, err := r.config.Languages.RecordingReady(r.reader(who), mail.RecordingReady{
		RoomName: rec.Edges.Room.Name, Start: startOf(rec), Duration: time.Duration(rec.DurationMs) * time.Millisecond,
		Link: r.config.ConsoleURL + "/recordings/" + rec.ID.String(), Days: daysLeft(rec.ExpireTime, r.now()),
	})
	if err != nil {
		return fmt.Errorf("write a mail: %w", err)
	}
	return r.config.Mail.Send(ctx, mail.Message{
		ID: r.config.Mail.MessageID(uuid.NewSHA1(rec.ID, []byte(m.Email)).String()), To: m.Email, ToName: name, Content: content,
	})
}

// addressee is the user to whom a mail goes: also one who has signed in since an
// access was granted to their address. Nil if there is none, or more than one.
func (r *Recordings) addressee(ctx context.Context, m *ent.RecordingMail) (*ent.User, error) {
	if m.Edges.User != nil {
		return m.Edges.User, nil
	}
	users, err := r.db.User.Query().Where(user.Email(m.Email)).Limit(2).All(ctx)
	if err != nil || len(users) != 1 {
		return nil, err
	}
	return users[0], nil
}

// settleMail notes what became of a mail for good; after the last, that the
// owners were told.
func (r *Recordings) settleMail(ctx context.Context, m *ent.RecordingMail, status recordingmail.Status) error {
	err := r.inRoom(ctx, m.Edges.Recording.RoomID, func(tx *db.Tx, _ *ent.Room) error {
		if err := tx.RecordingMail.UpdateOneID(m.ID).SetStatus(status).SetUpdateTime(r.now()).Exec(ctx); err != nil {
			return err
		}
		told, err := tx.RecordingMail.Query().Where(recordingmail.RecordingID(m.RecordingID)).
			Select(recordingmail.FieldStatus).Strings(ctx)
		if err != nil || !allTold(told) {
			return err
		}
		return tx.Recording.Update().Where(entrecording.ID(m.RecordingID), entrecording.NotifyTimeIsNil()).
			SetNotifyTime(r.now()).SetUpdateTime(r.now()).Exec(ctx)
	})
	if ent.IsNotFound(err) { // the recording was deleted meanwhile, and this with it
		return nil
	}
	if err == nil {
		mailed.WithLabelValues(status.String()).Inc()
	}
	return err
}

// logMail says once that a mail does not leave, and what came of that. Of whom it
// was for it has the user's id.
func (r *Recordings) logMail(ctx context.Context, m *ent.RecordingMail, status recordingmail.Status, said error) {
	level := slog.LevelError
	if status == recordingmail.StatusWaiting {
		if m.Tries > 0 {
			return
		}
		level = slog.LevelWarn
	}
	userID := ""
	if m.UserID != nil {
		userID = m.UserID.String()
	}
	r.log.Log(ctx, level, "a mail about a recording was not sent", slog.String("outcome", status.String()),
		slog.String("recording_id", m.RecordingID.String()), slog.String("user_id", userID), slog.Any("error", said))
}
