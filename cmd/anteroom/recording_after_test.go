package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	entrecording "github.com/anteroom-dev/anteroom/ent/recording"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
)

func (s *studio) keptAndDeleted(t *testing.T) {
	s = s.in(t)
	owner := s.as("kept")
	_, forever := s.saved(owner)
	require.Nil(t, forever.GetExpireTime())
	_, rec := s.saved(owner, with(&anteroomv1.RoomSettings{RecordingRetention: durationpb.New(30 * 24 * time.Hour)}))
	require.Equal(t, rec.GetCreateTime().AsTime().Add(30*24*time.Hour), rec.GetExpireTime().AsTime())
	until := func(at time.Time) error {
		_, err := owner.recordings.SetRetention(t.Context(), &anteroomv1.SetRetentionRequest{
			Recording: rec.GetId(), Until: &anteroomv1.SetRetentionRequest_ExpireTime{ExpireTime: timestamppb.New(at)},
		})
		return err
	}
	requireReason(t, "retention_in_the_past", connect.CodeInvalidArgument, until(s.clock().Now().Add(-time.Hour)))
	require.NoError(t, until(s.clock().Now().Add(time.Hour)))
	require.NoError(t, s.app.record.Expire(t.Context()))
	onDisk := filepath.Join(s.files, rec.GetFiles()[0].GetKey())
	require.FileExists(t, onDisk)
	s.clock().Advance(time.Hour)
	require.NoError(t, s.app.record.Expire(t.Context()))
	_, err := owner.recordings.GetRecording(t.Context(), &anteroomv1.GetRecordingRequest{Recording: rec.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "the file is gone", func() bool { _, err := os.Stat(onDisk); return os.IsNotExist(err) })
	require.FileExists(t, filepath.Join(s.files, forever.GetFiles()[0].GetKey()))

	room, leave := s.occupied(owner)
	defer leave()
	running := s.record(owner, room, audio)
	s.until(owner, running.GetId(), active)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: running.GetId()})
	requireReason(t, "recording_running", connect.CodeFailedPrecondition, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: forever.GetId()})
	require.NoError(t, err)
	_, err = owner.recordings.DeleteRecording(t.Context(), &anteroomv1.DeleteRecordingRequest{Recording: forever.GetId()})
	requireReason(t, notFound, connect.CodeNotFound, err)
	await(t, recordingLimit, "row and file are gone", func() bool {
		there, err := s.app.db.Recording.Query().Where(entrecording.ID(uuid.MustParse(forever.GetId()))).Exist(t.Context())
		require.NoError(t, err)
		return !there
	})
	require.NoFileExists(t, filepath.Join(s.files, forever.GetFiles()[0].GetKey()))
}

func (s *studio) consent(t *testing.T) {
	s = s.in(t)
	owner := s.as("consent-owner")
	yes := true
	room, leave := s.occupied(owner, with(&anteroomv1.RoomSettings{ConsentRequired: &yes}))
	defer leave()
	guest := s.guest()
	pass := s.join(guest, room.GetId())
	require.True(t, pass.GetConsentRequired())
	s.bot(pass)
	decide := func(c client, ticket string, d anteroomv1.ConsentDecision) error {
		_, err := c.recordings.GiveConsent(t.Context(), &anteroomv1.GiveConsentRequest{Room: room.GetSlug(), Ticket: ticket, Decision: d})
		return err
	}
	const given, declined = anteroomv1.ConsentDecision_CONSENT_DECISION_GIVEN, anteroomv1.ConsentDecision_CONSENT_DECISION_DECLINED
	require.NoError(t, decide(owner, "", given))
	requireReason(t, signIn, connect.CodeUnauthenticated, decide(guest, "", given))
	requireReason(t, "invalid_ticket", connect.CodePermissionDenied, decide(guest, "nonsense", given))
	other := s.join(guest, s.room(owner, public).GetId())
	requireReason(t, "invalid_ticket", connect.CodePermissionDenied, decide(guest, other.GetTicket(), given))
	require.NoError(t, decide(guest, pass.GetTicket(), declined))

	req := &anteroomv1.StartRecordingRequest{Room: room.GetId(), Mode: audio}
	_, err := owner.recordings.StartRecording(t.Context(), req)
	requireReason(t, "consent_declined", connect.CodeFailedPrecondition, err)
	require.Equal(t, "1", detailsOf(err)["people"])
	req.DespiteDeclined = true
	got, err := owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err, "knowing that")
	s.until(owner, got.GetRecording().GetId(), active)
	s.stop(owner, got.GetRecording().GetId())

	meeting := got.GetRecording().GetMeeting()
	listed, err := owner.recordings.ListConsents(t.Context(), &anteroomv1.ListConsentsRequest{Meeting: meeting})
	require.NoError(t, err)
	require.Len(t, listed.GetConsents(), 2)
	require.Equal(t, given, listed.GetConsents()[0].GetDecision())
	require.Equal(t, pass.GetIdentity(), listed.GetConsents()[1].GetIdentity())
	require.Equal(t, declined, listed.GetConsents()[1].GetDecision())
	_, err = s.as("consent-nobody").recordings.ListConsents(t.Context(), &anteroomv1.ListConsentsRequest{Meeting: meeting})
	requireReason(t, "meeting_not_found", connect.CodeNotFound, err)
	require.NoError(t, decide(guest, pass.GetTicket(), given), "the last word counts")
	req.DespiteDeclined, req.Mode = false, screen
	_, err = owner.recordings.StartRecording(t.Context(), req)
	require.NoError(t, err)
}

func (s *studio) processing(t *testing.T) {
	s = s.in(t)
	owner := s.as("processing")
	_, rec := s.saved(owner)
	report := func(processor string, status anteroomv1.ProcessingStatus) (*anteroomv1.Recording, error) {
		got, err := owner.recordings.ReportProcessing(t.Context(), &anteroomv1.ReportProcessingRequest{
			Recording: rec.GetId(), Processor: processor, Status: status, Url: "https://example.org/" + processor,
		})
		return got.GetRecording(), err
	}
	_, err := report("summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_RUNNING)
	require.NoError(t, err)
	got, err := report("summary", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	require.NoError(t, err)
	require.Len(t, got.GetProcessing(), 1)
	require.Equal(t, anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE, got.GetProcessing()[0].GetStatus())
	require.Equal(t, "https://example.org/summary", got.GetProcessing()[0].GetUrl())
	require.Equal(t, completed, got.GetStatus(), "what is done with it is no status")
	for n := range 19 {
		_, err := report("p"+strconv.Itoa(n), anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
		require.NoError(t, err)
	}
	_, err = report("one-too-many", anteroomv1.ProcessingStatus_PROCESSING_STATUS_DONE)
	requireReason(t, "processing_full", connect.CodeResourceExhausted, err)
}

func (s *studio) watched(t *testing.T) {
	s = s.in(t)
	owner := s.as("watched")
	room, leave := s.occupied(owner)
	defer leave()
	stream := s.watch(owner, room.GetId())
	require.NotNil(t, stream.next().GetSnapshot())
	rec := s.record(owner, room, audio)
	told := func(want anteroomv1.RecordingStatus) *anteroomv1.RecordingChanged {
		t.Helper()
		got := stream.next().GetNotice().GetRecordingChanged()
		require.Equal(t, want, got.GetStatus())
		require.Equal(t, rec.GetId(), got.GetRecordingId())
		return got
	}
	told(starting)
	begun := told(active)
	require.Equal(t, begun.GetStartTime().AsTime().Add(time.Hour), begun.GetLimitTime().AsTime())
	s.stop(owner, rec.GetId())
	told(stopping)
	told(completed)
	await(t, recordingLimit, "those in the room are told", func() bool {
		says := s.fake.RoomMetadata(room.GetId())
		return strings.Contains(says, rec.GetId()) && strings.Contains(says, `"status":"completed"`)
	})
	require.Equal(t, rec.GetId(), stream.next().GetNotice().GetRecordingAvailable().GetRecordingId())
}
