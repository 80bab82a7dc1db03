package storage_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/internal/storage"
)

var (
	roomID      = uuid.MustParse("01920000-0000-7000-8000-000000000001")
	recordingID = uuid.MustParse("01920000-0000-7000-8000-00000000000a")
	at          = time.Date(2026, 3, 1, 23, 30, 0, 0, time.FixedZone("", 3600))
)

func template(t testing.TB, text, prefix string) storage.Template {
	t.Helper()
	k, err := storage.ParseTemplate(text, prefix)
	require.NoError(t, err)
	return k
}

func TestKey(t *testing.T) {
	const rec = "01920000-0000-7000-8000-00000000000a"
	screen := storage.Parts{RoomID: roomID, RoomName: "Réunion d'équipe", RecordingID: recordingID, Time: at, Ext: "mp4"}
	track := screen
	track.ParticipantID, track.TrackID, track.Identity, track.Ext = "PA_abc", "TR_xyz", "Zoë K.", "ogg"
	caller := track
	caller.Identity, caller.Caller = "sip_alice", true
	number := track
	number.Identity, number.RoomName = "sip_+33 1 99 00 12 34", "call-_+33199001234_abc"
	for _, c := range []struct {
		name, template, prefix string
		parts                  storage.Parts
		want                   string
	}{
		{"default, screen", storage.DefaultTemplate, "recordings", screen, "recordings/" + roomID.String() + "/" + rec + "-20260301T223000Z.mp4"},
		{"default, track", storage.DefaultTemplate, "/a/b/", track, "a/b/" + roomID.String() + "/" + rec + "-PA_abc-TR_xyz-20260301T223000Z.ogg"},
		{"default, no prefix", storage.DefaultTemplate, "", screen, roomID.String() + "/" + rec + "-20260301T223000Z.mp4"},
		{"names", "/recordings/{room_name}/{identity}-{time}.mp4", "", track, "recordings/reunion-dequipe/" + rec + "-TR_xyz-zoe-k-20260301T223000Z.ogg"},
		{"names, nobody", "/recordings/{room_name}/{identity}-{time}.mp4", "", screen, "recordings/reunion-dequipe/" + rec + "-20260301T223000Z.mp4"},
		{"a caller", "{identity}/{identity}-{time}", "", caller, "PA_abc/" + rec + "-TR_xyz-PA_abc-20260301T223000Z.ogg"},
		{"a number", "{room_name}/{identity}-{time}", "", number, roomID.String() + "/" + rec + "-TR_xyz-PA_abc-20260301T223000Z.ogg"},
		{"its own id elsewhere", "{recording_id}/{time}-{track_id}", "", track, rec + "/" + rec + "-20260301T223000Z-TR_xyz.ogg"},
		{"absent ones vanish", "{participant_id}/x_{track_id}_y/{track_id}-{time}.{participant_id}.{ext}", "", screen, "x_y/" + rec + "-20260301T223000Z.mp4"},
	} {
		got := template(t, c.template, c.prefix).Key(c.parts)
		require.Equal(t, c.want, got, c.name)
		found, err := storage.RecordingID(got)
		require.NoError(t, err, c.name)
		require.Equal(t, recordingID, found, c.name)
	}
	without := screen
	without.Ext = ""
	require.Equal(t, rec+"-20260301T223000Z", template(t, "{time}.mp4", "").Key(without))
}

func TestTemplatesRefused(t *testing.T) {
	for _, text := range []string{
		"", "recordings", "{room_id}.mp4", "{time}/{phone_number}.mp4", "{time}/{}.mp4", "{time}/{room_id.mp4", "{time}/room_id}.mp4",
		"../{time}.mp4", "a/../{time}.mp4", "./{time}.mp4", `a\{time}.mp4`, "a b/{time}.mp4", "é/{time}.mp4", "{Time}.mp4", "%2e/{time}",
		"a\x00/{time}.mp4", strings.Repeat("a", 200) + "{time}.mp4", strings.Repeat("a/", 600) + "{time}.mp4",
	} {
		_, err := storage.ParseTemplate(text, "recordings")
		require.Error(t, err, text)
	}
	for _, prefix := range []string{"..", "a/../b", "a b", "{time}", "{", strings.Repeat("a", 300)} {
		_, err := storage.ParseTemplate("{prefix}/{room_id}-{track_id}.mp4", prefix)
		require.Error(t, err, prefix)
	}
}

var safe = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)

var templates = rapid.SampledFrom([]string{
	storage.DefaultTemplate, "/recordings/{room_name}/{identity}-{time}.mp4", "{identity}/{room_name}/{time}",
	"{identity}.{room_name}_{participant_id}-{track_id}.{time}.{ext}",
})

// drawParts are parts of what people called themselves and their room.
func drawParts(t *rapid.T, roomName, identity string) storage.Parts {
	return storage.Parts{
		RoomID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "room")), RoomName: roomName,
		RecordingID: uuid.UUID(rapid.SliceOfN(rapid.ByteMin(1), 16, 16).Draw(t, "recording")),
		Identity:    identity, Caller: rapid.Bool().Draw(t, "caller"),
		ParticipantID: rapid.StringMatching(`(PA_[A-Za-z]{1,60})?`).Draw(t, "participant"),
		TrackID:       rapid.StringMatching(`(TR_[A-Za-z]{1,60})?`).Draw(t, "track"),
		Ext:           rapid.SampledFrom([]string{"mp4", "ogg", ""}).Draw(t, "ext"), Time: at,
	}
}

// TestKeyOfAnything: whatever people call themselves and their rooms, a key is
// one of a file and tells its recording.
func TestKeyOfAnything(t *testing.T) {
	name := rapid.OneOf(rapid.String(), rapid.StringMatching(`[../]{1,6}[a-z{}%\\]{0,9}`), rapid.StringMatching(`[0-9]{1,6}[-_]*`))
	rapid.Check(t, func(t *rapid.T) {
		p := drawParts(t, name.Draw(t, "room name"), name.Draw(t, "identity"))
		k, err := storage.ParseTemplate(templates.Draw(t, "template"), "recordings")
		require.NoError(t, err)
		key := k.Key(p)
		require.Regexp(t, safe, key)
		require.LessOrEqual(t, len(path.Base(key)), 255)
		found, err := storage.RecordingID(key)
		require.NoError(t, err, key)
		require.Equal(t, p.RecordingID, found)
	})
}

// TestKeyWithoutNumbers: a telephone number gets into no key, however it is
// written, and whether it is a person's name or a room's.
func TestKeyWithoutNumbers(t *testing.T) {
	letters := rapid.StringMatching(`[A-Za-z]{0,9}`)
	between := rapid.SampledFrom([]string{"", "", "", " ", "-", ".", "/", "_", " - ", ") "})
	zeros := rapid.SampledFrom([]rune{'0', '٠', '０'})
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{7,15}`).Draw(t, "digits")
		zero := zeros.Draw(t, "script")
		number := rapid.SampledFrom([]string{"", "+", "sip_+", "call-_+", "Bob "}).Draw(t, "before")
		for _, d := range digits {
			number += string(zero+d-'0') + between.Draw(t, "between")
		}
		number += rapid.SampledFrom([]string{"", "_abc", "@example.org"}).Draw(t, "after")
		name, identity := letters.Draw(t, "room name"), number
		if rapid.Bool().Draw(t, "is the room's name") {
			name, identity = number, letters.Draw(t, "identity")
		}
		p := drawParts(t, name, identity)
		k, err := storage.ParseTemplate(templates.Draw(t, "template"), "")
		require.NoError(t, err)
		key := k.Key(p)
		rest := strings.NewReplacer(p.RecordingID.String(), "", p.RoomID.String(), "", "20260301T223000Z", "", "mp4", "").Replace(key)
		require.NotRegexp(t, "[0-9]", rest, key)
	})
}

func TestRecordingID(t *testing.T) {
	const rec = "01920000-0000-7000-8000-00000000000a"
	for key, ok := range map[string]bool{
		rec: true, rec + ".mp4": true, "a/b/c/" + rec + ".mp4": true, rec + "-x.mp4": true, rec + "-" + roomID.String() + ".ogg": true,
		"": false, "/": false, ".": false, "a": false, "a/" + rec + "/b.mp4": false, rec + "x.mp4": false, rec + "_x.mp4": false,
		"x-" + rec + ".mp4": false, "x" + rec: false, rec + "/": false, "/" + rec: false, "../" + rec: false, "a//" + rec: false,
		strings.ToUpper(rec): false, strings.ReplaceAll(rec, "-", ""): false, uuid.Nil.String(): false, rec + ".mp4\n": false,
		"{" + rec + "}": false, rec[:35]: false, rec + "\\x": false,
	} {
		found, err := storage.RecordingID(key)
		if ok {
			require.NoError(t, err, key)
			require.Equal(t, recordingID, found, key)
		} else {
			require.ErrorIs(t, err, storage.ErrKey, key)
		}
	}
}

func FuzzRecordingID(f *testing.F) {
	f.Add(recordingID.String() + ".mp4")
	f.Add("a/" + recordingID.String() + "-x.ogg")
	f.Add("")
	f.Fuzz(func(t *testing.T, key string) {
		found, err := storage.RecordingID(key)
		if err != nil {
			return
		}
		require.NotEqual(t, uuid.Nil, found)
		require.True(t, strings.HasPrefix(path.Base(key), found.String()), key)
		require.NotContains(t, "/"+key+"/", "/../")
	})
}

func FuzzParseTemplate(f *testing.F) {
	f.Add(storage.DefaultTemplate, "recordings", "Room", "alice")
	f.Add("/recordings/{room_name}/{identity}-{time}.mp4", "", "..", "+33199001234")
	f.Fuzz(func(t *testing.T, text, prefix, room, identity string) {
		k, err := storage.ParseTemplate(text, prefix)
		if err != nil {
			return
		}
		key := k.Key(storage.Parts{RoomID: roomID, RoomName: room, RecordingID: recordingID, Identity: identity, Time: at, Ext: "mp4"})
		require.Regexp(t, safe, key)
		found, err := storage.RecordingID(key)
		require.NoError(t, err, key)
		require.Equal(t, recordingID, found)
	})
}
