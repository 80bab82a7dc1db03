package storage

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrChanging says that a file is still being written.
var ErrChanging = fault.New(fault.Precondition, "file_changing", "this file is still being written")

// Spool is a folder where files arrive, and an archive that they are moved to
// one by one. A file is looked for in the folder first: it leaves the folder
// after the archive has it, so that it is always found.
type Spool struct {
	near *Folder
	far  Store
}

// NewSpool makes a spool of two stores, which it closes.
func NewSpool(near *Folder, far Store) *Spool { return &Spool{near, far} }

// Archive moves one file to the archive. It may be asked again and again, and
// may die at any step: then the file is in the folder, in the archive or in
// both, and the next time finishes. Two at once for one key do no harm.
// ErrNotFound if neither has it; ErrChanging if it was written to meanwhile.
func (s *Spool) Archive(ctx context.Context, key string) error {
	err := s.move(ctx, key)
	if errors.Is(err, ErrNotFound) { // moved before, or by somebody faster
		_, err = s.far.Stat(ctx, key)
	}
	return err
}

func (s *Spool) move(ctx context.Context, key string) error {
	file, err := s.near.Stat(ctx, key)
	if err != nil {
		return err
	}
	copied, err := s.copied(ctx, file)
	if err == nil && !copied {
		if err = s.copy(ctx, key); err == nil {
			copied, err = s.copied(ctx, file)
		}
	}
	if err != nil {
		return err
	}
	now, err := s.near.Stat(ctx, key)
	if err != nil {
		return err
	}
	if !copied || now != file {
		return ErrChanging
	}
	return s.near.Delete(ctx, key)
}

// copied says whether the archive has the file as it is: of its size, and not
// older.
func (s *Spool) copied(ctx context.Context, f File) (bool, error) {
	there, err := s.far.Stat(ctx, f.Key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	// Some stores count whole seconds.
	return there.Size == f.Size && there.ModTime.Unix() >= f.ModTime.Unix(), err
}

func (s *Spool) copy(ctx context.Context, key string) error {
	r, err := s.near.Open(ctx, key, 0, -1)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	return s.far.Write(ctx, key, r)
}

// where is the store that has the file now.
func (s *Spool) where(ctx context.Context, key string) (Store, error) {
	_, err := s.near.Stat(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return s.far, nil
	}
	return s.near, err
}

// Stat implements Store.
func (s *Spool) Stat(ctx context.Context, key string) (File, error) {
	f, err := s.near.Stat(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return s.far.Stat(ctx, key)
	}
	return f, err
}

// Open implements Store.
func (s *Spool) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	r, err := s.near.Open(ctx, key, offset, length)
	if errors.Is(err, ErrNotFound) {
		return s.far.Open(ctx, key, offset, length)
	}
	return r, err
}

// Write implements Store: into the folder.
func (s *Spool) Write(ctx context.Context, key string, r io.Reader) error {
	return s.near.Write(ctx, key, r)
}

// Delete implements Store. The archive's file goes first: were it the other way
// round, a file half deleted would look like one that was archived. Not to be
// asked while Archive moves the same file.
func (s *Spool) Delete(ctx context.Context, key string) error {
	if err := s.far.Delete(ctx, key); err != nil {
		return err
	}
	return s.near.Delete(ctx, key)
}

// List implements Store. A file that is in both is told once; only one that moves
// meanwhile may be told twice.
func (s *Spool) List(ctx context.Context, prefix string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		for f, err := range s.near.List(ctx, prefix) {
			if !yield(f, err) || err != nil {
				return
			}
		}
		for f, err := range s.far.List(ctx, prefix) {
			if err == nil {
				if _, missing := s.near.Stat(ctx, f.Key); missing == nil {
					continue
				}
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// Archived is SignedURL for a file that is in the archive by now, or ErrNotFound.
func (s *Spool) Archived(ctx context.Context, key string, l Link) (string, error) {
	if _, err := s.far.Stat(ctx, key); err != nil {
		return "", err
	}
	l.Expiry = max(l.Expiry, time.Second) // what is left of another link's
	return s.far.SignedURL(ctx, key, l)
}

// SignedURL implements Store. One for the folder's file leads on to the archive
// when the file has moved (Archived).
func (s *Spool) SignedURL(ctx context.Context, key string, l Link) (string, error) {
	at, err := s.where(ctx, key)
	if err != nil {
		return "", err
	}
	return at.SignedURL(ctx, key, l)
}

// SignedHeaders implements Store.
func (s *Spool) SignedHeaders(ctx context.Context, key string) (http.Header, error) {
	at, err := s.where(ctx, key)
	if err != nil {
		return nil, err
	}
	return at.SignedHeaders(ctx, key)
}

// Close implements Store.
func (s *Spool) Close() error { return errors.Join(s.near.Close(), s.far.Close()) }
