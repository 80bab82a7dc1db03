package storage

import (
	"cmp"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"path"
	"strconv"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/anteroom-dev/anteroom/internal/fault"
)

// ErrLink says that a link to a file was not made here, was changed, or is too
// old.
var ErrLink = fault.New(fault.Denied, "invalid_link", "this link is not valid, or no longer: ask for a new one")

// FilesPath is where Anteroom serves a folder's files, each under its key.
const FilesPath = "/files/"

// The parameters of a signed URL.
const (
	paramExpires   = "expires" // Unix seconds
	paramName      = "name"
	paramInline    = "inline"
	paramSignature = "signature"
)

// signer makes and checks links: a MAC over the key and all that the link says.
type signer struct {
	key   []byte
	base  string
	clock clockwork.Clock
}

func newSigner(c Config) signer {
	key, err := hkdf.Key(sha256.New, c.Secret, nil, "anteroom file link", sha256.Size)
	if err != nil {
		panic(err) // only for a length that SHA-256 cannot give
	}
	return signer{key, c.PublicURL, c.Clock}
}

func (s signer) url(key string, l Link) (string, error) {
	if err := l.check(); err != nil {
		return "", err
	}
	u, err := url.Parse(s.base)
	if err != nil {
		return "", err
	}
	q := url.Values{
		paramExpires: {strconv.FormatInt(s.clock.Now().Add(l.Expiry).Unix(), 10)},
		paramName:    {fileName(cmp.Or(l.Name, path.Base(key)))},
		paramInline:  {strconv.FormatBool(l.Inline)},
	}
	q.Set(paramSignature, base64.RawURLEncoding.EncodeToString(s.mac(key, q)))
	u = u.JoinPath(FilesPath) // a key's own characters are escaped, not cleaned
	u.Path += key
	u.RawPath, u.RawQuery = "", q.Encode()
	return u.String(), nil
}

// verify gives back what was signed.
func (s signer) verify(key string, q url.Values) (Link, error) {
	told, err := base64.RawURLEncoding.Strict().DecodeString(q.Get(paramSignature))
	if err != nil || !hmac.Equal(told, s.mac(key, q)) {
		return Link{}, ErrLink
	}
	expires, err := strconv.ParseInt(q.Get(paramExpires), 10, 64)
	left := time.Unix(expires, 0).Sub(s.clock.Now())
	if err != nil || left <= 0 {
		return Link{}, ErrLink
	}
	return Link{Expiry: left, Name: q.Get(paramName), Inline: q.Get(paramInline) == "true"}, nil
}

// mac covers the encoded pairs, in which nothing can be taken for anything else.
func (s signer) mac(key string, q url.Values) []byte {
	m := hmac.New(sha256.New, s.key)
	m.Write([]byte(url.Values{
		"key": {key}, paramExpires: {q.Get(paramExpires)}, paramName: {q.Get(paramName)}, paramInline: {q.Get(paramInline)},
	}.Encode()))
	return m.Sum(nil)
}
