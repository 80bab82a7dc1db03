package server

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"path"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

// files serves a folder's files to whoever has a link to one: its signature is
// all that is asked for.
func files(log *slog.Logger, folder *storage.Folder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.PathValue("key")
		link, err := folder.Verify(key, r.URL.Query())
		if err != nil {
			answer(w, http.StatusForbidden, storage.ErrLink.Message)
			return
		}
		content, file, err := folder.Seek(r.Context(), key)
		if errors.Is(err, storage.ErrNotFound) {
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
