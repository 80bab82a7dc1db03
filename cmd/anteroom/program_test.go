package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"

	anteroomv1 "github.com/anteroom-dev/anteroom/gen/go/anteroom/v1"
	"github.com/anteroom-dev/anteroom/gen/go/anteroom/v1/anteroomv1connect"
	"github.com/anteroom-dev/anteroom/internal/auth"
	"github.com/anteroom-dev/anteroom/internal/db"
	"github.com/anteroom-dev/anteroom/internal/db/dbtest"
	"github.com/anteroom-dev/anteroom/internal/recording"
	"github.com/anteroom-dev/anteroom/internal/sip"
	"github.com/anteroom-dev/anteroom/internal/storage"
	"github.com/anteroom-dev/anteroom/internal/video"
	"github.com/anteroom-dev/anteroom/internal/video/livekit"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/embedded"
	"github.com/anteroom-dev/anteroom/internal/video/livekit/livekittest"
)

// asProgram makes this test binary be the program, so that tests can start and
// kill the real thing: with "1" what the command line says, else what serve is
// told.
const asProgram = "ANTEROOM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asBot) != "" {
		beBot()
		return
	}
	if args := os.Getenv(serveArgs); args != "" {
		beCommand(args)
		return
	}
	switch as := os.Getenv(asProgram); as {
	case "":
		dbtest.Main(m)
	case "1":
		main()
	default:
		if err := serve(as); err != nil {
			fmt.Fprintln(os.Stderr, "anteroom:", err)
			os.Exit(1)
		}
	}
}

// testSecret signs the tokens of those who speak to the program.
var testSecret = []byte("a secret for the tests of the program")

// configFor is how the program runs in tests.
func configFor(s served, log io.Writer) Config {
	clock := clockwork.NewRealClock()
	secret := []byte("thirty-two bytes, none of them r.")
	keys, err := storage.ParseTemplate(storage.DefaultTemplate, "")
	if err != nil {
		panic(err)
	}
	c := Config{
		DatabaseURL: s.DatabaseURL, Secret: secret, Provider: video.LiveKit,
		Storage:   storage.Config{URL: "file://" + s.Files, ArchiveURL: s.Archive, PublicURL: s.URL, Secret: secret, Clock: clock},
		Recording: recording.Config{MaxDuration: time.Hour, Keys: keys},
		LiveKit: livekit.Config{
			InternalURL: s.LiveKitURL, PublicURL: s.PublicURL,
			APIKey: livekittest.APIKey, APISecret: livekittest.APISecret, Store: livekit.Store{Dir: s.Files},
		},
		Telephony: sip.Config{On: true, PinLength: 10, Numbers: []sip.Number{{E164: "+33199001234", Country: "FR", Label: "Paris"}}},
		Verifiers: []auth.Verifier{auth.NewDevTokens(testSecret, clock)}, Clock: clock,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}
	if s.MailServer != "" {
		post(&c, s.MailServer)
	}
	return c
}

// program is Anteroom wired as it runs, beside a real LiveKit. Its calls to
// LiveKit, and LiveKit's webhooks, go through proxies that count them and can refuse.
type program struct {
	t      *testing.T
	app    *app   // nil when it is processes of its own
	db     *db.DB // theirs then
	url    string
	tokens *auth.DevTokens
	server *embedded.Server
	proxy  *countingProxy
	hooks  *countingProxy
	log    *lockedBuffer
	files  string             // the folder in which recordings are
	stop   context.CancelFunc // asks the program to end

	onTheWay *atomic.Int64 // webhooks of a fake
}

// lockedBuffer is a log that tests read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// onEach runs a test against the program on each database.
func onEach(t *testing.T, test func(t *testing.T, p *program), change ...func(*Config)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, start(t, dbtest.SQLiteURL(t), change...)) })
	t.Run("postgres", func(t *testing.T) { test(t, start(t, dbtest.PostgresURL(t), change...)) })
}

// start runs the program until the test ends.
func start(t *testing.T, databaseURL string, change ...func(*Config)) *program {
	t.Helper()
	p, listener := newProgram(t)
	p.hooks = startProxy(t, p.url)
	p.server = livekittest.Start(t, p.hooks.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure)
	p.proxy = startProxy(t, p.server.URL())
	c := configFor(served{DatabaseURL: databaseURL, LiveKitURL: p.proxy.url, PublicURL: p.server.WSURL(), URL: p.url, Files: p.files}, p.log)
	for _, f := range change {
		f(&c)
	}
	var err error
	p.app, err = build(t.Context(), c)
	require.NoError(t, err)
	p.run(listener)
	return p
}

// newProgram is one that is not wired yet, and where it will listen.
func newProgram(t *testing.T) (*program, net.Listener) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return &program{
		t: t, url: "http://" + listener.Addr().String(), log: &lockedBuffer{}, files: t.TempDir(),
		tokens: auth.NewDevTokens(testSecret, clockwork.NewRealClock()),
	}, listener
}

// openStore opens the store of a program that a test wires by itself, which
// closes it; nil where none is configured.
func openStore(t *testing.T, c Config) storage.Store {
	t.Helper()
	if c.Storage.URL == "" {
		return nil
	}
	store, err := storage.Open(t.Context(), c.Storage)
	require.NoError(t, err)
	return store
}

// run serves until the test ends.
func (p *program) run(listener net.Listener) {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	ended := make(chan error, 1)
	go func() { ended <- p.app.run(ctx, listener, func() error { return nil }) }()
	p.t.Cleanup(func() {
		stop()
		require.NoError(p.t, <-ended)
		if p.t.Failed() {
			p.t.Logf("log:\n%s", p.log)
		}
	})
}

// client speaks as somebody; the empty subject is a guest.
type client struct {
	anteroomv1connect.RoomServiceClient
	sip        anteroomv1connect.SipServiceClient
	users      anteroomv1connect.UserServiceClient
	meetings   anteroomv1connect.MeetingServiceClient
	recordings anteroomv1connect.RecordingServiceClient
	events     anteroomv1connect.WebhookServiceClient
}

func (p *program) as(subject string, options ...connect.ClientOption) client {
	p.t.Helper()
	return p.with(p.token(auth.Identity{Subject: subject, Email: subject + "@example.org", FullName: subject}), options...)
}

func (p *program) operator(options ...connect.ClientOption) client {
	p.t.Helper()
	return p.with(p.token(auth.Identity{Subject: "operator", Email: "operator@example.org", Operator: true}), options...)
}

func (p *program) guest() client { return p.with("") }

func (p *program) token(id auth.Identity) string {
	p.t.Helper()
	token, err := p.tokens.Issue(id)
	require.NoError(p.t, err)
	return token
}

func (p *program) with(token string, options ...connect.ClientOption) client {
	h := &http.Client{Transport: bearer{token, http.DefaultTransport}}
	return client{
		anteroomv1connect.NewRoomServiceClient(h, p.url, options...),
		anteroomv1connect.NewSipServiceClient(h, p.url, options...),
		anteroomv1connect.NewUserServiceClient(h, p.url, options...),
		anteroomv1connect.NewMeetingServiceClient(h, p.url, options...),
		anteroomv1connect.NewRecordingServiceClient(h, p.url, options...),
		anteroomv1connect.NewWebhookServiceClient(h, p.url, options...),
	}
}

type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.token != "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+b.token)
	}
	return b.next.RoundTrip(r)
}

// room makes one.
func (p *program) room(c client, level anteroomv1.AccessLevel, change ...func(*anteroomv1.CreateRoomRequest)) *anteroomv1.Room {
	p.t.Helper()
	req := &anteroomv1.CreateRoomRequest{Name: "Weekly", AccessLevel: level}
	for _, f := range change {
		f(req)
	}
	resp, err := c.CreateRoom(p.t.Context(), req)
	require.NoError(p.t, err)
	return resp.GetRoom()
}

// join asks for a pass.
func (p *program) join(c client, room string) *anteroomv1.Pass {
	p.t.Helper()
	resp, err := c.JoinRoom(p.t.Context(), &anteroomv1.JoinRoomRequest{Room: room})
	require.NoError(p.t, err)
	return resp.GetPass()
}

// bot joins the media room with a pass, and gives what makes it leave.
func (p *program) bot(pass *anteroomv1.Pass) (leave func()) {
	p.t.Helper()
	return livekittest.Join(p.t, video.Pass{ServerURL: pass.GetServerUrl(), Token: pass.GetToken()})
}

// rules asks LiveKit itself.
func (p *program) rules() []video.Rule {
	p.t.Helper()
	rules, err := livekittest.Provider(p.t, p.server).ListRules(p.t.Context())
	require.NoError(p.t, err)
	return rules
}

func (p *program) idle() {
	p.t.Helper()
	if p.app == nil { // it is processes of its own
		awaitIdle(p.t, p.db)
		return
	}
	if p.onTheWay != nil {
		await(p.t, settleLimit, "every webhook has come", func() bool { return p.onTheWay.Load() == 0 })
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 2*time.Minute)
	defer cancel()
	require.NoError(p.t, p.app.jobs.Idle(ctx))
}

// reason is the machine-readable reason of a refusal.
func reason(err error) string {
	for _, d := range asConnect(err).Details() {
		if v, err := d.Value(); err == nil {
			if info, ok := v.(*errdetails.ErrorInfo); ok {
				return info.GetReason()
			}
		}
	}
	return ""
}

func asConnect(err error) *connect.Error {
	if e, ok := err.(*connect.Error); ok { //nolint:errorlint // clients give it bare
		return e
	}
	return connect.NewError(connect.CodeUnknown, err)
}

func requireReason(t *testing.T, want string, code connect.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, reason(err), "%v", err)
	require.Equal(t, code, connect.CodeOf(err), "%v", err)
}

// await asks until the answer is yes, at short intervals: what happens at
// LiveKit tells nobody but its webhooks.
func await(t *testing.T, limit time.Duration, what string, done func() bool) time.Duration {
	t.Helper()
	begin := time.Now()
	for !done() {
		require.Less(t, time.Since(begin), limit, what)
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begin)
}

// countingProxy stands before an HTTP server.
type countingProxy struct {
	url     string
	mu      sync.Mutex
	target  *url.URL
	counts  map[string]int
	refuses bool
	loses   bool
	rules   *rulesWatch
}

func startProxy(t *testing.T, target string) *countingProxy {
	t.Helper()
	p := &countingProxy{counts: map[string]int{}, rules: &rulesWatch{busy: map[string]bool{}, rooms: map[string]string{}}}
	p.leadTo(t, target)
	reverse := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			p.mu.Lock()
			defer p.mu.Unlock()
			r.SetURL(p.target)
		},
		Transport: p.rules,
		ErrorLog:  slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch refuses, loses := p.count(r.URL.Path); {
		case refuses:
			panic(http.ErrAbortHandler)
		case loses:
			w.WriteHeader(http.StatusGone)
		default:
			reverse.ServeHTTP(w, r)
		}
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	p.url = "http://" + l.Addr().String()
	return p
}

// leadTo changes where the proxy leads.
func (p *countingProxy) leadTo(t *testing.T, target string) {
	t.Helper()
	to, err := url.Parse(target)
	require.NoError(t, err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = to
}

// count notes a call, and says whether it is to be refused or lost.
func (p *countingProxy) count(path string) (refuses, loses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[path[strings.LastIndex(path, "/")+1:]]++
	return p.refuses, p.loses
}

func (p *countingProxy) calls(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[method]
}

func (p *countingProxy) total() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.counts {
		n += c
	}
	return n
}

func (p *countingProxy) refuse(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses = yes
}

// lose answers with an error after which nobody tries again, as LiveKit does not
// after any 4xx.
func (p *countingProxy) lose(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loses = yes
}

// post sends a webhook as LiveKit does.
func (p *program) post(body []byte, header http.Header) (status int, answer string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+anteroomv1connect.WebhookServiceReceiveLiveKitProcedure, bytes.NewReader(body))
	require.NoError(p.t, err)
	req.Header = header
	resp, err := http.DefaultClient.Do(req)
	require.NoError(p.t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, string(text)
}

func (p *program) postSigned(body []byte) (status int, answer string) {
	p.t.Helper()
	return p.post(body, livekittest.Sign(body, livekittest.APIKey, livekittest.APISecret))
}
