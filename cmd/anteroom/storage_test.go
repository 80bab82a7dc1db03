package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
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
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
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

func TestFates(t *testing.T) {
	t.Parallel() // it waits more than it works
	onFake(t, func(t *testing.T, s *studio) {
		t.Run("kept", s.fateKeep)
		t.Run("refused", s.fateRefuse)
		t.Run("deleted", s.fateDelete)
		t.Run("others'", s.fateOfOthers)
		t.Run("running", s.fateOfWhatRuns)
	})
}

func removeRoom(c client, room *anteroomv1.Room, fate anteroomv1.RecordingsFate) error {
	_, err := c.DeleteRoom(context.Background(), &anteroomv1.DeleteRoomRequest{Room: room.GetId(), Recordings: fate})
	return err
}

const (
	fateKeep   = anteroomv1.RecordingsFate_RECORDINGS_FATE_KEEP
	fateDelete = anteroomv1.RecordingsFate_RECORDINGS_FATE_DELETE
	fateRefuse = anteroomv1.RecordingsFate_RECORDINGS_FATE_REFUSE
)

func (s *studio) fateKeep(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-keep")
	room, rec := s.saved(owner)
	require.NoError(t, removeRoom(owner, room, anteroomv1.RecordingsFate_RECORDINGS_FATE_UNSPECIFIED))
	require.Len(t, s.listed(owner, room), 1, "of a deleted room, by its id")
	mine, err := owner.recordings.ListRecordings(t.Context(), &anteroomv1.ListRecordingsRequest{})
	require.NoError(t, err)
	require.Equal(t, rec.GetId(), mine.GetRecordings()[0].GetId())
	resp, _ := s.get(t, s.link(owner, rec, false), "")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	late := s.as("fate-late")
	_, err = owner.recordings.GrantRecordingAccess(t.Context(), &anteroomv1.GrantRecordingAccessRequest{
		Recording: rec.GetId(), Role: anteroomv1.RecordingRole_RECORDING_ROLE_MEMBER, Grantee: &anteroomv1.GrantRecordingAccessRequest_User{User: late.id(t)},
	})
	require.NoError(t, err)
	s.link(late, rec, false)
	room, _ = s.saved(owner)
	require.NoError(t, removeRoom(owner, room, fateKeep))
}

func (s *studio) fateRefuse(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-refuse")
	room, rec := s.saved(owner)
	err := removeRoom(owner, room, fateRefuse)
	requireReason(t, "room_has_recordings", connect.CodeFailedPrecondition, err)
	require.Equal(t, "1", detailsOf(err)["recordings"])
	_, err = owner.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(t, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: rec.GetId()})
	require.NoError(t, err)
	require.NoError(t, removeRoom(owner, room, fateRefuse))
}

func (s *studio) fateDelete(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-delete")
	room, rec := s.saved(owner)
	key := filepath.Join(s.files, rec.GetFiles()[0].GetKey())
	requireReason(t, "permission_denied", connect.CodePermissionDenied, removeRoom(s.as("fate-stranger"), room, fateDelete))
	require.NoError(t, removeRoom(owner, room, fateDelete))
	s.erased(rec)
	require.NoFileExists(t, key)
}

func (s *studio) fateOfOthers(t *testing.T) {
	s = s.in(t)
	owner, heir := s.as("fate-owner"), s.as("fate-heir")
	room, rec := s.saved(owner)
	_, err := owner.GrantAccess(t.Context(), &anteroomv1.GrantAccessRequest{
		Room: room.GetId(), Role: anteroomv1.Role_ROLE_OWNER, Grantee: &anteroomv1.GrantAccessRequest_User{User: heir.id(t)},
	})
	require.NoError(t, err)
	err = removeRoom(heir, room, fateDelete)
	requireReason(t, "recordings_of_others", connect.CodePermissionDenied, err)
	require.Equal(t, "1", detailsOf(err)["recordings"])
	s.link(owner, rec, false)
	_, err = heir.GetRoom(t.Context(), &anteroomv1.GetRoomRequest{Room: room.GetId()})
	require.NoError(t, err, "the room is there as well")
	require.NoError(t, removeRoom(s.operator(), room, fateDelete))
	s.erased(rec)
}

// fateOfWhatRuns: it is stopped, and its file is deleted when it is written.
func (s *studio) fateOfWhatRuns(t *testing.T) {
	s = s.in(t)
	owner := s.as("fate-runs")
	room, leave := s.occupied(owner)
	defer leave()
	rec := s.record(owner, room, audio)
	s.until(owner, rec.GetId(), active)
	path := filepath.Join(s.files, s.capture(rec.GetId()).Path)
	require.NoError(t, removeRoom(owner, room, fateDelete))
	_, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "it has ended, and its file was written", func() bool {
		row, err := s.app.db.Recording.Get(t.Context(), uuid.MustParse(rec.GetId()))
		return err == nil && row.EndTime != nil
	})
	s.due("recording.erase")
	s.erased(rec)
	require.NoFileExists(t, path)
}

// audited runs the command.
func (s *studio) audited(t *testing.T, c auditCommand) (lines []map[string]any, text string, err error) {
	t.Helper()
	var out, progress bytes.Buffer
	err = c.audit(t.Context(), s.app.db, s.app.store, s.clock(), &out, &progress)
	require.Equal(t, c.Quiet, progress.Len() == 0)
	if c.JSON {
		d := json.NewDecoder(bytes.NewReader(out.Bytes()))
		for {
			var line map[string]any
			decodeErr := d.Decode(&line)
			if errors.Is(decodeErr, io.EOF) {
				break
			}
			require.NoError(t, decodeErr)
			lines = append(lines, line)
		}
	}
	return lines, out.String(), err
}

func TestStorageAudit(t *testing.T) {
	test := func(t *testing.T, s *studio) {
		owner := s.as("audit")
		_, kept := s.saved(owner)
		_, lost := s.saved(owner)
		_, gone := s.saved(owner)
		s.clock().Advance(3 * time.Hour)
		_, text, err := s.audited(t, auditCommand{Grace: time.Hour})
		require.NoError(t, err)
		require.Equal(t, "3 files, 3 rows: 0 files without a row, 0 rows without a file\n", text)

		require.NoError(t, s.app.store.Delete(t.Context(), lost.GetFiles()[0].GetKey()))
		s.app.db.Recording.UpdateOneID(uuid.MustParse(gone.GetId())).SetDeleteTime(s.clock().Now()).ExecX(t.Context())
		orphan := uuid.NewString() + ".mp4"
		for _, key := range []string{orphan, "notes/of another program.txt"} {
			s.put(key)
		}
		room, leave := s.occupied(owner)
		defer leave()
		running := s.record(owner, room, audio)
		s.until(owner, running.GetId(), active)
		for _, key := range []string{s.capture(running.GetId()).Path, "renamed/" + running.GetId() + ".mp4.part"} {
			s.put(key)
		}
		_, text, err = s.audited(t, auditCommand{Grace: 30 * 24 * time.Hour, Quiet: true})
		require.NoError(t, err, "all is young: %s", text)

		lines, _, err := s.audited(t, auditCommand{JSON: true, Quiet: true})
		require.ErrorAs(t, err, &foundError{})
		require.Equal(t, 3, exitCode(err))
		keys := map[string]any{}
		for _, line := range lines[:len(lines)-1] {
			keys[line["key"].(string)] = line["kind"]
		}
		require.Equal(t, map[string]any{
			orphan: "file_without_row", "notes/of another program.txt": "file_without_row", lost.GetFiles()[0].GetKey(): "row_without_file",
		}, keys)
		require.Equal(t, "summary", lines[3]["kind"])
		require.InDelta(t, 2, lines[3]["files_without_row"], 0)
		require.InDelta(t, 1, lines[3]["rows_without_file"], 0)
		require.NotContains(t, keys, kept.GetFiles()[0].GetKey())
		_, text, err = s.audited(t, auditCommand{})
		require.Error(t, err)
		require.Contains(t, text, "row_without_file")

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var out bytes.Buffer
		c := auditCommand{Quiet: true}
		require.Equal(t, 1, exitCode(c.audit(ctx, s.app.db, s.app.store, s.clock(), &out, io.Discard)))
	}
	onFake(t, test)
	t.Run("bucket", func(t *testing.T) {
		bucket := storagetest.S3(t, "")
		test(t, startFake(t, dbtest.SQLiteURL(t), func(c *Config) { c.Storage.URL = bucket }))
	})
}

// TestStorageAuditOfMany goes over pages.
func TestStorageAuditOfMany(t *testing.T) {
	s := startFake(t, dbtest.SQLiteURL(t))
	_, rec := s.saved(s.as("many"))
	const n = 1203
	for range n {
		s.put("x/" + uuid.NewString() + ".mp4")
	}
	for range n {
		id := uuid.Must(uuid.NewV7())
		s.app.db.RecordingFile.Create().SetID(id).SetRecordingID(uuid.MustParse(rec.GetId())).SetKey("y/" + id.String() + ".mp4").
			SetCreateTime(s.clock().Now().Add(-time.Hour)).ExecX(t.Context())
	}
	lines, _, err := s.audited(t, auditCommand{JSON: true, Quiet: true, Grace: -time.Hour})
	require.Error(t, err)
	require.Len(t, lines, 2*n+1)
	require.InDelta(t, n+1, lines[2*n]["files"], 0)
	require.InDelta(t, n+1, lines[2*n]["rows"], 0)
}

func TestStorageAuditCommand(t *testing.T) {
	s := startFake(t, dbtest.SQLiteURL(t))
	url := s.app.config.DatabaseURL
	err := command(t.Context(), []string{"storage", "audit", "-q", "--database-url", url, "--storage-url", "file://" + s.files})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.files, "x.mp4"), []byte("x"), 0o600))
	err = command(t.Context(), []string{"storage", "audit", "-q", "--grace=-1h", "--database-url", url, "--storage-url", "file://" + s.files})
	require.Equal(t, 3, exitCode(err), err)
	for _, args := range [][]string{
		{}, {"--database-url", url}, {"--storage-url", "file://" + s.files}, {"--data", t.TempDir()},
		{"--database-url", url, "--storage-url", "file://" + filepath.Join(s.files, "nowhere")},
		{"--database-url", url, "--storage-url", "gs://x"},
	} {
		err := command(t.Context(), append([]string{"storage", "audit", "-q"}, args...))
		require.Equal(t, 1, exitCode(err), args)
		require.Error(t, err, args)
	}
	require.NoDirExists(t, filepath.Join(s.files, "nowhere"))
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
