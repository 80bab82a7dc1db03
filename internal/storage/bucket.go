package storage

import (
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/jonboulle/clockwork"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"
)

// Bucket is a store in S3, or in what speaks like it.
type Bucket struct {
	blob   *blob.Bucket
	public *blob.Bucket // the same as a browser reaches it
	clock  clockwork.Clock
}

func openBucket(ctx context.Context, u *url.URL, c Config) (*Bucket, error) {
	q := u.Query()
	endpoint := q.Get(paramPublic)
	q.Del(paramPublic)
	b, err := openBlob(ctx, u, q, c)
	if err != nil {
		return nil, err
	}
	bucket := &Bucket{b, b, c.Clock}
	if endpoint != "" {
		q.Set(paramEndpoint, endpoint)
		if bucket.public, err = openBlob(ctx, u, q, c); err != nil {
			_ = b.Close()
			return nil, err
		}
	}
	return bucket, nil
}

func openBlob(ctx context.Context, u *url.URL, q url.Values, c Config) (*blob.Bucket, error) {
	at, prefix := *u, q.Get(paramPrefix)
	q = maps.Clone(q)
	q.Del(paramPrefix)
	at.RawQuery = q.Encode()
	var opener s3blob.URLOpener // keeps what the URL says of how to write
	b, err := opener.OpenBucketURL(ctx, &at)
	if err == nil && !hasRegion(b) {
		_ = b.Close()
		return nil, errRegion
	}
	if err == nil && c.AccessKey != "" {
		b, err = withKeys(ctx, b, u.Host, c, opener.Options)
	}
	if err != nil || prefix == "" {
		return b, err
	}
	return blob.PrefixedBucket(b, prefix), nil
}

var errRegion = errors.New("a bucket has a region: say region=… in its URL, for one that is not of AWS too")

// hasRegion is whether the URL or the environment says where a bucket is; nothing
// can be signed without.
func hasRegion(b *blob.Bucket) bool {
	var client *s3.Client
	return b.As(&client) && client.Options().Region != ""
}

// withKeys opens a bucket once more, with keys that do not come from the
// environment.
func withKeys(ctx context.Context, b *blob.Bucket, name string, c Config, as s3blob.Options) (*blob.Bucket, error) {
	defer func() { _ = b.Close() }()
	var client *s3.Client
	if !b.As(&client) {
		return nil, errors.New("not a bucket of S3")
	}
	o := client.Options()
	o.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}, nil
	}))
	return s3blob.OpenBucket(ctx, s3.New(o), name, &as)
}

func bucketError(err error) error {
	switch {
	case err == nil:
		return nil
	case gcerrors.Code(err) == gcerrors.NotFound:
		return ErrNotFound
	}
	return ErrUnavailable.Because(err)
}

// Stat implements Store.
func (b *Bucket) Stat(ctx context.Context, key string) (File, error) {
	if err := checkKey(key); err != nil {
		return File{}, err
	}
	a, err := b.blob.Attributes(ctx, key)
	if err != nil {
		return File{}, bucketError(err)
	}
	f := File{Key: key, Size: a.Size, ContentType: a.ContentType, ModTime: a.ModTime.UTC()}
	if t := f.ContentType; t == "" || strings.HasSuffix(t, "/octet-stream") {
		f.ContentType = contentType(key)
	}
	return f, nil
}

// Open implements Store.
func (b *Bucket) Open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	r, err := b.blob.NewRangeReader(ctx, key, offset, length, nil)
	if err != nil {
		return nil, bucketError(err)
	}
	return r, nil
}

// Write implements Store.
func (b *Bucket) Write(ctx context.Context, key string, r io.Reader) error {
	if err := checkKey(key); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := b.blob.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType(key)})
	if err != nil {
		return bucketError(err)
	}
	if _, err := io.Copy(w, r); err != nil {
		cancel() // or Close would keep half a file
		_ = w.Close()
		return bucketError(err)
	}
	err = w.Close()
	if gcerrors.Code(err) == gcerrors.NotFound { // the bucket itself
		return ErrUnavailable.Because(err)
	}
	return bucketError(err)
}

// Delete implements Store.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := bucketError(b.blob.Delete(ctx, key)); !errors.Is(err, ErrNotFound) {
		return err
	}
	return nil
}

// List implements Store.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		objects := b.blob.List(&blob.ListOptions{Prefix: prefix})
		for {
			o, err := objects.Next(ctx)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(File{}, bucketError(err))
				return
			}
			if !yield(File{Key: o.Key, Size: o.Size, ContentType: contentType(o.Key), ModTime: o.ModTime.UTC()}, nil) {
				return
			}
		}
	}
}

// SignedURL implements Store: a URL of the bucket, which answers with the
// headers that a folder's files have, too.
func (b *Bucket) SignedURL(ctx context.Context, key string, l Link) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	if err := l.check(); err != nil {
		return "", err
	}
	u, err := b.public.SignedURL(ctx, key, &blob.SignedURLOptions{Expiry: l.Expiry, BeforeSign: func(as func(any) bool) error {
		var in *s3.GetObjectInput
		if !as(&in) {
			return errors.New("not a bucket of S3")
		}
		in.ResponseContentDisposition = aws.String(Disposition(cmp.Or(l.Name, path.Base(key)), l.Inline))
		in.ResponseContentType = aws.String(contentType(key))
		in.ResponseCacheControl = aws.String(CacheControl)
		return nil
	}})
	return u, bucketError(err)
}

// CacheControl is for answers with a file in them.
const CacheControl = "private, no-store"

// unsignedPayload says that the body is no part of what is signed; S3 wants it said.
const (
	payloadHeader   = "X-Amz-Content-Sha256"
	unsignedPayload = "UNSIGNED-PAYLOAD"
)

// SignedHeaders implements Store: they are good for a GET of the bucket's own
// URL of the file, with any Range, for a quarter of an hour.
func (b *Bucket) SignedHeaders(ctx context.Context, key string) (http.Header, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	u, err := b.blob.SignedURL(ctx, key, nil)
	if err != nil {
		return nil, bucketError(err)
	}
	bare, _, _ := strings.Cut(u, "?")
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, bare, http.NoBody)
	if err != nil {
		return nil, err
	}
	var client *s3.Client
	if !b.blob.As(&client) {
		return nil, errors.New("not a bucket of S3")
	}
	keys, err := client.Options().Credentials.Retrieve(ctx)
	if err != nil {
		return nil, ErrUnavailable.Because(err)
	}
	r.Header.Set(payloadHeader, unsignedPayload)
	plain := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true } // S3 escapes a path once
	err = v4.NewSigner(plain).SignHTTP(ctx, keys, r, unsignedPayload, "s3", client.Options().Region, b.clock.Now())
	return r.Header, err
}

// Close implements Store.
func (b *Bucket) Close() error {
	err := b.blob.Close()
	if b.public != b.blob {
		err = errors.Join(err, b.public.Close())
	}
	return err
}
