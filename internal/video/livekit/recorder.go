package livekit

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/anteroom-dev/anteroom/internal/video"
)

// DefaultStartTimeout is how long the start of a capture may take. Without a
// recorder LiveKit says so after about 23 s.
const DefaultStartTimeout = 30 * time.Second

// maxEgressPages bounds a list whose pages do not end.
const maxEgressPages = 1000

// mode is what the recorder is asked for one of video's modes.
type mode interface {
	// ask says in the unified call what is captured, and how it is encoded.
	ask(request *livekit.StartEgressRequest, r video.CaptureRequest)
	// askOlder is the call of servers and recorders without the unified one.
	askOlder(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error)
}

// olderFirst is a mode whose older call does what the unified one does not.
type olderFirst interface{ olderFirst() }

var modes = map[video.CaptureMode]mode{
	video.Screen:      screen{},
	video.Audio:       audio{},
	video.OnePerson:   participant{},
	video.SingleTrack: track{},
}

var encodings = map[video.FileType]livekit.EncodedFileType{
	video.MP4: livekit.EncodedFileType_MP4,
	video.OGG: livekit.EncodedFileType_OGG,
}

// StartCapture asks by the unified call, and by an older one who does not know it; of
// some modes the other way round.
func (p *Provider) StartCapture(ctx context.Context, r video.CaptureRequest) (video.Egress, error) {
	if err := r.Check(); err != nil {
		return video.Egress{}, err
	}
	mode := modes[r.Mode]
	first, second := unified, mode.askOlder
	if _, older := mode.(olderFirst); older {
		first, second = second, first
	}
	info, err := first(ctx, p, r)
	if isUnknown(err) {
		info, err = second(ctx, p, r)
	}
	if err != nil {
		return video.Egress{}, notStarted(err)
	}
	return *p.egressOf(info), nil
}

// unified asks by the call of all modes.
func unified(ctx context.Context, p *Provider, r video.CaptureRequest) (*livekit.EgressInfo, error) {
	request := &livekit.StartEgressRequest{
		RoomName: r.RoomName,
		Outputs: []*livekit.Output{{Config: &livekit.Output_File{File: &livekit.FileOutput{
			FileType: encodings[r.Type()], Filepath: p.store.filePath(r.Path), DisableManifest: true,
		}}}},
		Storage: p.store.config(),
	}
	modes[r.Mode].ask(request, r)
	return start(ctx, p, "StartEgress", p.egress.StartEgress, request)
}

// start asks for a capture, which takes longer than other calls.
func start[Request, Response any](ctx context.Context, p *Provider, method string,
	do func(context.Context, Request) (Response, error), request Request,
) (Response, error) {
	return callWithin(ctx, p, p.startTimeout, method, do, request)
}

// isUnknown tells that a server, or a recorder behind a newer server, does not know
// the unified call. Such a recorder finds no request in it.
func isUnknown(err error) bool {
	switch codeOf(err) {
	case twirp.Unimplemented, twirp.BadRoute:
		return true
	case twirp.InvalidArgument:
		return strings.HasSuffix(err.Error(), "invalid field: request")
	}
	return false
}

// refusals are what a person is told of the codes by which nothing was started.
var refusals = map[twirp.ErrorCode]string{
	twirp.NotFound:           "there is nobody in the room who could be recorded",
	twirp.ResourceExhausted:  "all recorders are busy",
	twirp.InvalidArgument:    "the recorder does not take what it was asked for",
	twirp.FailedPrecondition: "the recorder cannot record this now",
	twirp.PermissionDenied:   "the video provider does not let us record",
	twirp.Unauthenticated:    "the video provider does not let us record",
}

// notStarted says for a person why there is no capture, where that is certain.
// LiveKit asks a slow recorder again, who then says that the capture exists.
func notStarted(err error) error {
	var said twirp.Error
	switch code := codeOf(err); {
	case isNoResponse(err):
		return video.ErrNoRecorder.Because(err)
	case code == twirp.AlreadyExists && errors.As(err, &said):
		return video.ErrUnavailable.Because(said) // and not because of a refusal
	case refusals[code] != "":
		return video.ErrRefused.Saying(refusals[code]).Because(err)
	}
	return err
}

// noResponse is what LiveKit says, within a code that proxies say too, when none
// of its nodes answers for a participant, or no recorder for a capture.
const noResponse = "no response from servers"

// isNoResponse tells LiveKit's own answer that nobody responds from others' 503.
func isNoResponse(err error) bool {
	var t twirp.Error
	return errors.As(err, &t) && t.Code() == twirp.Unavailable && strings.Contains(t.Msg(), noResponse)
}

// StopCapture asks the recorder by way of LiveKit. Of one that did not take it
// LiveKit does not say why, so its status decides.
func (p *Provider) StopCapture(ctx context.Context, egressID string) error {
	_, err := call(ctx, p, "StopEgress", p.egress.StopEgress, &livekit.StopEgressRequest{EgressId: egressID})
	if err == nil || codeOf(err) == twirp.NotFound || codeOf(err) == twirp.FailedPrecondition {
		return nil
	}
	known, listErr := p.captures(ctx, &livekit.ListEgressRequest{EgressId: egressID}, nil)
	switch {
	case listErr != nil && codeOf(listErr) == twirp.NotFound:
		return nil
	case listErr != nil || len(known) == 0:
		return err
	case known[0].Status.Ended():
		return nil
	case known[0].Status == video.Starting:
		return video.ErrTooEarly.Because(err)
	}
	return err
}

// ListCaptures lists those at work and those that ended within a day.
func (p *Provider) ListCaptures(ctx context.Context, roomName string) ([]video.Egress, error) {
	return p.captures(ctx, &livekit.ListEgressRequest{RoomName: roomName}, nil)
}

// captures lists page by page, and counts the pages unless asked is nil.
func (p *Provider) captures(ctx context.Context, request *livekit.ListEgressRequest, asked func()) ([]video.Egress, error) {
	egresses := []video.Egress{}
	for range maxEgressPages {
		if asked != nil {
			asked()
		}
		response, err := call(ctx, p, "ListEgress", p.egress.ListEgress, request)
		if err != nil {
			return nil, err
		}
		for _, info := range response.Items {
			withoutNULs(egressTexts(info)...)
			egresses = append(egresses, *p.egressOf(info))
		}
		next := response.NextPageToken
		if next.GetToken() == "" || next.GetToken() == request.PageToken.GetToken() {
			break
		}
		request.PageToken = next
	}
	return egresses, nil
}
