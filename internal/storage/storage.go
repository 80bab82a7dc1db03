// Package storage keeps the files of recordings: in a folder of this machine,
// in an S3 bucket, or in a folder that is emptied into a bucket. It knows keys
// and files, not what was recorded in them.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// What a store may answer.
var (
	ErrNotFound    = fault.New(fault.NotFound, "file_not_found", "there is no such file")
	ErrKey         = fault.New(fault.Invalid, "invalid_file_key", "this is not the key of a file")
	ErrUnavailable = fault.New(fault.Unavailable, "storage_unavailable", "the store of the recordings does not answer: try again")
)

// File is what a store tells about a file.
type File struct {
	Key         string
	Size        int64 // bytes
	ContentType string
	ModTime     time.Time
}

// Store keeps files under keys. A key is a path without a leading slash; one
// that is none is ErrKey. What a store cannot do now is ErrUnavailable.
type Store interface {
	// Stat describes a file, or answers ErrNotFound.
	Stat(ctx context.Context, key string) (File, error)
	// Open reads length bytes from an offset on, to the end if length is
	// negative; ErrNotFound.
	Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Write makes a file, or replaces it; who reads sees the old one, or the
	// new one whole.
	Write(ctx context.Context, key string, r io.Reader) error
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, key string) error
	// List gives the files whose keys begin so, in any order. An error ends it.
	List(ctx context.Context, prefix string) iter.Seq2[File, error]
	// SignedURL is where a browser gets one file, for a while. Whether the file
	// is there is not looked up.
	SignedURL(ctx context.Context, key string, l Link) (string, error)
	// SignedHeaders are what a reverse proxy has to send along as it fetches one
	// file for somebody: none from a folder, which it reads by itself.
	SignedHeaders(ctx context.Context, key string) (http.Header, error)
	// Close lets go of the store.
	Close() error
}

// Config says which store there is.
type Config struct {
	// URL is file:///folder, or s3://bucket?region=…&endpoint=…&use_path_style=true.
	// public_endpoint, where it differs, is how browsers reach the bucket; prefix
	// is a folder in it.
	URL string
	// AccessKey and SecretKey are the buckets'. Without them they come from where
	// other programs of AWS look, the environment first.
	AccessKey, SecretKey string
	// ArchiveURL, if any, is where a folder's files are moved to in the end.
	ArchiveURL string
	PublicURL  string // Anteroom's own, where it serves a folder's files
	Secret     []byte // of the installation; signs the links to a folder's files
	Clock      clockwork.Clock
}

// Open opens a store, and makes the folder if it is one.
func Open(ctx context.Context, c Config) (Store, error) {
	near, err := open(ctx, c.URL, c)
	if err != nil || c.ArchiveURL == "" {
		return near, err
	}
	folder, ok := near.(*Folder)
	if !ok {
		_ = near.Close()
		return nil, errors.New("only a folder (file:///…) can have an archive")
	}
	far, err := open(ctx, c.ArchiveURL, c)
	if err != nil {
		_ = near.Close()
		return nil, fmt.Errorf("archive: %w", err)
	}
	return NewSpool(folder, far), nil
}

// CheckURL sees that Open knows what to do with a URL. It connects to nobody and makes
// no folder.
func CheckURL(ctx context.Context, raw string) error {
	place, err := PlaceOf(raw)
	if err != nil || place.Folder != "" {
		return err
	}
	store, err := open(ctx, raw, Config{})
	if err != nil {
		return err
	}
	return store.Close()
}

func open(ctx context.Context, raw string, c Config) (Store, error) {
	place, err := PlaceOf(raw)
	if err != nil {
		return nil, err
	}
	if place.Folder != "" {
		return openFolder(place.Folder, c)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	return openBucket(ctx, u, c)
}

// FolderOf is the folder whose files Anteroom has to serve itself; nil if the
// store has none.
func FolderOf(s Store) *Folder {
	switch s := s.(type) {
	case *Folder:
		return s
	case *Spool:
		return s.near
	}
	return nil
}

// In bytes: what S3 allows, and what file systems do.
const (
	maxKey     = 1024
	maxSegment = 255
)

// checkKey refuses whatever might leave a folder, hide in a log or be
// understood in two ways.
func checkKey(key string) error {
	for segment := range strings.SplitSeq(key, "/") {
		if len(segment) > maxSegment {
			return ErrKey
		}
	}
	if len(key) > maxKey || !utf8.ValidString(key) || !fs.ValidPath(key) || key == "." ||
		strings.Contains(key, `\`) || strings.ContainsFunc(key, unicode.IsControl) {
		return ErrKey
	}
	return nil
}
