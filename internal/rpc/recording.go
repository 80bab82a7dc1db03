package rpc

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/anteroom-dev/anteroom/ent/schema"
	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/access"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/sip"
)

type recordingService struct {
	recordings *recording.Recordings
	find       sip.FindRoom
}

// StartRecording implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) StartRecording(ctx context.Context, req *anteroomv1.StartRecordingRequest) (*anteroomv1.StartRecordingResponse, error) {
	rm, err := s.find(ctx, req.GetRoom(), access.RecordRoom)
	if err != nil {
		return nil, err
	}
	started, err := s.recordings.Start(ctx, rm, recording.NewRecording{
		Mode: recordingModes[req.GetMode()], ParticipationID: parseID(req.GetParticipant()), Title: req.GetTitle(),
		DespiteDeclined: req.GetDespiteDeclined(), RequestID: req.GetRequestId(),
	})
	if err != nil {
		return nil, err
	}
	return &anteroomv1.StartRecordingResponse{Recording: fromRecording(started)}, nil
}

// StopRecording implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) StopRecording(ctx context.Context, req *anteroomv1.StopRecordingRequest) (*anteroomv1.StopRecordingResponse, error) {
	ref, one := req.GetRoom(), uuid.Nil
	if req.GetRecording() != "" {
		one = parseID(req.GetRecording())
		roomID, err := s.recordings.RoomOf(ctx, one)
		if err != nil {
			return nil, err
		}
		ref = roomID.String()
	}
	rm, err := s.find(ctx, ref, access.RecordRoom)
	if err != nil {
		return nil, err
	}
	stopped, err := s.recordings.Stop(ctx, rm, one)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.StopRecordingResponse{}
	for _, rec := range stopped {
		resp.Recordings = append(resp.Recordings, fromRecording(rec))
	}
	return resp, nil
}

// GetRecording implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) GetRecording(ctx context.Context, req *anteroomv1.GetRecordingRequest) (*anteroomv1.GetRecordingResponse, error) {
	found, err := s.recordings.Get(ctx, parseID(req.GetRecording()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetRecordingResponse{Recording: fromRecording(found)}, nil
}

// ListRecordings implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) ListRecordings(ctx context.Context, req *anteroomv1.ListRecordingsRequest) (*anteroomv1.ListRecordingsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	recordings, more, err := s.recordings.List(ctx, req.GetRoom(), req.GetAll(), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListRecordingsResponse{}
	for _, rec := range recordings {
		resp.Recordings = append(resp.Recordings, fromRecording(rec))
		resp.NextPageToken = next(more, rec.ID)
	}
	return resp, nil
}

// DeleteRecording implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) DeleteRecording(ctx context.Context, req *anteroomv1.DeleteRecordingRequest) (*anteroomv1.DeleteRecordingResponse, error) {
	return &anteroomv1.DeleteRecordingResponse{}, s.recordings.Delete(ctx, parseID(req.GetRecording()))
}

// GrantRecordingAccess implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) GrantRecordingAccess(ctx context.Context, req *anteroomv1.GrantRecordingAccessRequest) (*anteroomv1.GrantRecordingAccessResponse, error) {
	made, err := s.recordings.Grant(ctx, parseID(req.GetRecording()), recording.Grant{
		UserID: parseID(req.GetUser()), Email: req.GetEmail(), Everyone: req.GetEveryone(),
		Role: recordingRoles[req.GetRole()], ExpireTime: toTime(req.GetExpireTime()),
	})
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GrantRecordingAccessResponse{Access: fromRecordingAccess(made)}, nil
}

// ListRecordingAccesses implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) ListRecordingAccesses(ctx context.Context, req *anteroomv1.ListRecordingAccessesRequest) (*anteroomv1.ListRecordingAccessesResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	accesses, more, err := s.recordings.ListAccesses(ctx, parseID(req.GetRecording()), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListRecordingAccessesResponse{}
	for _, a := range accesses {
		resp.Accesses = append(resp.Accesses, fromRecordingAccess(a))
		resp.NextPageToken = next(more, a.ID)
	}
	return resp, nil
}

// RevokeRecordingAccess implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) RevokeRecordingAccess(ctx context.Context, req *anteroomv1.RevokeRecordingAccessRequest) (*anteroomv1.RevokeRecordingAccessResponse, error) {
	return &anteroomv1.RevokeRecordingAccessResponse{}, s.recordings.Revoke(ctx, parseID(req.GetAccess()))
}

// GetDownloadLink implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) GetDownloadLink(ctx context.Context, req *anteroomv1.GetDownloadLinkRequest) (*anteroomv1.GetDownloadLinkResponse, error) {
	link, err := s.recordings.Link(ctx, parseID(req.GetRecording()), parseID(req.GetFile()), req.GetInline())
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetDownloadLinkResponse{Url: link.URL, ExpireTime: timestamppb.New(link.ExpireTime)}, nil
}

// SetRetention implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) SetRetention(ctx context.Context, req *anteroomv1.SetRetentionRequest) (*anteroomv1.SetRetentionResponse, error) {
	kept, err := s.recordings.Keep(ctx, parseID(req.GetRecording()), toTime(req.GetExpireTime()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.SetRetentionResponse{Recording: fromRecording(kept)}, nil
}

// GiveConsent implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) GiveConsent(ctx context.Context, req *anteroomv1.GiveConsentRequest) (*anteroomv1.GiveConsentResponse, error) {
	kept, err := s.recordings.Consent(ctx, req.GetRoom(), req.GetTicket(), decisions[req.GetDecision()])
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GiveConsentResponse{Consent: fromConsent(kept)}, nil
}

// ListConsents implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) ListConsents(ctx context.Context, req *anteroomv1.ListConsentsRequest) (*anteroomv1.ListConsentsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	consents, more, err := s.recordings.ListConsents(ctx, parseID(req.GetMeeting()), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListConsentsResponse{}
	for _, c := range consents {
		resp.Consents = append(resp.Consents, fromConsent(c))
		resp.NextPageToken = next(more, c.ID)
	}
	return resp, nil
}

// ReportProcessing implements anteroomv1connect.RecordingServiceHandler.
func (s *recordingService) ReportProcessing(ctx context.Context, req *anteroomv1.ReportProcessingRequest) (*anteroomv1.ReportProcessingResponse, error) {
	reported, err := s.recordings.Report(ctx, parseID(req.GetRecording()), schema.Processing{
		Processor: req.GetProcessor(), Status: processingStatuses[req.GetStatus()], URL: req.GetUrl(),
	})
	if err != nil {
		return nil, err
	}
	return &anteroomv1.ReportProcessingResponse{Recording: fromRecording(reported)}, nil
}
