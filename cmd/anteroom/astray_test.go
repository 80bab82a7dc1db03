package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
)

// TestAWebhookAtAnotherPathIsTold: a wrong webhook URL at LiveKit that leads here all the
// same is in the log, once in a while.
func TestAWebhookAtAnotherPathIsTold(t *testing.T) {
	const said = "a webhook came to a path that takes none"
	p := start(t, dbtest.SQLiteURL(t))
	post := func(path, kind string) {
		resp, err := http.Post(p.url+path, kind, strings.NewReader("{}"))
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.GreaterOrEqual(t, resp.StatusCode, http.StatusBadRequest)
	}
	post(anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, "application/webhook+json")
	post("/webhook", "application/json")
	require.NotContains(t, p.log.String(), said)
	for range 3 {
		post("/webhook", "application/webhook+json")
	}
	post("/anteroom.v1.WebhookService/ReceiveLivekit", "application/webhook+json")
	require.Equal(t, 1, strings.Count(p.log.String(), said))
	require.Contains(t, p.log.String(), "path=/webhook")
}
