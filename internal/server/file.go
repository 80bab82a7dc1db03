package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

// files serves a folder's files to whoever has a link to one: its signature is
// all that is asked for. A file that moved to the archive since is shown the way to.
func files(log *slog.Logger, store storage.Store) http.Handler {
	folder := storage.FolderOf(store)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.PathValue("key")
		link, err := folder.Verify(key, r.URL.Query())
		if err != nil {
			answer(w, http.StatusForbidden, storage.ErrLink.Message)
			return
		}
		content, file, err := folder.Seek(r.Context(), key)
		if errors.Is(err, storage.ErrNotFound) {
			if moved, ok := movedTo(r.Context(), store, key, link); ok {
				http.Redirect(w, r, moved, http.StatusFound) //nolint:gosec // to the archive, by a link that was signed here
				return
			}
			answer(w, http.StatusNotFound, storage.ErrNotFound.Message)
			return
		}
		if err != nil {
			log.ErrorContext(r.Context(), "could not open a file", "key", key, "error", err)
			answer(w, http.StatusServiceUnavailable, storage.ErrUnavailable.Message)
			return
		}
		defer func() { _ = content.Close() }()
		h := w.Header()
		h.Set("Content-Type", file.ContentType)
		h.Set("Content-Disposition", storage.Disposition(cmp.Or(link.Name, path.Base(key)), link.Inline))
		h.Set("Cache-Control", storage.CacheControl)
		h.Set("X-Content-Type-Options", "nosniff")
		// It is no page, and can do nothing as one of ours.
		h.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; sandbox")
		http.ServeContent(w, r, "", file.ModTime, content)
	})
}

// movedTo is the link to a file's new place for as long as the old one was good.
func movedTo(ctx context.Context, store storage.Store, key string, link storage.Link) (string, bool) {
	spool, ok := store.(*storage.Spool)
	if !ok {
		return "", false
	}
	to, err := spool.Archived(ctx, key, link)
	return to, err == nil
}
