package livekittest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/rpc"
	"github.com/livekit/psrpc"
	"github.com/redis/go-redis/v9"

	"github.com/anteroom-dev/anteroom/internal/video/videotest"
)

// lateAnswer is how long an answer takes that comes late.
const lateAnswer = 20 * time.Second

// EgressStandIn stands in for LiveKit's recorder, which needs a browser and
// GStreamer: it takes the place of livekit-egress at a real livekit-server, speaks
// its internal calls over the server's Redis, reports as it does, and writes real
// files, though always with the same second of sound. It does not enter the room.
// API, records and webhooks are livekit-server's own.
type EgressStandIn struct {
	upload func(s3 *livekit.S3Upload, key string, content []byte) error
	redis  *redis.Client
	bus    psrpc.MessageBus
	server rpc.EgressInternalServer
	io     rpc.IOInfoClient
	closed chan struct{}
	work   sync.WaitGroup

	mu       sync.Mutex
	scenario videotest.Scenario
	older    bool
	captures map[string]*standInCapture
}

// StartEgressStandIn runs one until the test ends, for the LiveKit with this Redis.
func StartEgressStandIn(t testing.TB, redisAddr string) *EgressStandIn {
	t.Helper()
	s, err := NewEgressStandIn(redisAddr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

// NewEgressStandIn runs one until Stop, for the LiveKit with this Redis.
func NewEgressStandIn(redisAddr string) (*EgressStandIn, error) {
	client := redis.NewClient(&redis.Options{Addr: redisAddr})
	s := &EgressStandIn{
		redis:    client,
		bus:      psrpc.NewRedisMessageBus(client),
		closed:   make(chan struct{}),
		captures: map[string]*standInCapture{},
	}
	if err := s.register(); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// register makes it known to LiveKit. What it began before an error is for Stop to
// end.
func (s *EgressStandIn) register() (err error) {
	if s.io, err = rpc.NewIOInfoClient(s.bus); err != nil {
		return err
	}
	if s.server, err = rpc.NewEgressInternalServer(s, s.bus); err != nil {
		return err
	}
	return s.server.RegisterStartEgressTopic("")
}

// Play has the captures that start from now on go this way. Until it is called
// they complete.
func (s *EgressStandIn) Play(scenario videotest.Scenario) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scenario = scenario
}

// Age makes it a recorder from before the unified call, or of today again.
func (s *EgressStandIn) Age(older bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.older = older
}

// Upload says how files get into buckets. Without it captures into buckets fail.
// It is called before the first capture.
func (s *EgressStandIn) Upload(upload func(s3 *livekit.S3Upload, key string, content []byte) error) {
	s.upload = upload
}

// Close ends a capture as if everybody had left the room.
func (s *EgressStandIn) Close(egressID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.captures[egressID]; c != nil {
		c.end("Source closed")
	}
}

// Begin lets a capture of videotest.StaysStarting become active, and complete when
// it is stopped.
func (s *EgressStandIn) Begin(egressID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.captures[egressID]; c != nil {
		c.begin()
	}
}

// Capture is what the stand-in knows of an egress, its request included, nil of one
// that it does not do. Secrets are removed, as a recorder does when it repeats them.
func (s *EgressStandIn) Capture(egressID string) *livekit.EgressInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.captures[egressID]; c != nil {
		return c.report()
	}
	return nil
}

// Stop ends it and what it captures, as a recorder's death does.
func (s *EgressStandIn) Stop() {
	close(s.closed)
	if s.server != nil {
		s.server.Kill()
	}
	s.work.Wait()
	if s.io != nil {
		s.io.Close()
	}
	_ = s.redis.Close()
}

// StartEgressAffinity offers to take a capture, or does not.
func (s *EgressStandIn) StartEgressAffinity(context.Context, *rpc.StartEgressRequest) float32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scenario == videotest.NeverAnswers {
		return -1
	}
	return 1
}

// StartEgress takes a capture, has LiveKit make its record, and answers while it
// goes on. Asked again, because it was slow, it says that it has it.
func (s *EgressStandIn) StartEgress(ctx context.Context, request *rpc.StartEgressRequest) (*livekit.EgressInfo, error) {
	c, scenario, err := s.take(request)
	if err != nil {
		return nil, err
	}
	info := c.report()
	if _, err := s.io.CreateEgress(ctx, info); err != nil {
		return nil, err
	}
	s.work.Go(func() { c.run(scenario) })
	if scenario == videotest.AnswersLate {
		select {
		case <-time.After(lateAnswer):
		case <-s.closed:
		}
	}
	return info, nil
}

func (s *EgressStandIn) take(request *rpc.StartEgressRequest) (*standInCapture, videotest.Scenario, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.captures[request.EgressId] != nil {
		return nil, 0, psrpc.NewErrorf(psrpc.AlreadyExists, "egress already exists")
	}
	c, err := newCapture(s, request)
	if err != nil || s.older && request.GetEgress() != nil {
		return nil, 0, psrpc.NewErrorf(psrpc.InvalidArgument, "request has missing or invalid field: request")
	}
	s.captures[request.EgressId] = c
	return c, s.scenario, nil
}

// ListActiveEgress is for LiveKit's other recorders.
func (s *EgressStandIn) ListActiveEgress(context.Context, *rpc.ListActiveEgressRequest) (*rpc.ListActiveEgressResponse, error) {
	return &rpc.ListActiveEgressResponse{}, nil
}
