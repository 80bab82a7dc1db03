package livekittest

import (
	"context"
	_ "embed"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/livekit/protocol/egress"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"google.golang.org/protobuf/proto"

	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// A second of a tone, in 440 Hz; the MP4 has a picture as well.
var (
	//go:embed media/second.ogg
	secondOGG []byte
	//go:embed media/second.mp4
	secondMP4 []byte
)

// reportTime is how long LiveKit may take for a report.
const reportTime = 10 * time.Second

// errNotDone: calls that no test needs.
var errNotDone = psrpc.NewErrorf(psrpc.Unimplemented, "the stand-in does not do this")

// standInCapture is one capture of an EgressStandIn.
type standInCapture struct {
	standIn *EgressStandIn
	to      target
	begun   chan struct{} // closed when one that stays starting may become active
	begin   func()
	ended   chan string // gets why it ends, once
	once    sync.Once

	mu   sync.Mutex
	info *livekit.EgressInfo
}

// newCapture fails when it finds no file in the request.
func newCapture(s *EgressStandIn, request *rpc.StartEgressRequest) (*standInCapture, error) {
	to, ok := targetOf(request)
	if !ok {
		return nil, errors.New("no file is asked for")
	}
	now := time.Now().UnixNano()
	info := &livekit.EgressInfo{
		EgressId: request.EgressId, RoomId: request.RoomId, RoomName: to.room, StartedAt: now, UpdatedAt: now,
		FileResults: []*livekit.FileInfo{{Filename: to.path}},
	}
	repeat(proto.Clone(request).(*rpc.StartEgressRequest), info)
	c := &standInCapture{standIn: s, to: to, info: info, begun: make(chan struct{}), ended: make(chan string, 1)}
	c.begin = sync.OnceFunc(func() { close(c.begun) })
	return c, nil
}

// run plays the capture to its end.
func (c *standInCapture) run(scenario videotest.Scenario) {
	switch scenario {
	case videotest.StaysStarting:
		select {
		case <-c.begun:
		case <-c.standIn.closed:
			return
		}
	case videotest.Fails:
		c.finish(livekit.EgressStatus_EGRESS_FAILED, "Start signal not received")
		return
	case videotest.Aborts:
		c.finish(livekit.EgressStatus_EGRESS_ABORTED, "Start signal not received")
		return
	case videotest.Dies:
		c.tell(func(info *livekit.EgressInfo) { c.activate(info) })
		return
	}
	handler, err := rpc.NewEgressHandlerServer(c, c.standIn.bus)
	if err != nil {
		c.finish(livekit.EgressStatus_EGRESS_FAILED, err.Error())
		return
	}
	defer handler.Kill()
	if err := handler.RegisterStopEgressTopic(c.info.EgressId); err != nil {
		c.finish(livekit.EgressStatus_EGRESS_FAILED, err.Error())
		return
	}
	c.tell(func(info *livekit.EgressInfo) { c.activate(info) })
	if scenario == videotest.ReachesLimit {
		c.save(livekit.EgressStatus_EGRESS_LIMIT_REACHED, "Session limit reached", c.tell)
		return
	}
	var why string
	select {
	case why = <-c.ended:
	case <-c.standIn.closed:
		return
	}
	c.tell(func(info *livekit.EgressInfo) {
		info.Status, info.Details = livekit.EgressStatus_EGRESS_ENDING, "End reason: "+why
	})
	tell := c.tell
	if scenario == videotest.EndsUnheard {
		tell = c.keepUntold
	}
	c.save(livekit.EgressStatus_EGRESS_COMPLETE, "", tell)
}

func (c *standInCapture) activate(info *livekit.EgressInfo) {
	info.Status, info.StartedAt = livekit.EgressStatus_EGRESS_ACTIVE, time.Now().UnixNano()
	info.FileResults[0].StartedAt = info.StartedAt
}

// finish tells of an end without a file.
func (c *standInCapture) finish(status livekit.EgressStatus, why string) {
	c.tell(func(info *livekit.EgressInfo) {
		info.Status, info.Error, info.EndedAt = status, why, time.Now().UnixNano()
	})
}

// save writes the file, and only then tells of the end.
func (c *standInCapture) save(status livekit.EgressStatus, why string, tell func(func(*livekit.EgressInfo))) {
	content := secondOGG
	if filepath.Ext(c.to.path) == ".mp4" {
		content = secondMP4
	}
	location, err := c.put(content)
	if err != nil {
		c.finish(livekit.EgressStatus_EGRESS_FAILED, err.Error())
		return
	}
	tell(func(info *livekit.EgressInfo) {
		info.Status, info.Error, info.EndedAt = status, why, time.Now().UnixNano()
		file := info.FileResults[0]
		file.EndedAt, file.Size, file.Location = info.EndedAt, int64(len(content)), location
		file.Duration = file.EndedAt - file.StartedAt
	})
}

func (c *standInCapture) put(content []byte) (location string, err error) {
	if s3 := c.to.s3; s3 != nil {
		if c.standIn.upload == nil {
			return "", errors.New("S3 upload failed: the stand-in has no way to upload")
		}
		return s3.Endpoint + "/" + s3.Bucket + "/" + c.to.path, c.standIn.upload(s3, c.to.path, content)
	}
	if !filepath.IsAbs(c.to.path) {
		return "", errors.New("the stand-in has no folder for relative paths")
	}
	if err := os.MkdirAll(filepath.Dir(c.to.path), 0o755); err != nil {
		return "", err
	}
	return c.to.path, os.WriteFile(c.to.path, content, 0o600)
}

// tell changes the record and reports it to LiveKit, which tells of it.
func (c *standInCapture) tell(change func(*livekit.EgressInfo)) {
	ctx, cancel := context.WithTimeout(context.Background(), reportTime)
	defer cancel()
	// A LiveKit that is away hears of the next change, as of a real recorder's.
	_, _ = c.standIn.io.UpdateEgress(ctx, c.change(change))
}

// keepUntold changes the record in LiveKit's store behind its back.
func (c *standInCapture) keepUntold(change func(*livekit.EgressInfo)) {
	ctx, cancel := context.WithTimeout(context.Background(), reportTime)
	defer cancel()
	if value, err := proto.Marshal(c.change(change)); err == nil {
		_ = c.standIn.redis.HSet(ctx, "egress", c.info.EgressId, value).Err()
	}
}

func (c *standInCapture) change(change func(*livekit.EgressInfo)) *livekit.EgressInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c.info)
	c.info.UpdatedAt = time.Now().UnixNano()
	return proto.Clone(c.info).(*livekit.EgressInfo)
}

func (c *standInCapture) report() *livekit.EgressInfo {
	c.mu.Lock()
	defer c.mu.Unlock()
	return proto.Clone(c.info).(*livekit.EgressInfo)
}

func (c *standInCapture) end(why string) {
	c.once.Do(func() { c.ended <- why })
}

// StopEgress has the capture end.
func (c *standInCapture) StopEgress(context.Context, *livekit.StopEgressRequest) (*livekit.EgressInfo, error) {
	c.end("StopEgress API")
	return c.report(), nil
}

// UpdateEgress is not done.
func (c *standInCapture) UpdateEgress(context.Context, *livekit.UpdateEgressRequest) (*livekit.EgressInfo, error) {
	return nil, errNotDone
}

// UpdateStream is not done.
func (c *standInCapture) UpdateStream(context.Context, *livekit.UpdateStreamRequest) (*livekit.EgressInfo, error) {
	return nil, errNotDone
}

// target is where a capture goes.
type target struct {
	room, path string
	s3         *livekit.S3Upload // nil for a file of this machine
}

// targetOf reads the requests that Anteroom makes.
func targetOf(request *rpc.StartEgressRequest) (target, bool) {
	switch r := request.Request.(type) {
	case *rpc.StartEgressRequest_Egress:
		for _, output := range r.Egress.Outputs {
			return target{r.Egress.RoomName, output.GetFile().GetFilepath(), r.Egress.GetStorage().GetS3()}, true
		}
	case *rpc.StartEgressRequest_RoomComposite:
		return encodedTarget(r.RoomComposite.RoomName, r.RoomComposite.FileOutputs)
	case *rpc.StartEgressRequest_TrackComposite:
		return encodedTarget(r.TrackComposite.RoomName, r.TrackComposite.FileOutputs)
	case *rpc.StartEgressRequest_Track:
		file := r.Track.GetFile()
		return target{r.Track.RoomName, file.GetFilepath(), file.GetS3()}, file != nil
	}
	return target{}, false
}

func encodedTarget(room string, outputs []*livekit.EncodedFileOutput) (target, bool) {
	for _, output := range outputs {
		return target{room, output.Filepath, output.GetS3()}, true
	}
	return target{}, false
}

// repeat puts the request into what is told of the capture, without secrets.
func repeat(request *rpc.StartEgressRequest, info *livekit.EgressInfo) {
	switch r := request.Request.(type) {
	case *rpc.StartEgressRequest_Egress:
		egress.RedactStartEgressRequest(r.Egress)
		info.Request = &livekit.EgressInfo_Egress{Egress: r.Egress}
	case *rpc.StartEgressRequest_RoomComposite:
		egress.RedactEncodedOutputs(r.RoomComposite)
		info.Request = &livekit.EgressInfo_RoomComposite{RoomComposite: r.RoomComposite}
	case *rpc.StartEgressRequest_TrackComposite:
		egress.RedactEncodedOutputs(r.TrackComposite)
		info.Request = &livekit.EgressInfo_TrackComposite{TrackComposite: r.TrackComposite}
	case *rpc.StartEgressRequest_Track:
		egress.RedactDirectOutputs(r.Track)
		info.Request = &livekit.EgressInfo_Track{Track: r.Track}
	}
}
