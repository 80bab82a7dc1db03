package rpc

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestImpatient: who does not read is cut off, who reads now and then is not.
func TestImpatient(t *testing.T) {
	const limit = 100 * time.Millisecond
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(protocol, func(t *testing.T) {
			quiet, ended := make(chan struct{}), make(chan struct{})
			s := httptest.NewUnstartedServer(impatient(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				defer close(ended)
				_, _ = w.Write([]byte("first"))
				w.(http.Flusher).Flush()
				<-quiet
				for err := error(nil); err == nil; _, err = w.Write(make([]byte, 1<<16)) {
					w.(http.Flusher).Flush()
				}
			}), limit))
			s.EnableHTTP2 = protocol == "HTTP/2"
			s.StartTLS()
			defer s.Close()
			resp, err := s.Client().Get(s.URL)
			require.NoError(t, err)
			defer func() { _ = resp.Body.Close() }()
			_, err = io.ReadFull(resp.Body, make([]byte, 5))
			require.NoError(t, err)
			<-time.After(3 * limit) // a stream with nothing to say outlives the limit
			close(quiet)
			_, err = io.ReadFull(resp.Body, make([]byte, 1<<20))
			require.NoError(t, err)
			select {
			case <-ended: // though the client is still there
			case <-time.After(10 * time.Second):
				t.Fatal("the write was not cut off")
			}
		})
	}
}
