package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

const (
	// auditAtOnce is how many files, or rows, are compared together.
	auditAtOnce = 500
	// auditQuestions is how many questions the store is asked at once.
	auditQuestions = 16
)

// Audit compares the store with the tables. It changes nothing, may run beside the
// program, and holds no more than a page of either in memory.
type Audit struct {
	DB     *db.DB
	Store  storage.Store
	Before time.Time // what is younger may still be being written, and is left out
	// Found is told of each thing that does not match; an error ends the audit.
	Found func(Mismatch) error
	// Progress is told now and then what was looked at; may be nil.
	Progress func(Audited)
}

// Mismatch is a file without a row, or a row without a file.
type Mismatch struct {
	Key       string
	Recording uuid.UUID // whose row, or whom the key names; zero for none
	File      bool      // there is a file, and no row; else it is the other way round
	Size      int64     // of the file, in bytes
	Time      time.Time // when the file was written, or the row
}

// Audited is how much was looked at and found.
type Audited struct {
	Files, Rows                      int
	FilesWithoutRow, RowsWithoutFile int
}

// Run goes through all files and then all rows.
func (a Audit) Run(ctx context.Context) (Audited, error) {
	var done Audited
	if err := a.files(ctx, &done); err != nil {
		return done, fmt.Errorf("look for files without a row: %w", err)
	}
	if err := a.rows(ctx, &done); err != nil {
		return done, fmt.Errorf("look for rows without a file: %w", err)
	}
	return done, nil
}

func (a Audit) tell(done *Audited, m Mismatch) error {
	if m.File {
		done.FilesWithoutRow++
	} else {
		done.RowsWithoutFile++
	}
	return a.Found(m)
}

func (a Audit) progress(done *Audited) {
	if a.Progress != nil {
		a.Progress(*done)
	}
}

// files looks for files that no row names.
func (a Audit) files(ctx context.Context, done *Audited) error {
	page := make([]storage.File, 0, auditAtOnce)
	for f, err := range a.Store.List(ctx, "") {
		if err != nil {
			return err
		}
		if page = append(page, f); len(page) == auditAtOnce {
			if err := a.compare(ctx, page, done); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	return a.compare(ctx, page, done)
}

// compare finds those of some files that nobody knows of: neither as a file nor as
// what a recorder was asked for, which may have left a part of one. What is being
// recorded may be written under another name than was asked for.
func (a Audit) compare(ctx context.Context, page []storage.File, done *Audited) error {
	defer func() { a.progress(done) }()
	done.Files += len(page)
	var keys []string
	var ids []uuid.UUID
	for _, f := range page {
		keys = append(keys, f.Key)
		if id, err := storage.RecordingID(f.Key); err == nil {
			ids = append(ids, id)
		}
	}
	known, err := a.known(ctx, keys)
	if err != nil {
		return err
	}
	made, err := a.DB.Recording.Query().Where(entrecording.IDIn(db.Padded(ids)...), isLive).IDs(ctx)
	if err != nil {
		return err
	}
	busy := map[uuid.UUID]bool{}
	for _, id := range made {
		busy[id] = true
	}
	for _, f := range page {
		id, _ := storage.RecordingID(f.Key)
		if known[f.Key] || busy[id] || f.ModTime.After(a.Before) {
			continue
		}
		if err := a.tell(done, Mismatch{Key: f.Key, Recording: id, File: true, Size: f.Size, Time: f.ModTime}); err != nil {
			return err
		}
	}
	return nil
}

func (a Audit) known(ctx context.Context, keys []string) (map[string]bool, error) {
	known := map[string]bool{}
	if len(keys) == 0 {
		return known, nil
	}
	keys = db.Padded(keys)
	files, err := a.DB.RecordingFile.Query().Where(recordingfile.KeyIn(keys...)).Select(recordingfile.FieldKey).Strings(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := a.DB.Capture.Query().Where(capture.PathIn(keys...)).Select(capture.FieldPath).Strings(ctx)
	for _, key := range append(files, asked...) {
		known[key] = true
	}
	return known, err
}

// rows looks for rows whose file is not in the store: not of what was deleted, nor
// of what is left to the store's own rules.
func (a Audit) rows(ctx context.Context, done *Audited) error {
	for after := uuid.Nil; ; {
		page, err := a.DB.RecordingFile.Query().Where(
			recordingfile.IDGT(after), recordingfile.CreateTimeLTE(a.Before),
			recordingfile.HasRecordingWith(entrecording.DeleteTimeIsNil(), entrecording.ExpiredTimeIsNil(), entrecording.Not(isLive)),
		).Order(recordingfile.ByID()).Limit(auditAtOnce).All(ctx)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].ID
		gone, err := a.gone(ctx, page)
		if err != nil {
			return err
		}
		done.Rows += len(page)
		for n, f := range page {
			if !gone[n] {
				continue
			}
			if err := a.tell(done, Mismatch{Key: f.Key, Recording: f.RecordingID, Time: f.CreateTime}); err != nil {
				return err
			}
		}
		a.progress(done)
	}
}

// gone asks the store for each of some files.
func (a Audit) gone(ctx context.Context, page []*ent.RecordingFile) ([]bool, error) {
	gone := make([]bool, len(page))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(auditQuestions)
	for n, f := range page {
		group.Go(func() error {
			_, err := a.Store.Stat(ctx, f.Key)
			if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrKey) {
				// What was deleted between the two looks is no mismatch.
				gone[n], err = a.DB.RecordingFile.Query().Where(recordingfile.ID(f.ID),
					recordingfile.HasRecordingWith(entrecording.DeleteTimeIsNil(), entrecording.ExpiredTimeIsNil())).Exist(ctx)
			}
			return err
		})
	}
	return gone, group.Wait()
}
