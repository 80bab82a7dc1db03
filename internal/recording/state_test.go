package recording

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/anteroom-dev/anteroom/ent/capture"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
)

var (
	captureStatuses = []capture.Status{
		capture.StatusAsked, capture.StatusStarting, capture.StatusActive, capture.StatusEnding,
		capture.StatusAborted, capture.StatusFailed, capture.StatusLimitReached, capture.StatusComplete,
	}
	egressStatuses = []video.EgressStatus{
		video.StatusUnknown, video.Starting, video.Active, video.Ending,
		video.CaptureAborted, video.CaptureFailed, video.LimitReached, video.Complete,
	}
)

// TestEveryStatusByEveryEvent is the whole table: a row for each status, a column
// for each of egressStatuses.
func TestEveryStatusByEveryEvent(t *testing.T) {
	const (
		asked, starting, active, ending = capture.StatusAsked, capture.StatusStarting, capture.StatusActive, capture.StatusEnding
		aborted, failed                 = capture.StatusAborted, capture.StatusFailed
		limit, complete                 = capture.StatusLimitReached, capture.StatusComplete
	)
	table := map[capture.Status][]capture.Status{
		asked:    {asked, starting, active, ending, aborted, failed, limit, complete},
		starting: {starting, starting, active, ending, aborted, failed, limit, complete},
		active:   {active, active, active, ending, aborted, failed, limit, complete},
		ending:   {ending, ending, ending, ending, aborted, failed, limit, complete},
		aborted:  {aborted, aborted, aborted, aborted, aborted, failed, limit, complete},
		failed:   {failed, failed, failed, failed, failed, failed, limit, complete},
		limit:    {limit, limit, limit, limit, limit, limit, limit, complete},
		complete: {complete, complete, complete, complete, complete, complete, complete, complete},
	}
	require.ElementsMatch(t, captureStatuses, enumOf[capture.Status](t, "../../ent/capture/capture.go", "Status"))
	require.ElementsMatch(t, egressStatuses, enumOf[video.EgressStatus](t, "../video/recorder.go", "EgressStatus"))
	require.Len(t, table, len(captureStatuses))
	for from, row := range table {
		for n, heard := range egressStatuses {
			is := captureFacts{status: from}
			got := is.merge(video.Egress{Status: heard, Error: "Start signal not received"})
			require.Equal(t, row[n], got.status, "%s hears %q", from, heard)
			require.Equal(t, heard == video.Active, got.began, "%s hears %q", from, heard)
			require.Equal(t, got.status == aborted && heard == video.CaptureAborted || got.status == failed &&
				(heard == video.CaptureFailed || heard == video.CaptureAborted), got.reason != "", "%s hears %q", from, heard)
			require.GreaterOrEqual(t, ranks[got.status], ranks[from], "nothing goes back")
			if is.ended() {
				require.True(t, got.ended())
			}
		}
	}
}

// enumOf are all constants of a type in a file: one that is added has to be told of
// in the tables.
func enumOf[T ~string](t *testing.T, file, name string) (values []T) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			v, _ := spec.(*ast.ValueSpec)
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == name {
				text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				values = append(values, T(text))
			}
		}
	}
	require.NotEmpty(t, values)
	return values
}

func TestHowCapturesAddUp(t *testing.T) {
	one := func(s capture.Status, began bool) []captureFacts { return []captureFacts{{status: s, began: began}} }
	const stop = entrecording.StopCausePerson
	for _, c := range []struct {
		name     string
		wish     wish
		captures []captureFacts
		want     entrecording.Status
	}{
		{"nobody was asked yet", wish{}, one(capture.StatusAsked, false), entrecording.StatusStarting},
		{"starting", wish{}, one(capture.StatusStarting, false), entrecording.StatusStarting},
		{"active", wish{}, one(capture.StatusActive, true), entrecording.StatusActive},
		{"ends by itself", wish{}, one(capture.StatusEnding, true), entrecording.StatusStopping},
		{"stopped while starting", wish{stop: stop}, one(capture.StatusStarting, false), entrecording.StatusStopping},
		{"stopped while active", wish{stop: stop}, one(capture.StatusActive, true), entrecording.StatusStopping},
		{"complete", wish{}, one(capture.StatusComplete, false), entrecording.StatusCompleted},
		{"complete after a stop", wish{stop: stop}, one(capture.StatusComplete, true), entrecording.StatusCompleted},
		{"the recorder's limit", wish{}, one(capture.StatusLimitReached, true), entrecording.StatusLimitReached},
		{"our limit", wish{stop: entrecording.StopCauseLimit}, one(capture.StatusComplete, true), entrecording.StatusLimitReached},
		{"our limit, and it failed", wish{stop: entrecording.StopCauseLimit}, one(capture.StatusFailed, true), entrecording.StatusFailed},
		{"failed before it began", wish{}, one(capture.StatusFailed, false), entrecording.StatusFailedToStart},
		{"failed after a stop, before it began", wish{stop: stop}, one(capture.StatusFailed, false), entrecording.StatusFailedToStart},
		{"failed", wish{}, one(capture.StatusFailed, true), entrecording.StatusFailed},
		{"aborted before it began", wish{}, one(capture.StatusAborted, false), entrecording.StatusFailedToStart},
		{"aborted by who stopped it before it began", wish{stop: stop}, one(capture.StatusAborted, false), entrecording.StatusAborted},
		{"aborted", wish{}, one(capture.StatusAborted, true), entrecording.StatusAborted},
		{"no track yet", wish{tracks: true}, nil, entrecording.StatusStarting},
		{"tracks may still come", wish{tracks: true}, one(capture.StatusComplete, true), entrecording.StatusActive},
		{"a track is ending", wish{tracks: true}, one(capture.StatusEnding, true), entrecording.StatusActive},
		{"no track ever", wish{tracks: true, stop: stop}, nil, entrecording.StatusAborted},
		{"one track of two", wish{tracks: true, stop: stop},
			[]captureFacts{{status: capture.StatusComplete}, {status: capture.StatusFailed}}, entrecording.StatusCompleted},
		{"one track still writes", wish{tracks: true, stop: stop},
			[]captureFacts{{status: capture.StatusComplete}, {status: capture.StatusEnding}}, entrecording.StatusStopping},
		{"no track well", wish{tracks: true, stop: stop},
			[]captureFacts{{status: capture.StatusAborted, began: true}, {status: capture.StatusFailed}}, entrecording.StatusAborted},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, add(c.wish, c.captures)) })
	}
}

// TestAddIsTotal: every status of two captures by every wish has an answer, which
// is an end only when both have ended, and one with a file only when one has one.
func TestAddIsTotal(t *testing.T) {
	statuses := map[entrecording.Status]bool{}
	for _, stop := range append(enumOf[entrecording.StopCause](t, "../../ent/recording/recording.go", "StopCause"), "") {
		for _, tracks := range []bool{true, false} {
			w := wish{stop, tracks}
			for _, a := range captureStatuses {
				for _, b := range captureStatuses {
					both := []captureFacts{{status: a}, {status: b}}
					got := add(w, both)
					statuses[got] = true
					statuses[add(w, []captureFacts{{status: a, began: true}, {status: b}})] = true
					require.NoError(t, entrecording.StatusValidator(got))
					require.Equal(t, w.open() || ranks[a] < ranks[capture.StatusEnding] || ranks[b] < ranks[capture.StatusEnding], capturing(w, both), "%v %s %s", w, a, b)
					require.True(t, live(got) || !capturing(w, both), "%v %s %s", w, a, b)
					require.Equal(t, !w.open() && both[0].ended() && both[1].ended(), !live(got), "%v %s %s", w, a, b)
					require.Equal(t, !live(got) && (both[0].well() || both[1].well()), saved(got), "%v %s %s", w, a, b)
				}
			}
		}
	}
	for _, s := range enumOf[entrecording.Status](t, "../../ent/recording/recording.go", "Status") {
		require.True(t, statuses[s], "nothing leads to %s", s)
	}
}

// anEgress is something that may be heard of a capture, at one of a few times.
func anEgress(t *rapid.T) video.Egress {
	at := func(name string) (times time.Time) {
		if n := rapid.IntRange(0, 3).Draw(t, name); n > 0 {
			times = time.Unix(int64(1000+n), 0).UTC()
		}
		return times
	}
	e := video.Egress{
		Status: rapid.SampledFrom(egressStatuses).Draw(t, "status"), StartTime: at("start"), EndTime: at("end"),
		Error: rapid.SampledFrom([]string{"", "Start signal not received", "upload failed", "participant ghost not found"}).Draw(t, "error"),
	}
	if rapid.Bool().Draw(t, "has a file") {
		e.Files = []video.File{{Duration: time.Duration(rapid.IntRange(0, 2).Draw(t, "duration")) * time.Second, StartTime: at("first frame")}}
	}
	return e
}

// TestAnyOrderAnyRepetition: what is known in the end does not depend on either,
// and never goes back on the way.
func TestAnyOrderAnyRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heard := rapid.SliceOfN(rapid.Custom(anEgress), 1, 6).Draw(t, "heard")
		fold := func(events []video.Egress) captureFacts {
			f := captureFacts{status: capture.StatusAsked}
			for _, e := range events {
				next := f.merge(e)
				require.GreaterOrEqual(t, ranks[next.status], ranks[f.status])
				require.False(t, f.began && !next.began)
				require.False(t, !capturing(wish{}, []captureFacts{f}) && capturing(wish{}, []captureFacts{next}), "it is not taken up again")
				require.False(t, saved(add(wish{}, []captureFacts{f})) && !saved(add(wish{}, []captureFacts{next})), "a saved recording stays saved")
				f = next
			}
			return f
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		again := append(append([]video.Egress{}, heard...), heard[r.IntN(len(heard))], heard[r.IntN(len(heard))])
		r.Shuffle(len(again), func(a, b int) { again[a], again[b] = again[b], again[a] })
		require.Equal(t, fold(heard), fold(again))
	})
}

// TestCapturedInAllOrders: webhooks of a real recorder, in every order, give what
// they give in theirs.
func TestCapturedInAllOrders(t *testing.T) {
	provider, err := livekit.New(livekit.Config{InternalURL: "http://127.0.0.1:1", PublicURL: "ws://127.0.0.1:1", APIKey: "key", APISecret: "secret"})
	require.NoError(t, err)
	captured := func(names ...string) (all []video.Egress) {
		for _, name := range names {
			body, err := os.ReadFile("../video/livekit/testdata/" + name + ".json")
			require.NoError(t, err)
			e, err := provider.ParseEvent(body)
			require.NoError(t, err)
			all = append(all, *e.Egress)
		}
		return all
	}
	started := []string{"s3_egress_started", "s3_egress_updated_active", "s3_egress_updated_ending"}
	for name, c := range map[string]struct {
		events []video.Egress
		want   entrecording.Status
		reason string
	}{
		"complete":      {captured(append(started, "s3_egress_ended_complete")...), entrecording.StatusCompleted, ""},
		"failed upload": {captured(append(started, "s3_egress_ended_failed_upload")...), entrecording.StatusFailed, reasonUpload},
		"limit":         {captured("s3_egress_started", "s3_egress_updated_active", "egress_ended_limit_reached"), entrecording.StatusLimitReached, ""},
		"aborted":       {captured("s3_egress_started", "egress_ended_aborted"), entrecording.StatusFailedToStart, reasonNobody},
		"nobody":        {captured("s3_egress_started", "egress_ended_failed_participant_not_found"), entrecording.StatusFailedToStart, reasonGone},
		"encoder":       {captured("s3_egress_started", "egress_ended_failed_encoder"), entrecording.StatusFailedToStart, reasonRecorder},
		"end alone":     {captured("roomvideo_egress_ended_complete"), entrecording.StatusCompleted, ""},
		"source closed": {captured("egress_ended_complete_source_closed"), entrecording.StatusCompleted, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fold := func(order []video.Egress) captureFacts {
				f := captureFacts{status: capture.StatusAsked}
				for _, e := range order {
					f = f.merge(e)
				}
				return f
			}
			want := fold(c.events)
			require.Equal(t, c.want, add(wish{}, []captureFacts{want}))
			require.Equal(t, c.reason, why(c.want, []captureFacts{want}))
			require.False(t, want.end.IsZero())
			permute(c.events, func(order []video.Egress) { require.Equal(t, want, fold(order)) })
		})
	}
}

// permute gives every order of some events.
func permute(events []video.Egress, each func([]video.Egress)) {
	if len(events) < 2 {
		each(events)
		return
	}
	for n := range events {
		rest := slices.Concat(events[:n], events[n+1:])
		permute(rest, func(order []video.Egress) { each(append([]video.Egress{events[n]}, order...)) })
	}
}

func TestReasonsThatPeopleUnderstand(t *testing.T) {
	for text, want := range map[string]string{
		"Start signal not received":      reasonNobody,
		"participant ghost not found":    reasonGone,
		"S3 upload failed: NoSuchBucket": reasonUpload,
		"could not create element: faac": reasonRecorder,
		"":                               reasonRecorder,
	} {
		require.Equal(t, want, reasonOf(text), text)
	}
}
