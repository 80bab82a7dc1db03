package recording

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/anteroom-dev/anteroom/ent"
	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	"github.com/anteroom-dev/anteroom/ent/recordingmail"
	"github.com/anteroom-dev/anteroom/ent/schema"
	"github.com/anteroom-dev/anteroom/internal/mail"
)

func TestLead(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{
		time.Minute: 6 * time.Second, time.Hour: 6 * time.Minute, 100 * time.Minute: 10 * time.Minute, 4 * time.Hour: 10 * time.Minute,
	} {
		require.Equal(t, want, lead(limit), limit)
	}
}

func TestLimitNear(t *testing.T) {
	now := time.Now()
	for _, status := range statusesOfRecordings {
		require.False(t, limitNear(&ent.Recording{Status: status}), status)
		require.Equal(t, status == entrecording.StatusActive, limitNear(&ent.Recording{Status: status, LimitNearTime: &now}), status)
	}
}

var statusesOfRecordings = []entrecording.Status{
	entrecording.StatusStarting, entrecording.StatusActive, entrecording.StatusStopping, entrecording.StatusCompleted,
	entrecording.StatusLimitReached, entrecording.StatusFailed, entrecording.StatusAborted, entrecording.StatusFailedToStart,
}

func TestFateOfMails(t *testing.T) {
	for _, c := range []struct {
		said error
		age  time.Duration
		want recordingmail.Status
	}{
		{nil, 0, recordingmail.StatusSent},
		{nil, 2 * mailPatience, recordingmail.StatusSent},
		{mail.ErrRefused, 0, recordingmail.StatusRefused},
		{mail.ErrRefused.Because(errors.New("550")), 0, recordingmail.StatusRefused},
		{mail.ErrUnavailable, 0, recordingmail.StatusWaiting},
		{mail.ErrUnavailable, mailPatience - 1, recordingmail.StatusWaiting},
		{mail.ErrUnavailable, mailPatience, recordingmail.StatusGivenUp},
		{errors.New("something else"), time.Hour, recordingmail.StatusWaiting},
	} {
		require.Equal(t, c.want, fate(c.said, c.age), "%v after %v", c.said, c.age)
	}
}

func TestMailsWaitLonger(t *testing.T) {
	before, days := time.Duration(0), time.Duration(0)
	for tries := 1; days < mailPatience; tries++ {
		wait := mailWait(tries)
		require.GreaterOrEqual(t, wait, before)
		require.LessOrEqual(t, wait, mailLastWait)
		before, days = wait, days+wait
		require.Less(t, tries, 300, "a server that is away for days is not asked all the time")
	}
	require.Equal(t, mailFirstWait, mailWait(1))
	require.Equal(t, mailLastWait, before)
}

func TestAllTold(t *testing.T) {
	for _, c := range []struct {
		mails []string
		want  bool
	}{
		{nil, false}, {[]string{"waiting"}, false}, {[]string{"sent"}, true}, {[]string{"sent", "waiting"}, false},
		{[]string{"refused"}, false}, {[]string{"withdrawn", "given_up"}, false}, {[]string{"refused", "sent"}, true},
	} {
		require.Equal(t, c.want, allTold(c.mails), c.mails)
	}
}

func TestDaysLeft(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	require.Zero(t, daysLeft(nil, now))
	for left, want := range map[time.Duration]int{
		time.Second: 1, 24 * time.Hour: 1, 24*time.Hour + 1: 2, 30*24*time.Hour - time.Minute: 30, 30 * 24 * time.Hour: 30, -time.Hour: 1,
	} {
		until := now.Add(left)
		require.Equal(t, want, daysLeft(&until, now), left)
	}
}

func TestReported(t *testing.T) {
	p := func(processor, status, url string) schema.Processing {
		return schema.Processing{Processor: processor, Status: status, URL: url}
	}
	before := []schema.Processing{p("a", "running", ""), p("b", "done", "https://x")}
	for name, c := range map[string]struct {
		said    schema.Processing
		want    []schema.Processing
		changed bool
	}{
		"another":  {p("c", "failed", ""), append(before[:2:2], p("c", "failed", "")), true},
		"further":  {p("a", "done", ""), []schema.Processing{p("a", "done", ""), before[1]}, true},
		"its url":  {p("b", "done", "https://y"), []schema.Processing{before[0], p("b", "done", "https://y")}, true},
		"the same": {p("b", "done", "https://x"), before, false},
	} {
		got, changed, err := reported(before, c.said)
		require.NoError(t, err, name)
		require.Equal(t, c.changed, changed, name)
		require.Equal(t, c.want, got, name)
		require.Equal(t, "running", before[0].Status, "what was read stays")
	}
	full := make([]schema.Processing, maxProcessors)
	full[0] = p("a", "running", "")
	_, _, err := reported(full, p("new", "done", ""))
	require.ErrorIs(t, err, ErrProcessingFull)
	_, changed, err := reported(full, p("a", "done", ""))
	require.NoError(t, err)
	require.True(t, changed)
}

func TestMetadataOfOthersStay(t *testing.T) {
	for before, want := range map[string]string{
		"":                       `{"recordings":[1]}`,
		"{}":                     `{"recordings":[1]}`,
		"null":                   `{"recordings":[1]}`,
		"no JSON":                `{"recordings":[1]}`,
		`[1,2]`:                  `{"recordings":[1]}`,
		`{"recordings":[]}`:      `{"recordings":[1]}`,
		`{"z":{"b": 1},"a":"é"}`: `{"a":"é","recordings":[1],"z":{"b":1}}`,
	} {
		got := withRecordings(before, "[1]")
		require.Equal(t, want, got, before)
		require.Equal(t, want, withRecordings(got, "[1]"), "once more changes nothing")
	}
}
