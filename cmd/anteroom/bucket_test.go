package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	lk "github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// upload is what a recorder does: with what it was told and nothing else.
func upload(to *lk.S3Upload, key string, content []byte) error {
	client := s3.New(s3.Options{
		Region: to.Region, BaseEndpoint: aws.String(to.Endpoint), UsePathStyle: to.ForcePathStyle,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: to.AccessKey, SecretAccessKey: to.Secret}, nil
		}),
	})
	_, err := client.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String(to.Bucket), Key: aws.String(key), Body: bytes.NewReader(content)})
	return err
}

// TestRecordingsInABucket: one setting says to LiveKit's recorder and to Anteroom
// where files are, an S3 server checks all signatures and tells of what it got, and
// links open what they are for and nothing else.
func TestRecordingsInABucket(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { inABucket(t, dbtest.SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { inABucket(t, dbtest.PostgresURL(t)) })
}

func inABucket(t *testing.T, database string) {
	hooks := startProxy(t, "http://127.0.0.1:1") // the store wants somebody there before the program is
	bucket := storagetest.S3(t, strings.Replace(hooks.url, "http://", "http://store:"+urlToken+"@", 1)+anteroomv1connect.WebhookServiceReceiveStorageProcedure)
	// The keys are said, and are not in the environment.
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	flags := storageFlags{
		storeFlags: storeFlags{
			StorageURL: bucket + "&prefix=" + url.QueryEscape("all/recordings/"), StorageAccessKey: storagetest.AccessKey, StorageSecretKey: storagetest.SecretKey,
		},
		StorageLinkLifetime: time.Hour, StorageWebhookToken: urlToken,
	}
	p := start(t, database, func(c *Config) { require.NoError(t, flags.fillStorage(c)) })
	hooks.leadTo(t, p.url)
	recorder := livekittest.StartEgressStandIn(t, p.server.RedisAddr())
	recorder.Upload(upload)
	s := &studio{program: p, play: recorder.Play, bot: p.bot}
	owner := s.as("in-a-bucket")
	_, mine := s.saved(owner)
	_, other := s.saved(owner)
	key := mine.GetFiles()[0].GetKey()
	require.True(t, strings.HasPrefix(key, mine.GetRoom()+"/"+mine.GetId()), "the bucket's folder is no part of it: %s", key)
	await(t, recordingLimit, "the store told of its files", func() bool { return hooks.calls("ReceiveStorage") >= 3 })
	require.NotContains(t, p.log.String(), "storage_token_invalid")

	got, err := owner.recordings.GetDownloadLink(t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: mine.GetId()})
	require.NoError(t, err)
	link := got.GetUrl()
	require.Contains(t, link, "all/recordings/"+key)
	resp, film := s.get(t, link, "")
	require.Equal(t, http.StatusOK, resp.StatusCode, film)
	require.Len(t, film, int(mine.GetFiles()[0].GetSize()))
	require.Contains(t, resp.Header.Get("Content-Disposition"), "attachment")
	require.Equal(t, mine.GetFiles()[0].GetContentType(), resp.Header.Get("Content-Type"))
	resp, part := s.get(t, link, "", "Range", "bytes=3-6")
	require.Equal(t, http.StatusPartialContent, resp.StatusCode)
	require.Equal(t, film[3:7], part)
	bare, _, _ := strings.Cut(link, "?")
	for name, changed := range map[string]string{
		"another key":          strings.Replace(link, mine.GetId(), other.GetId(), 1),
		"to be shown":          strings.Replace(link, "attachment", "inline", 1),
		"for longer":           strings.Replace(link, "X-Amz-Expires=3600", "X-Amz-Expires=36000", 1),
		"without a signature":  bare,
		"the folder's listing": strings.Replace(link, "/all/recordings/"+key, "", 1),
	} {
		require.NotEqual(t, link, changed, name)
		resp, text := s.get(t, changed, "")
		require.Equal(t, http.StatusForbidden, resp.StatusCode, "%s: %s", name, text)
	}
	// The store's clock is the machine's, and nothing tells that it has gone on.
	short, err := p.app.store.SignedURL(t.Context(), key, storage.Link{Expiry: time.Second})
	require.NoError(t, err)
	await(t, recordingLimit, "the link expires", func() bool { resp, _ := s.get(t, short, ""); return resp.StatusCode == http.StatusForbidden })

	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: mine.GetId()})
	require.NoError(t, err)
	s.erased(mine)
	_, err = p.app.store.Stat(t.Context(), key)
	require.Error(t, err)
	_, err = p.app.store.Stat(t.Context(), other.GetFiles()[0].GetKey())
	require.NoError(t, err)
}

// urlToken is one that fits into a URL.
const urlToken = "a-token-of-the-store"
