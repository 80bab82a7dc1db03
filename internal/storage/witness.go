package storage

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrNotification says that a store's message cannot be understood.
var ErrNotification = fault.New(fault.Invalid, "invalid_notification", "this is not a notification of a bucket")

// Witness is a store's word that a file is there now.
type Witness struct {
	Key       string    // with the folder that the store may have put before it
	Size      int64     // bytes; 0 if the store did not say, as for a file in many parts
	ETag      string    // without quotes
	EventTime time.Time // zero if the store did not say
}

// notification is what S3, MinIO and others that speak like S3 post. Types
// that some of them get wrong are read by hand.
type notification struct {
	Records []record
	// What SNS puts around it on its way to SQS.
	Type    string
	Message string
}

type record struct {
	EventName string
	EventTime string
	S3        struct {
		Object struct {
			Key  string
			Size json.RawMessage
			ETag string
		}
	}
}

// ParseNotification gives the files that a notification says were made, in
// its order. What else a store tells is no error, and nothing.
func ParseNotification(body []byte) ([]Witness, error) {
	var n notification
	if err := json.Unmarshal(body, &n); err != nil || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return nil, ErrNotification
	}
	if n.Type == "Notification" && n.Records == nil {
		inner := notification{}
		if err := json.Unmarshal([]byte(n.Message), &inner); err != nil {
			return nil, ErrNotification
		}
		n = inner
	}
	var found []Witness
	for _, r := range n.Records {
		if w, ok := r.witness(); ok {
			found = append(found, w)
		}
	}
	return found, nil
}

func (r record) witness() (Witness, bool) {
	// AWS says ObjectCreated:Put, MinIO s3:ObjectCreated:Put.
	if !strings.HasPrefix(strings.TrimPrefix(r.EventName, "s3:"), "ObjectCreated:") {
		return Witness{}, false
	}
	object := r.S3.Object
	w := Witness{Key: plainKey(object.Key), ETag: strings.Trim(object.ETag, `"`)}
	if checkKey(w.Key) != nil {
		return Witness{}, false
	}
	if n, err := strconv.ParseInt(strings.Trim(string(object.Size), `"`), 10, 64); err == nil && n > 0 {
		w.Size = n
	}
	if t, err := time.Parse(time.RFC3339, r.EventTime); err == nil {
		w.EventTime = t.UTC()
	}
	return w, true
}

// plainKey undoes the encoding of those that encode. Our own keys have no
// character that would be changed by it in vain.
func plainKey(key string) string {
	if plain, err := url.QueryUnescape(key); err == nil {
		key = plain
	}
	return strings.TrimPrefix(key, "/")
}
