package storage

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strconv"
)

// Place is where a store's URL leads, for who writes there by themselves.
type Place struct {
	Folder string // of a machine; all else is of a bucket

	Bucket    string
	Region    string
	Endpoint  string // "" for AWS
	Prefix    string // what the store puts before each key
	PathStyle bool   // the bucket is in the URL's path, not in its host
}

// Parameters of a bucket's URL. All but ours are gocloud.dev's.
const (
	paramPublic    = "public_endpoint" // ours
	paramPrefix    = "prefix"          // ours too, so that it is in one place
	paramRegion    = "region"
	paramEndpoint  = "endpoint"
	paramPathStyle = "use_path_style"

	paramOldPathStyle = "s3ForcePathStyle" // the same, and it wins
)

// PlaceOf reads the URL of a store.
func PlaceOf(raw string) (Place, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Place{}, errors.New("the store's URL cannot be read") // without it: there may be a secret in it
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" || !path.IsAbs(u.Path) || u.RawQuery != "" {
			return Place{}, errors.New("a folder is file:/// and an absolute path")
		}
		return Place{Folder: u.Path}, nil
	case "s3":
		return bucketPlace(u)
	}
	return Place{}, fmt.Errorf("a store is file:///… or s3://…, not %q", u.Scheme)
}

func bucketPlace(u *url.URL) (Place, error) {
	q := u.Query()
	if u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		return Place{}, errors.New("a bucket is s3://name?region=…, its keys are told apart from the URL, and a folder in it is a parameter, prefix=…")
	}
	for _, name := range []string{paramEndpoint, paramPublic} {
		if at, err := url.Parse(q.Get(name)); q.Has(name) && (err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http") {
			return Place{}, fmt.Errorf("%s is a URL, as https://minio.example.org", name)
		}
	}
	style, err := strconv.ParseBool(cmp.Or(q.Get(paramOldPathStyle), q.Get(paramPathStyle), "false"))
	if err != nil {
		return Place{}, fmt.Errorf("%s is true or false", paramPathStyle)
	}
	p := Place{Bucket: u.Host, Region: q.Get(paramRegion), Endpoint: q.Get(paramEndpoint), Prefix: q.Get(paramPrefix), PathStyle: style}
	if p.Prefix != "" && (p.Prefix[len(p.Prefix)-1] != '/' || checkKey(p.Prefix+"x") != nil) {
		return Place{}, fmt.Errorf("%s is a folder, with a slash at its end", paramPrefix)
	}
	return p, nil
}
