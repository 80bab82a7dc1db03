package rpc

import (
	"net/http"
	"time"
)

// writeTimeout is how long a client may leave a stream's messages lying.
const writeTimeout = 30 * time.Second

// impatient gives every write of an answer a limit, since a stream has none: a
// client that has stopped reading would be kept for ever.
func impatient(next http.Handler, limit time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&impatientWriter{w, http.NewResponseController(w), limit}, r)
	})
}

type impatientWriter struct {
	http.ResponseWriter
	control *http.ResponseController
	limit   time.Duration
}

// Write implements http.ResponseWriter.
func (w *impatientWriter) Write(b []byte) (int, error) {
	w.begin()
	defer w.end()
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (w *impatientWriter) Flush() {
	w.begin()
	defer w.end()
	_ = w.control.Flush() // the next write tells
}

// Unwrap is for http.ResponseController.
func (w *impatientWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *impatientWriter) begin() { _ = w.control.SetWriteDeadline(time.Now().Add(w.limit)) }

// end takes the limit back: HTTP/2 would end a stream that is only quiet.
func (w *impatientWriter) end() { _ = w.control.SetWriteDeadline(time.Time{}) }
