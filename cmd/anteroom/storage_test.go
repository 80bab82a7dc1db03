package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingfile"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/storage/storagetest"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

var operatorIdentity = auth.Identity{Subject: "operator", Email: "operator@example.org", Operator: true}

// TestStorageFlags: what the recorder is told and what is read here agree.
func TestStorageFlags(t *testing.T) {
	base := storageFlags{StorageLinkLifetime: time.Minute}
	fill := func(change func(*storageFlags)) (Config, error) {
		f, c := base, Config{Secret: testSecret}
		change(&f)
		err := f.fillStorage(&c)
		return c, err
	}
	c, err := fill(func(f *storageFlags) { f.StorageURL, f.RecorderFolder = "file:///srv/recordings", "/out" })
	require.NoError(t, err)
	require.Equal(t, livekit.Store{Dir: "/out"}, c.LiveKit.Store)
	require.Equal(t, "file:///srv/recordings", c.Storage.URL)
	require.Equal(t, testSecret, c.Storage.Secret)
	c, err = fill(func(f *storageFlags) {
		f.StorageURL = "s3://films?region=eu-west-3&endpoint=https://minio.example.org&use_path_style=true&prefix=ours/&public_endpoint=https://files.example.org"
		f.StorageAccessKey, f.StorageSecretKey = "key", "secret"
	})
	require.NoError(t, err)
	require.Equal(t, livekit.Store{S3: &livekit.S3{
		Bucket: "films", Region: "eu-west-3", Endpoint: "https://minio.example.org", PathStyle: true, Prefix: "ours/", AccessKey: "key", Secret: "secret",
	}}, c.LiveKit.Store)
	for _, bad := range []func(*storageFlags){
		func(*storageFlags) {},
		func(f *storageFlags) { f.StorageURL = "gs://bucket" },
		func(f *storageFlags) { f.StorageURL = "s3://user:hunter2@bucket?region=x" },
		func(f *storageFlags) { f.StorageURL = "s3://bucket/folder?region=x" },
		func(f *storageFlags) { f.StorageURL = "s3://bucket?region=x&prefix=no-slash" },
		func(f *storageFlags) { f.StorageURL = "s3://bucket?region=x&prefix=../" },
		func(f *storageFlags) { f.StorageURL, f.RecorderFolder = "s3://bucket?region=x", "/out" },
		func(f *storageFlags) { f.StorageURL, f.StorageAccessKey = "s3://bucket?region=x", "key" },
		func(f *storageFlags) { f.StorageURL, f.StorageLinkLifetime = "file:///x", 8*24*time.Hour },
		func(f *storageFlags) { f.StorageURL, f.StorageLinkLifetime = "file:///x", 0 },
		func(f *storageFlags) { f.StorageURL, f.StorageArchiveAfter = "file:///x", -time.Hour },
	} {
		_, err := fill(bad)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

// withArchive gives the program's folder a bucket.
func withArchive(t *testing.T) func(*Config) {
	bucket := storagetest.S3(t, "")
	return func(c *Config) {
		c.Storage.ArchiveURL, c.Recording.ArchiveAfter = bucket, 30*24*time.Hour
	}
}

func TestArchive(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("moved", s.archived)
		t.Run("deleted meanwhile", s.deletedWhileItMoves)
	}, withArchive(t))
}

func (s *studio) archived(t *testing.T) {
	s = s.in(t)
	owner := s.as("archive")
	_, rec := s.saved(owner)
	key := rec.GetFiles()[0].GetKey()
	content, err := os.ReadFile(filepath.Join(s.files, key))
	require.NoError(t, err)
	s.clock().Advance(30*24*time.Hour - time.Minute)
	require.NoError(t, s.app.record.Archive(t.Context()))
	require.FileExists(t, filepath.Join(s.files, key), "not yet")

	s.clock().Advance(2 * time.Minute)
	require.True(t, strings.HasPrefix(s.link(owner, rec, false), s.url))
	require.NoError(t, s.app.record.Archive(t.Context()))
	require.NoFileExists(t, filepath.Join(s.files, key))
	fresh := s.link(owner, rec, false)
	require.False(t, strings.HasPrefix(fresh, s.url), fresh)
	resp, text := s.get(t, fresh, "")
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	require.Equal(t, string(content), text)
	got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.NotNil(t, got.GetRecording().GetFiles()[0].GetArchiveTime())

	folder, err := storage.FolderOf(s.app.store).SignedURL(t.Context(), key, storage.Link{Expiry: time.Minute, Name: "Ä.ogg", Inline: true})
	require.NoError(t, err)
	resp, text = s.get(t, folder, "", "Range", "bytes=2-4")
	require.Equal(t, http.StatusPartialContent, resp.StatusCode, "a link from before leads on: %s", text)
	require.Equal(t, string(content[2:5]), text)
	require.Equal(t, storage.Disposition("Ä.ogg", true), resp.Header.Get("Content-Disposition"))
	resp, _ = s.get(t, strings.Replace(folder, "inline=true", "inline=false", 1), "")
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	resp, _ = s.get(t, s.url+storage.MediaPath+key, s.token(auth.Identity{Subject: "archive", Email: "archive@example.org", FullName: "archive"}))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NotEmpty(t, resp.Header.Get("Authorization"), "the proxy fetches it from the bucket")

	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	s.erased(rec)
	_, err = s.app.store.Stat(t.Context(), key)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

// link is where a file is handed out.
func (s *studio) link(c client, rec *anteroomv1.Recording, inline bool) string {
	s.t.Helper()
	got, err := c.recordings.GetDownloadLink(s.t.Context(), &anteroomv1.GetDownloadLinkRequest{Recording: rec.GetId(), Inline: inline})
	require.NoError(s.t, err)
	return got.GetUrl()
}

// erased waits until nothing is left of a recording.
func (s *studio) erased(rec *anteroomv1.Recording) {
	s.t.Helper()
	await(s.t, recordingLimit, "row and file are gone", func() bool {
		there, err := s.app.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(rec.GetId()))).Exist(s.t.Context())
		require.NoError(s.t, err)
		return !there
	})
}

// deletedWhileItMoves: the process that moved a file died, and the recording is
// deleted before another takes it up.
func (s *studio) deletedWhileItMoves(t *testing.T) {
	s = s.in(t)
	owner := s.as("archive-deleted")
	_, rec := s.saved(owner)
	key := rec.GetFiles()[0].GetKey()
	id := uuid.MustParse(rec.GetFiles()[0].GetId())
	s.app.db.RecordingFile.UpdateOneID(id).SetMoveTime(s.clock().Now()).ExecX(t.Context())
	_, err := owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	s.idle()
	require.FileExists(t, filepath.Join(s.files, key), "what is being moved is not deleted")
	require.NoError(t, s.app.record.Archive(t.Context()))
	require.FileExists(t, filepath.Join(s.files, key), "nor is what was deleted moved")
	s.due("recording.erase")
	s.erased(rec)
	_, err = s.app.store.Stat(t.Context(), key)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

// TestDeletionGivenUp: the store was away for longer than was tried.
func TestDeletionGivenUp(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		_, rec := s.saved(s.as("given-up"))
		id := uuid.MustParse(rec.GetId())
		s.app.db.Recording.UpdateOneID(id).SetDeleteTime(s.clock().Now()).SetUpdateTime(s.clock().Now()).ExecX(t.Context())
		require.NoError(t, s.app.record.Expire(t.Context()))
		s.idle()
		require.FileExists(t, filepath.Join(s.files, rec.GetFiles()[0].GetKey()))
		s.clock().Advance(25 * time.Hour)
		require.NoError(t, s.app.record.Expire(t.Context()))
		s.erased(rec)
		require.NoFileExists(t, filepath.Join(s.files, rec.GetFiles()[0].GetKey()))
	})
}

// TestOnlyMarked: where the store has rules of its own, a time that has passed is noted.
func TestOnlyMarked(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner := s.as("marked")
		_, rec := s.saved(owner)
		require.Equal(t, rec.GetCreateTime().AsTime().Add(24*time.Hour), rec.GetExpireTime().AsTime(), "the installation's")
		s.clock().Advance(25 * time.Hour)
		require.NoError(t, s.app.record.Expire(t.Context()))
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.NotNil(t, got.GetRecording().GetExpiredTime())
		require.FileExists(t, filepath.Join(s.files, rec.GetFiles()[0].GetKey()))
		_, err = owner.recordings.SetRetention(t.Context(), &anteroomv1.SetRetentionRequest{Recording: rec.GetId(), Until: &anteroomv1.SetRetentionRequest_Keep{Keep: true}})
		require.NoError(t, err)
		require.NoError(t, s.app.record.Expire(t.Context()))
		got, err = owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.Nil(t, got.GetRecording().GetExpiredTime())
		n, err := s.app.db.RecordingFile.Query().Where(recordingfile.RecordingID(uuid.MustParse(rec.GetId()))).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}, func(c *Config) { c.Recording.KeepExpired, c.Recording.Retention = true, 24*time.Hour })
}

// TestAccessesThatAreGranted: by the room's settings for a while, and to owners
// also where they had less before.
func TestAccessesThatAreGranted(t *testing.T) {
	onFake(t, func(t *testing.T, s *studio) {
		owner, host, was, mail := s.as("granted-owner"), s.as("granted-host"), s.as("granted-was"), s.as("granted-mail")
		room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{
			RecordingAudience:         anteroomv1.RecordingAudience_RECORDING_AUDIENCE_ATTENDEES,
			RecordingAudienceDuration: durationpb.New(48 * time.Hour),
		}))
		defer leave()
		_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
			Room: room.GetId(), Role: anteroomv1.Role_ROLE_ADMIN, Grantee: &anteroomv1.GrantAccessRequest_User{User: host.id(t)},
		})
		require.NoError(t, err)
		defer s.enter(was, room)()
		rec := s.record(host, room, audio)
		s.until(host, rec.GetId(), active)
		share := func(role anteroomv1.RecordingRole, user string) *anteroomv1.RecordingAccess {
			got, err := host.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
				Recording: rec.GetId(), Role: role, Grantee: &anteroomv1.GrantRecordingAccessRequest_Email{Email: user + "@example.org"},
			})
			require.NoError(t, err)
			return got.GetAccess()
		}
		owner.id(t)
		share(anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, "granted-owner") // by a host, who would have the room's owner see it and no more
		own := share(anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, "granted-mail")
		s.stop(host, rec.GetId())
		require.Equal(t, anteroomv1.RecordingRole_RECORDING_ROLE_OWNER, s.available(host, rec.GetId()).GetMyRole(), "who started it")
		got, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		require.NoError(t, err)
		require.Equal(t, anteroomv1.RecordingRole_RECORDING_ROLE_OWNER, got.GetRecording().GetMyRole())
		require.Equal(t, uint32(2), got.GetRecording().GetOwnerCount())
		s.link(was, rec, true)
		s.clock().Advance(47 * time.Hour)
		s.link(was, rec, true)
		s.clock().Advance(2 * time.Hour)
		_, err = was.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		requireReason(t, notFound, connect.CodeNotFound, err)
		s.link(owner, rec, false)

		s.link(mail, rec, true)
		_, err = s.as("granted-stranger").recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: own.GetId()})
		requireReason(t, "access_not_found", connect.CodeNotFound, err)
		_, err = mail.recordings.RevokeRecordingAccess(t.Context(), &anteroomv1.RevokeRecordingAccessRequest{Access: own.GetId()})
		require.NoError(t, err, "one's own, also by e-mail")
		_, err = mail.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
		requireReason(t, notFound, connect.CodeNotFound, err)
	})
}
