package server

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
)

const (
	// webhookType is what LiveKit says that its webhooks are.
	webhookType = "application/webhook+json"
	// astrayInterval is how seldom the log tells of them: anybody can post some.
	astrayInterval = 10 * time.Second
	// maxAstrayPath is how much of a path is told, in bytes.
	maxAstrayPath = 100
)

// astray tells of webhooks that come to another path than theirs: that is how a wrong
// URL in LiveKit's configuration looks from here.
func astray(log *slog.Logger, next http.Handler) http.Handler {
	seldom := rate.Sometimes{Interval: astrayInterval}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Content-Type"), webhookType) && r.URL.Path != anteroomv1connect.WebhookServiceReceiveLiveKitProcedure {
			seldom.Do(func() {
				log.WarnContext(r.Context(), "a webhook came to a path that takes none",
					slog.String("path", r.URL.Path[:min(len(r.URL.Path), maxAstrayPath)]), slog.String("right", anteroomv1connect.WebhookServiceReceiveLiveKitProcedure))
			})
		}
		next.ServeHTTP(w, r)
	})
}
