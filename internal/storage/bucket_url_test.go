package storage_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
)

// TestBucketWritesAsItsURLSays: what the URL says of encryption is said with each file,
// wherever the keys are from.
func TestBucketWritesAsItsURLSays(t *testing.T) {
	u, err := url.Parse(storagetest.S3(t, ""))
	require.NoError(t, err)
	q := u.Query()
	gateway, err := url.Parse(q.Get("endpoint"))
	require.NoError(t, err)
	var said atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			said.Store(r.Header.Get("X-Amz-Server-Side-Encryption"))
		}
		httputil.NewSingleHostReverseProxy(gateway).ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	q.Set("endpoint", proxy.URL)
	q.Set("ssetype", "AES256")
	u.RawQuery = q.Encode()
	for name, c := range map[string]storage.Config{
		"keys of the environment": {URL: u.String()},
		"keys of the settings":    {URL: u.String(), AccessKey: storagetest.AccessKey, SecretKey: storagetest.SecretKey},
	} {
		t.Run(name, func(t *testing.T) {
			said.Store("")
			s := openStore(t, c)
			require.NoError(t, s.Write(t.Context(), "film.mp4", strings.NewReader("0123456789")))
			require.Equal(t, "AES256", said.Load())
		})
	}
}

// TestSignedHeadersOfAnyFolder: a folder of ours may have any name.
func TestSignedHeadersOfAnyFolder(t *testing.T) {
	s := openStore(t, storage.Config{URL: storagetest.S3(t, "") + "&prefix=" + url.QueryEscape("our réunions+1/")})
	require.NoError(t, s.Write(t.Context(), "room/a.mp4", strings.NewReader("0123456789")))
	signed, err := s.SignedURL(t.Context(), "room/a.mp4", storage.Link{Expiry: time.Minute})
	require.NoError(t, err)
	a, body := get(t, nil, signed)
	require.Equal(t, http.StatusOK, a.StatusCode, body)
	bare, _, _ := strings.Cut(signed, "?")
	h, err := s.SignedHeaders(t.Context(), "room/a.mp4")
	require.NoError(t, err)
	a, body = get(t, h, bare)
	require.Equal(t, http.StatusOK, a.StatusCode, body)
}
