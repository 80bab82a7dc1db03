package recording

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/job"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// TestWhatIsAFile: what is in the store is one when it is whole, or when it has not
// become so for long enough.
func TestWhatIsAFile(t *testing.T) {
	const told = 15 // as the fake says of all its files
	whole, part := strings.Repeat("x", told), "a part"
	last := job.Attempt{Number: completeTries, Max: completeTries}
	for _, c := range []struct {
		name    string
		there   map[string]string // what is in the store, by what comes after the key
		attempt job.Attempt
		size    int // 0 for none
		warns   bool
	}{
		{"whole", map[string]string{"": whole}, job.Attempt{Number: 1, Max: completeTries}, told, false},
		{"nothing", nil, last, 0, false},
		{"a part", map[string]string{"": part}, job.Attempt{Number: patientTries - 1, Max: completeTries}, 0, false},
		{"a part for long", map[string]string{"": part}, job.Attempt{Number: patientTries, Max: completeTries}, len(part), true},
		{"more than was told", map[string]string{"": whole + part}, last, told + len(part), true},
		{"empty", map[string]string{"": ""}, last, 0, false},
		{"a folder", map[string]string{"/a.ogg": whole}, last, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				s, log := lacking(t, d)
				rec := s.ended(t)
				for after, content := range c.there {
					require.NoError(t, s.store.Write(t.Context(), rec.Edges.Files[0].Key+after, strings.NewReader(content)))
				}
				err := s.completeJob(t.Context(), completeArgs{rec.ID}, c.attempt)
				require.Equal(t, c.size > 0 || c.attempt.Last(), err == nil, "%v", err)
				after := s.Rows(rec.RoomID.String())[0]
				require.Equal(t, c.size > 0, after.AvailableTime != nil)
				require.Equal(t, c.warns, strings.Contains(log.String(), errOtherSize.Error()), log.String())
				if c.size > 0 {
					require.Equal(t, int64(c.size), after.Edges.Files[0].Size)
				} else {
					require.Equal(t, int64(told), after.Edges.Files[0].Size, "as was told")
				}
			})
		})
	}
}

// lacking is a stage with an empty store, and what it logs.
func lacking(t *testing.T, d *db.DB) (*stage, *bytes.Buffer) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Config{
		URL: "file://" + t.TempDir(), PublicURL: "http://127.0.0.1:1", Secret: []byte("thirty-two bytes, none of them r."), Clock: clockwork.NewRealClock(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	s, log := newStage(t, d, store), &bytes.Buffer{}
	s.log = slog.New(slog.NewTextHandler(log, nil))
	return s, log
}

// ended is a recording that ended well, and whose file nobody has looked for.
func (s *stage) ended(t *testing.T) *ent.Recording {
	t.Helper()
	var told []videotest.Delivery
	s.fake.Deliver(func(d videotest.Delivery) { told = append(told, d) })
	room := s.room()
	require.NoError(t, s.Start(room))
	rec := s.Rows(room)[0]
	s.Stop(rec.ID)
	require.NoError(t, s.stopJob(context.Background(), stopArgs{RecordingID: rec.ID}, job.Attempt{Number: 1, Max: 2}))
	for _, d := range told {
		s.Hear(d)
	}
	rec = s.Rows(room)[0]
	require.Len(t, rec.Edges.Files, 1)
	return rec
}
