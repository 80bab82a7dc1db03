package rpc

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

var errPageToken = fault.New(fault.Invalid, "invalid_page_token", "this page token is not one of ours: begin again without it")

const defaultPageSize = 20

// page reads where a list goes on and how many it shows. A token is the id
// after which the page begins; ids sort by time.
func page(token string, size uint32) (after uuid.UUID, limit int, err error) {
	limit = int(size)
	if limit == 0 {
		limit = defaultPageSize
	}
	if token == "" {
		return uuid.Nil, limit, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		after, err = uuid.FromBytes(raw)
	}
	if err != nil {
		return uuid.Nil, 0, errPageToken
	}
	return after, limit, nil
}

// next is the token of the page after the one that ends with this id; "" when
// there is no more.
func next(more bool, last uuid.UUID) string {
	if !more {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(last[:])
}

// pageAfter reads where a list goes on whose keys are no ids: a token is the
// key after which the page begins, nil at the beginning.
func pageAfter(token string, size uint32) (after *string, limit int, err error) {
	limit = int(size)
	if limit == 0 {
		limit = defaultPageSize
	}
	if token == "" {
		return nil, limit, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, keyMark))
	if err != nil || !strings.HasPrefix(token, keyMark) || !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
		return nil, 0, errPageToken
	}
	key := string(raw)
	return &key, limit, nil
}

// keyMark begins tokens of keys, so that the token of an empty key is not empty.
const keyMark = "k"

// nextAfter is the token of the page after the one that ends with this key; ""
// when there is no more.
func nextAfter(more bool, last string) string {
	if !more {
		return ""
	}
	return keyMark + base64.RawURLEncoding.EncodeToString([]byte(last))
}
