package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestPagesElsewhereReadTheNameOfARequest, so that they can tell it to who looks
// into the log.
func TestPagesElsewhereReadTheNameOfARequest(t *testing.T) {
	p := start(t, dbtest.SQLiteURL(t), func(c *Config) { c.SignIn.Origins = []string{"https://app.example.org"} })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/anteroom.v1.RoomService/GetClientConfig", strings.NewReader("{}"))
	require.NoError(t, err)
	r.Header.Set("Origin", "https://app.example.org")
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.NotEmpty(t, resp.Header.Get("X-Request-Id"))
	require.Contains(t, strings.ToLower(resp.Header.Get("Access-Control-Expose-Headers")), "x-request-id")
}
