package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"syscall"
)

// Folder is a store on this machine. Nothing outside of it can be reached: not
// by a key, and not by a link that somebody put into it.
type Folder struct {
	root *os.Root
	sign signer
}

func openFolder(path string, c Config) (*Folder, error) {
	if err := os.MkdirAll(path, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Folder{root, newSigner(c)}, nil
}

// Stat implements Store.
func (f *Folder) Stat(_ context.Context, key string) (File, error) {
	if err := checkKey(key); err != nil {
		return File{}, err
	}
	i, err := f.root.Stat(key)
	if err != nil {
		return File{}, folderError(err)
	}
	if !i.Mode().IsRegular() {
		return File{}, ErrNotFound
	}
	return describe(key, i), nil
}

func describe(key string, i fs.FileInfo) File {
	return File{Key: key, Size: i.Size(), ContentType: contentType(key), ModTime: i.ModTime().UTC()}
}

// folderError: what leads nowhere, or outside, is not there.
func folderError(err error) error {
	if err == nil {
		return nil
	}
	var number syscall.Errno
	outside := errors.As(err, new(*fs.PathError)) && !errors.As(err, &number) && !errors.Is(err, fs.ErrClosed)
	if outside || errors.Is(err, fs.ErrNotExist) || number == syscall.ENOTDIR || number == syscall.ELOOP {
		return ErrNotFound.Because(err)
	}
	return ErrUnavailable.Because(err)
}

// Open implements Store.
func (f *Folder) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	file, _, err := f.Seek(ctx, key)
	if err != nil {
		return nil, err
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		_ = file.Close()
		return nil, folderError(err)
	}
	if length < 0 {
		return file, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, length), file}, nil
}

// Seek opens a file to read here and there in it.
func (f *Folder) Seek(ctx context.Context, key string) (io.ReadSeekCloser, File, error) {
	// Looked at first, since opening a pipe would wait for its other end.
	if _, err := f.Stat(ctx, key); err != nil {
		return nil, File{}, err
	}
	file, err := f.root.Open(key)
	if err != nil {
		return nil, File{}, folderError(err)
	}
	i, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, File{}, folderError(err)
	}
	return file, describe(key, i), nil
}

// Write implements Store.
func (f *Folder) Write(_ context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := f.root.MkdirAll(path.Dir(key), 0o750); err != nil {
		return folderError(err)
	}
	part := path.Join(path.Dir(key), ".part-"+rand.Text())
	if err := f.fill(part, r); err != nil {
		_ = f.root.Remove(part)
		return err
	}
	if err := f.root.Rename(part, key); err != nil {
		_ = f.root.Remove(part)
		return folderError(err)
	}
	return nil
}

func (f *Folder) fill(name string, r io.Reader) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return folderError(err)
	}
	_, err = io.Copy(file, r)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	return nil
}

// Delete implements Store. A link is removed, not what it leads to. Folders
// stay, since a recorder may be about to write into one.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	i, err := f.root.Lstat(key)
	if err == nil && !i.IsDir() {
		err = f.root.Remove(key)
	}
	if err = folderError(err); errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// List implements Store.
func (f *Folder) List(ctx context.Context, prefix string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		err := fs.WalkDir(f.root.FS(), ".", func(key string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, fs.ErrNotExist): // gone while we looked
				return nil
			case err != nil:
				return err
			case d.IsDir() && !leadsTo(key, prefix):
				return fs.SkipDir
			case !d.Type().IsRegular() || !strings.HasPrefix(key, prefix):
				return nil
			}
			i, err := d.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(describe(key, i), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(File{}, folderError(err))
		}
	}
}

// leadsTo says whether there may be something in a folder whose key begins so.
func leadsTo(folder, prefix string) bool {
	return folder == "." || strings.HasPrefix(folder+"/", prefix) || strings.HasPrefix(prefix, folder+"/")
}

// SignedURL implements Store: a URL of Anteroom's own.
func (f *Folder) SignedURL(_ context.Context, key string, l Link) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	return f.sign.url(key, l)
}

// Verify gives the link behind a URL that SignedURL made for a key, with what
// is left of its time; ErrLink.
func (f *Folder) Verify(key string, query url.Values) (Link, error) {
	if checkKey(key) != nil {
		return Link{}, ErrLink
	}
	return f.sign.verify(key, query)
}

// SignedHeaders implements Store.
func (f *Folder) SignedHeaders(_ context.Context, key string) (http.Header, error) {
	return http.Header{}, checkKey(key)
}

// Close implements Store.
func (f *Folder) Close() error { return f.root.Close() }
