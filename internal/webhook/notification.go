package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/fault"
	"github.com/anteroom-dev/anteroom/internal/storage"
)

// ErrStorageToken says that a store's notification has not the token that was
// configured, or that none was.
var ErrStorageToken = fault.New(fault.Unauthenticated, "storage_token_invalid", "the token of this notification is not valid here")

// Witnessed is told which files a store says are there. It may hear the same
// again and in any order.
type Witnessed func(ctx context.Context, found []storage.Witness) error

// Notifications takes what stores tell. They are no events: nothing hangs on
// them, so none is kept.
type Notifications struct {
	token [sha256.Size]byte
	on    bool // whether there is a token
	tell  Witnessed
}

// NewNotifications makes the intake of those that are posted with a token; with
// the empty one all are refused.
func NewNotifications(token string, tell Witnessed) *Notifications {
	return &Notifications{sha256.Sum256([]byte(token)), token != "", tell}
}

// Receive takes a store's POST.
func (n *Notifications) Receive(ctx context.Context, header http.Header, body []byte) error {
	if !n.admits(header) {
		received.WithLabelValues("storage", "", "refused").Inc()
		return ErrStorageToken
	}
	found, err := storage.ParseNotification(body)
	if err != nil {
		received.WithLabelValues("storage", "", "refused").Inc()
		return err
	}
	return n.Take(ctx, found)
}

// Take tells of files, whichever way that came.
func (n *Notifications) Take(ctx context.Context, found []storage.Witness) error {
	outcome := ignored
	if len(found) > 0 {
		outcome = applied
		if err := n.tell(ctx, found); err != nil {
			received.WithLabelValues("storage", "", string(failed)).Inc()
			if db.IsAway(err) {
				return ErrAway.Because(err)
			}
			return err
		}
	}
	received.WithLabelValues("storage", "", string(outcome)).Inc()
	return nil
}

// admits compares hashes, so that not even the token's length can be measured.
func (n *Notifications) admits(header http.Header) bool {
	told := sha256.Sum256([]byte(tokenIn(header)))
	return subtle.ConstantTimeCompare(told[:], n.token[:]) == 1 && n.on
}

// tokenIn finds a bearer token, or the password of those who can send no other
// header than the one that a URL with a password makes.
func tokenIn(header http.Header) string {
	values := header.Values("Authorization")
	if len(values) != 1 {
		return ""
	}
	if scheme, token, _ := strings.Cut(values[0], " "); strings.EqualFold(scheme, "Bearer") {
		return token
	}
	_, password, _ := (&http.Request{Header: header}).BasicAuth()
	return password
}
