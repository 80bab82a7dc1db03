//go:build failpoint

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	entcapture "github.com/anteroom-dev/anteroom/ent/capture"
	entnotice "github.com/anteroom-dev/anteroom/ent/notice"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/failpoint"
	"github.com/anteroom-dev/anteroom/internal/notice"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// recordingPlaces are where a program dies that records, in the order in which a
// recording comes to them.
var recordingPlaces = []string{
	"recording written, nobody asked", "question noted, recorder not asked", "recorder asked, answer not noted",
	unheardPlace, "recording changed, not committed",
	"stop noted, recorder not told", "recorder told to stop, job not ended",
	"recording ended, files not looked for", "file found, not noted", "files noted, not handed out",
	"accesses granted, not committed", "handed out, job not ended",
	"recording hidden, files there", "file deleted, rows there", "rows deleted, job not ended",
}

// unheardPlace is where it dies that asks what was not heard of a recording that
// runs.
const unheardPlace = "captures listed, not taken in"

const (
	// later is how much later it is after each crash: more than a recorder may be silent.
	later = 100 * time.Second
	// takeLimit is ten times what a recording may take from its start to its deletion.
	takeLimit = 2 * time.Minute
)

// TestRecordingCrashes has the program killed between every two steps of a
// recording's start, stop, completion and deletion, and started again on what it left:
// beside a real LiveKit, whose recorder goes on meanwhile. Nothing is stuck, and nothing
// is left that nobody knows of.
func TestRecordingCrashes(t *testing.T) {
	t.Parallel() // it waits more than it works
	for name, url := range dbtest.URLs(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crashRecording(t, url)
		})
	}
}

func crashRecording(t *testing.T, databaseURL string) {
	listen := freeAddress(t)
	hooks := startProxy(t, "http://"+listen)
	server := livekittest.Start(t, hooks.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure)
	livekittest.StartEgressStandIn(t, server.RedisAddr())
	s := served{Listen: listen, DatabaseURL: databaseURL, LiveKitURL: server.URL(), PublicURL: server.WSURL(), Files: t.TempDir()}
	p := startProcess(t, s)
	host := p.as("host")
	r := &reel{t: t, room: p.room(host, public).GetId(), files: s.Files, available: map[string]bool{}}
	pass := p.join(host, r.room)
	livekittest.Join(t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
	p.awaitPeople(r.room, 1)
	p.stop()

	r.db = dbtest.Open(t, databaseURL)
	r.recorder = livekittest.Provider(t, server)
	for _, place := range recordingPlaces {
		if r.stays = place == unheardPlace; r.stays {
			s.Ahead += later
			p = startProcess(t, s)
			await(t, takeLimit, "a recording runs", func() bool {
				r.step(p.as("host"))
				return r.status() == "active"
			})
			p.stop()
		}
		hooks.lose(r.stays)
		s.Ahead += later
		p = startProcess(t, s, failpoint.Env+"="+place+":0")
		begin := time.Now()
		await(t, takeLimit, "it dies at "+place, func() bool {
			r.step(p.as("host"))
			return p.dead()
		})
		p.dies()
		t.Logf("killed at %q after %v, with a recording that is %s", place, time.Since(begin).Round(time.Millisecond), r.status())
	}
	s.Ahead += later
	p = startProcess(t, s)
	await(t, takeLimit, "what was begun ends, and is deleted", func() bool {
		r.step(p.as("host"))
		return r.status() == "gone"
	})
	before := len(r.available)
	await(t, takeLimit, "the next recording goes from start to deletion", func() bool {
		r.step(p.as("host"))
		return len(r.available) > before && r.status() == "gone"
	})
	awaitIdle(t, r.db)
	p.stop()
	r.requireNothingLeft()
}

// dead says whether a process has ended.
func (p *process) dead() bool {
	select {
	case err := <-p.ended:
		p.ended <- err
		return true
	default:
		return false
	}
}

// reel is one recording after the other in one room, each started, stopped when it
// runs, and deleted when it can be had.
type reel struct {
	t         *testing.T
	db        *db.DB
	recorder  video.Recorder
	room      string
	files     string
	stays     bool            // it is not stopped
	request   string          // the id of the start that was asked for
	id        string          // of the recording; "" before its start was answered
	available map[string]bool // recordings that were
}

// status is the recording's, or "gone" when there is none.
func (r *reel) status() string {
	if rec := r.row(); rec != nil {
		return rec.Status.String()
	}
	return "gone"
}

func (r *reel) row() *ent.Recording {
	if r.id == "" {
		return nil
	}
	rec, err := r.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(r.id))).WithCaptures().WithAccesses().WithFiles().Only(r.t.Context())
	if ent.IsNotFound(err) {
		return nil
	}
	require.NoError(r.t, err)
	return rec
}

// step asks for what comes next. What the program answers does not matter when
// it may die: that is asked for again.
func (r *reel) step(c client) {
	ctx := r.t.Context()
	rec := r.row()
	switch {
	case r.id == "":
		r.start(c)
	case rec == nil, rec.Status == entrecording.StatusFailedToStart:
		r.id, r.request = "", ""
	case rec.Status == entrecording.StatusActive && rec.StopTime == nil && !r.stays:
		_, _ = c.recordings.StopRecording(ctx, &anteroomv1.StopRecordingRequest{Which: &anteroomv1.StopRecordingRequest_Recording{Recording: r.id}})
	case rec.AvailableTime != nil && rec.DeleteTime == nil:
		r.requireKept(rec)
		_, _ = c.recordings.DeleteRecording(ctx, &anteroomv1.DeleteRecordingRequest{Recording: r.id})
	}
}

// start asks for a recording, and for the same once more when the answer was lost.
// A recording that has ended is not in the way.
func (r *reel) start(c client) {
	if r.request == "" {
		r.request = uuid.NewString()
	}
	got, err := c.recordings.StartRecording(r.t.Context(), &anteroomv1.StartRecordingRequest{Room: r.room, Mode: audio, RequestId: r.request})
	if err == nil {
		r.id = got.GetRecording().GetId()
	} else {
		require.Empty(r.t, reason(err), "it starts at once: %v", err)
	}
}

// requireKept: a recording that can be had has its file, one capture, of which the
// recorder knows as well, and is granted and told of once.
func (r *reel) requireKept(rec *ent.Recording) {
	if r.available[r.id] {
		return
	}
	r.available[r.id] = true
	require.Contains(r.t, []entrecording.Status{entrecording.StatusCompleted, entrecording.StatusLimitReached}, rec.Status)
	require.Len(r.t, rec.Edges.Files, 1)
	require.FileExists(r.t, filepath.Join(r.files, rec.Edges.Files[0].Key))
	require.Len(r.t, rec.Edges.Captures, 1)
	require.Equal(r.t, entcapture.StatusComplete, rec.Edges.Captures[0].Status)
	require.Len(r.t, rec.Edges.Accesses, 1, "granted to who started it, who is the room's owner")
	told := 0
	for _, n := range r.db.Notice.Query().Where(entnotice.Type(notice.RecordingAvailable{}.Type())).AllX(r.t.Context()) {
		if strings.Contains(string(n.Fact), r.id) {
			told++
		}
	}
	require.Equal(r.t, 1, told, "told of once")
}

// requireNothingLeft: no recorder works, none was asked twice for one recording or
// without a row, and all files went with their recordings.
func (r *reel) requireNothingLeft() {
	t := r.t
	listed, err := r.recorder.ListCaptures(t.Context(), r.room)
	require.NoError(t, err)
	paths := map[string]bool{}
	for _, e := range listed {
		require.True(t, e.Status.Ended(), "%s is %s, and nobody knows", e.ID, e.Status)
		require.False(t, paths[e.Path], "asked for twice: %s", e.Path)
		paths[e.Path] = true
	}
	require.NoError(t, filepath.WalkDir(r.files, func(path string, d os.DirEntry, err error) error {
		require.False(t, err == nil && d.Type().IsRegular(), "nobody knows of %s", path)
		return err
	}))
	for _, rec := range r.db.Recording.Query().AllX(t.Context()) {
		require.Equal(t, entrecording.StatusFailedToStart, rec.Status, "all others are deleted")
		require.NotEmpty(t, rec.Reason)
		require.NotNil(t, rec.EndTime)
	}
	t.Logf("%d captures, %d recordings kept and deleted", len(listed), len(r.available))
}
