package auth_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/internal/auth"
)

// TestAPageIsNotRepeated: what is at a wrong issuer's may be anything, and does not go
// into the log as it is.
func TestAPageIsNotRepeated(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, strings.Repeat("<p>a page</p>\n", 10_000))
	}))
	defer s.Close()
	err := auth.NewProvider(auth.OpenID{Issuer: s.URL, Clock: clockwork.NewRealClock(), Log: slog.New(slog.DiscardHandler)}).Check(t.Context())
	require.ErrorIs(t, err, auth.ErrProvider)
	require.ErrorContains(t, err, "404 Not Found")
	require.NotContains(t, err.Error(), "\n")
	require.Less(t, len(err.Error()), 1000)
}
