package recordingtest

import (
	"context"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/video"
)

const (
	// doubtful is for how long nothing is heard before a provider is asked.
	doubtful = 30 * time.Second
	// forgetful is for how long a provider may know nothing of a capture.
	forgetful = 2 * time.Minute
	// endless is how long a capture may take to stop that was asked to, writing its
	// file included.
	endless = 31 * time.Minute
)

func live(rec *ent.Recording) bool {
	switch rec.Status {
	case entrecording.StatusStarting, entrecording.StatusActive, entrecording.StatusStopping:
		return true
	}
	return false
}

// capturing says whether anything is captured for a recording, or may be yet: only then
// it keeps another one from being made.
func capturing(rec *ent.Recording) bool {
	return slices.ContainsFunc(rec.Edges.Captures, func(c *ent.Capture) bool {
		return c.Status == capture.StatusAsked || c.Status == capture.StatusStarting || c.Status == capture.StatusActive
	})
}

func saved(rec *ent.Recording) bool {
	return rec.Status == entrecording.StatusCompleted || rec.Status == entrecording.StatusLimitReached
}

// watch: what has ended has ended, and what has a file keeps it. A recording has
// no end exactly as long as it is being made, and keeps the next one waiting exactly
// as long as anything is captured.
func (s *shoot) watch() {
	rows := map[string][]*ent.Recording{}
	for _, sc := range s.scenes {
		if rows[sc.room] == nil {
			rows[sc.room] = s.stage.Rows(sc.room)
		}
		rec := sc.in(rows[sc.room])
		if rec == nil {
			continue
		}
		require.Equal(s.t, live(rec), rec.EndTime == nil, "%s with the end %v", rec.Status, rec.EndTime)
		require.Equal(s.t, capturing(rec), rec.CapturedTime == nil, "%s, captured until %v", rec.Status, rec.CapturedTime)
		if b := sc.before; b != nil {
			require.False(s.t, !live(b) && live(rec), "%s became %s", b.Status, rec.Status)
			require.False(s.t, saved(b) && !saved(rec), "%s became %s", b.Status, rec.Status)
			require.False(s.t, b.AvailableTime != nil && rec.AvailableTime == nil, "it could be had")
		}
		sc.before = rec
	}
}

func (s *shoot) row(sc *scene) *ent.Recording {
	return sc.in(s.stage.Rows(sc.room))
}

// in finds the row of a scene.
func (sc *scene) in(rows []*ent.Recording) *ent.Recording {
	for _, rec := range rows {
		if rec.ID == sc.row {
			return rec
		}
	}
	return nil
}

// requireTrue: after one settling all is true that the provider knows, and when
// time has passed, also what it does not.
func (s *shoot) requireTrue() {
	for before := int64(-1); before != s.told.Load(); { // a settling may be what makes a stop possible
		before = s.told.Load()
		s.Clock.Advance(doubtful)
		s.settle()
		s.run()
		s.watch()
	}
	for _, sc := range s.scenes {
		if e := s.truth(sc); e != nil {
			s.requireKnown(sc, *e)
		}
	}
	for _, pass := range []time.Duration{forgetful, forgetful, endless} {
		s.Clock.Advance(pass)
		s.settle()
		s.run()
		s.watch()
	}
	s.stage.Rest()
	s.run()
	s.Clock.Advance(doubtful)
	s.settle()
	s.run()
	s.watch()
	rows := map[string]int{}
	for _, sc := range s.scenes {
		if rec := s.row(sc); rec != nil {
			rows[sc.room]++
			s.requireEnd(sc, rec)
		}
	}
	for room, n := range rows {
		require.Len(s.t, s.stage.Rows(room), n, "invented")
	}
}

// requireKnown holds a recording against what the provider says of its capture.
func (s *shoot) requireKnown(sc *scene, e video.Egress) {
	rec := s.row(sc)
	stopped := rec.StopTime != nil
	switch e.Status {
	case video.Starting, video.Active, video.Ending:
		if !live(rec) {
			require.Empty(s.t, rec.Edges.Captures[0].Error, "the recorder has not said so")
			require.True(s.t, stopped, "given up as it did not stop: %s", rec.Status)
			return
		}
		want := map[video.EgressStatus]entrecording.Status{
			video.Starting: entrecording.StatusStarting, video.Active: entrecording.StatusActive, video.Ending: entrecording.StatusStopping,
		}[e.Status]
		if stopped {
			want = entrecording.StatusStopping
		}
		require.Equal(s.t, want, rec.Status)
	default:
		require.Contains(s.t, ends(sc, e, rec), rec.Status, "the provider says %s", e.Status)
		s.requireFile(e, rec)
	}
}

// ends are what a capture's end may mean.
func ends(sc *scene, e video.Egress, rec *ent.Recording) []entrecording.Status {
	switch e.Status {
	case video.Complete:
		return []entrecording.Status{entrecording.StatusCompleted}
	case video.LimitReached:
		return []entrecording.Status{entrecording.StatusLimitReached}
	}
	began := entrecording.StatusFailed
	if e.Status == video.CaptureAborted {
		began = entrecording.StatusAborted
	}
	if rec.Edges.Captures[0].Status == capture.StatusFailed { // also when it was given up before that was heard
		began = entrecording.StatusFailed
	}
	if !sc.heard[video.Active] {
		began = entrecording.StatusFailedToStart
		if rec.StopTime != nil && rec.Edges.Captures[0].Status == capture.StatusAborted {
			began = entrecording.StatusAborted
		}
	}
	if rec.Edges.Captures[0].Began == sc.heard[video.Active] {
		return []entrecording.Status{began}
	}
	return []entrecording.Status{entrecording.StatusFailedToStart, entrecording.StatusAborted, entrecording.StatusFailed}
}

// requireFile: a recording that ended well has its file and can be had, any other
// has none.
func (s *shoot) requireFile(e video.Egress, rec *ent.Recording) {
	if e.Status != video.Complete && e.Status != video.LimitReached {
		require.Empty(s.t, rec.Edges.Files, "invented")
		require.Nil(s.t, rec.AvailableTime)
		require.NotEmpty(s.t, rec.Reason)
		return
	}
	require.Empty(s.t, rec.Reason)
	require.NotNil(s.t, rec.AvailableTime, "its file is there")
	require.Len(s.t, rec.Edges.Files, 1)
	f := rec.Edges.Files[0]
	require.Equal(s.t, e.Path, f.Key)
	require.NotNil(s.t, f.SeenTime)
	there, err := s.Store.Stat(context.Background(), f.Key)
	require.NoError(s.t, err)
	require.Equal(s.t, there.Size, f.Size)
}

// requireEnd holds a recording against the truth when nothing more will come.
func (s *shoot) requireEnd(sc *scene, rec *ent.Recording) {
	require.Len(s.t, rec.Edges.Captures, 1)
	c := rec.Edges.Captures[0]
	if c.EgressID != nil {
		require.Equal(s.t, sc.egress, *c.EgressID)
	}
	e := s.truth(sc)
	switch {
	case e != nil:
		require.False(s.t, rec.StopTime != nil && e.Status == video.Active, "nobody has stopped it")
		s.requireKnown(sc, *e)
	case saved(rec):
		require.True(s.t, sc.heard[video.Complete] || sc.heard[video.LimitReached], "invented")
		require.Len(s.t, rec.Edges.Files, 1)
	default:
		require.False(s.t, live(rec), "%s, and nobody knows of it", rec.Status)
		require.NotEmpty(s.t, rec.Reason)
		require.Empty(s.t, rec.Edges.Files, "invented")
	}
}
