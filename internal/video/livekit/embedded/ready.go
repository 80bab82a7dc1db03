package embedded

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
)

// pollInterval is how often a starting LiveKit is asked.
const pollInterval = 20 * time.Millisecond

// awaitAnswer asks until LiveKit says that it is well and takes the key. Without
// the key it could be another program's LiveKit that took our port.
func awaitAnswer(ctx context.Context, url, key, secret string) error {
	token, err := auth.NewAccessToken(key, secret).
		SetVideoGrant(&auth.VideoGrant{RoomList: true}).
		SetValidFor(startTime + time.Minute).
		ToJWT()
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		if answers(ctx, client, url, token) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answers asks for LiveKit's health, then for its rooms, which takes its Redis too.
func answers(ctx context.Context, client *http.Client, url, token string) bool {
	return succeeds(ctx, client, http.MethodGet, url, "") &&
		succeeds(ctx, client, http.MethodPost, url+"/twirp/livekit.RoomService/ListRooms", token)
}

func succeeds(ctx context.Context, client *http.Client, method, url, token string) bool {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader("{}"))
	if err != nil {
		return false
	}
	if token != "" {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
