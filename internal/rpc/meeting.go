package rpc

import (
	"context"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/internal/meeting"
)

type meetingService struct{ history *meeting.History }

// GetMeeting implements anteroomv1connect.MeetingServiceHandler.
func (s *meetingService) GetMeeting(ctx context.Context, req *anteroomv1.GetMeetingRequest) (*anteroomv1.GetMeetingResponse, error) {
	m, err := s.history.Get(ctx, parseID(req.GetMeeting()))
	if err != nil {
		return nil, err
	}
	return &anteroomv1.GetMeetingResponse{Meeting: fromMeeting(m)}, nil
}

// ListMeetings implements anteroomv1connect.MeetingServiceHandler.
func (s *meetingService) ListMeetings(ctx context.Context, req *anteroomv1.ListMeetingsRequest) (*anteroomv1.ListMeetingsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	meetings, more, err := s.history.List(ctx, meeting.Filter{
		Room: req.GetRoom(), User: req.GetUser(), From: toTime(req.GetFrom()), To: toTime(req.GetTo()),
	}, after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListMeetingsResponse{}
	for _, m := range meetings {
		resp.Meetings = append(resp.Meetings, fromMeeting(m))
		resp.NextPageToken = next(more, m.ID)
	}
	return resp, nil
}

// ListParticipants implements anteroomv1connect.MeetingServiceHandler.
func (s *meetingService) ListParticipants(ctx context.Context, req *anteroomv1.ListParticipantsRequest) (*anteroomv1.ListParticipantsResponse, error) {
	after, size, err := page(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	participants, more, err := s.history.Participants(ctx, parseID(req.GetMeeting()), after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.ListParticipantsResponse{}
	for _, p := range participants {
		resp.Participants = append(resp.Participants, fromParticipant(p))
		resp.NextPageToken = next(more, p.ID)
	}
	return resp, nil
}

// ReportQuality implements anteroomv1connect.MeetingServiceHandler.
func (s *meetingService) ReportQuality(ctx context.Context, req *anteroomv1.ReportQualityRequest) (*anteroomv1.ReportQualityResponse, error) {
	return &anteroomv1.ReportQualityResponse{}, s.history.Report(ctx, meeting.QualityReport{
		ParticipantSID: req.GetParticipantSid(), Ticket: req.GetTicket(), Sequence: req.GetSequence(),
		Samples: toSamples(req.GetSamples()), Client: toClient(req.GetClient()),
	})
}

// GetUsage implements anteroomv1connect.MeetingServiceHandler.
func (s *meetingService) GetUsage(ctx context.Context, req *anteroomv1.GetUsageRequest) (*anteroomv1.GetUsageResponse, error) {
	after, size, err := pageAfter(req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, more, err := s.history.Usage(ctx, meeting.Report{
		From: req.GetFrom().AsTime(), To: req.GetTo().AsTime(), GroupBy: usageGroups[req.GetGroupBy()],
		TimeZone: req.GetTimeZone(), Room: req.GetRoom(),
	}, after, size)
	if err != nil {
		return nil, err
	}
	resp := &anteroomv1.GetUsageResponse{}
	for _, u := range rows {
		resp.Rows = append(resp.Rows, fromUsage(req.GetGroupBy(), u))
		resp.NextPageToken = nextAfter(more, u.Key)
	}
	return resp, nil
}
